/** Builds the viewer (viewer/): one script and one style sheet, which `replay --html` embeds into its page. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { packagesIn } from './notices.mjs';

const ROOT = resolve(import.meta.dirname, '..');

/**
 * @param {string} out the folder
 * @returns {Promise<string[]>} the folders of the packages whose code is in the script
 */
export async function buildViewer(out) {
  const bundle = await rolldown({ input: join(ROOT, 'viewer/main.ts'), platform: 'browser', cwd: ROOT });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  await bundle.close();
  const script = output[0].code;
  const style = readFileSync(join(ROOT, 'viewer/style.css'), 'utf8');
  if (output.length !== 1) throw new Error(`expected the viewer to be one script, got ${output.length}`);
  // They are embedded in <script> and <style> without escaping.
  if (/<\/script|<!--/i.test(script)) throw new Error('the script would end its element');
  if (/<\//.test(style)) throw new Error('the style sheet would end its element');

  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'viewer.js'), script);
  writeFileSync(join(out, 'viewer.css'), style);
  return packagesIn(output);
}
