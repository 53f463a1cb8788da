// Builds the viewer (viewer/) into a folder: one script and one style sheet, which `replay --html` puts into its page.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { rolldown } from 'rolldown';

const root = resolve(import.meta.dirname, '..');
const out = resolve(process.argv[2] ?? join(root, 'dist/viewer'));

const bundle = await rolldown({ input: join(root, 'viewer/main.ts'), platform: 'browser', cwd: root });
const { output } = await bundle.generate({ format: 'esm', minify: true });
await bundle.close();
const script = output[0].code;
const style = readFileSync(join(root, 'viewer/style.css'), 'utf8');
if (output.length !== 1) throw new Error(`the viewer is to be one script, and not ${output.length}`);
// They stand in <script> and <style> as they are.
if (/<\/script|<!--/i.test(script)) throw new Error('the script would end its element');
if (/<\//.test(style)) throw new Error('the style sheet would end its element');

mkdirSync(out, { recursive: true });
writeFileSync(join(out, 'viewer.js'), script);
writeFileSync(join(out, 'viewer.css'), style);
