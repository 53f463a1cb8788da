/**
 * Measures shrinking over all known bugs and all mutants of the protocol: `npm run build && node scripts/shrink-figures.mjs FILE [--for-s 540]
 * [--most-s 60] [--only PART]`. Each is a line of JSON in FILE; what has a line already is left out, so that it can be measured in parts.
 */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { transformSync } from '@swc/wasm-typescript';
import { protocolMutants, scenarioOf } from '../build/mutation/index.js';
import { SCENARIOS } from '../build/systems/index.js';

const ROOT = join(import.meta.dirname, '..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    // Begins no further one after this time.
    'for-s': { type: 'string', default: '540' },
    // For all single moves of one.
    'most-s': { type: 'string', default: '60' },
    only: { type: 'string', default: '' },
  },
});
const [file] = positionals;
if (file === undefined) throw new Error('name the file that the figures are added to');
const endsAt = performance.now() + Number(values['for-s']) * 1000;
const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').filter(Boolean) : [];
const done = new Set(lines.map((line) => JSON.parse(line).id));
const bugs = [
  ...SCENARIOS.filter(({ expects }) => expects === 'violation').map((scenario) => ({
    id: scenario.id,
    scenario: async () => scenario,
  })),
  ...protocolMutants().map((mutant) => ({
    id: `mutant ${mutant.name}`,
    scenario: () => scenarioOf(mutant, mutant.killedBy[0]),
  })),
].filter(({ id }) => id.includes(values.only));

const { figureOf } = await importFigures();
for (const { id, scenario } of bugs) {
  if (done.has(id)) continue;
  if (performance.now() > endsAt) break;
  let figure;
  try {
    figure = (await figureOf(id, await scenario(), Number(values['most-s']) * 1000)) ?? { id, found: false };
  } catch (error) {
    figure = { id, threw: String(error) };
  }
  appendFileSync(file, `${JSON.stringify(figure)}\n`);
  done.add(id);
}
console.log(`${bugs.filter(({ id }) => done.has(id)).length} of ${bugs.length} measured`);

/** The modules of test/check, with the compiled modules of build/. */
async function importFigures() {
  const cache = join(ROOT, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const out = mkdtempSync(join(cache, 'figures-'));
  try {
    const build = pathToFileURL(join(ROOT, 'build/')).href;
    for (const name of ['moves', 'figures']) {
      const { code } = transformSync(readFileSync(join(ROOT, `test/check/${name}.ts`), 'utf8'), {
        mode: 'strip-only',
      });
      const linked = code.replaceAll(/'\.\.\/\.\.\/src\/([^']+)\.ts'/g, (_, path) => `'${build}${path}.js'`);
      writeFileSync(join(out, `${name}.mjs`), linked.replaceAll("'./moves.ts'", "'./moves.mjs'"));
    }
    return await import(pathToFileURL(join(out, 'figures.mjs')).href);
  } finally {
    rmSync(out, { recursive: true });
  }
}
