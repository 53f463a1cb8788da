/**
 * Builds the package: `node scripts/build.mjs [--out FOLDER] [--no-check]`.
 *
 * dist/ is what is published: a bundle, the declarations with maps to src/, the viewer, and the licences of what is bundled.
 * build/ has a JavaScript file for each module, for what needs single modules in a clone: mutants, scripts/ and bench/.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from './bundle.mjs';
import { finishDeclarations } from './declarations.mjs';
import { writeNotices } from './notices.mjs';
import { buildViewer } from './viewer.mjs';

const ROOT = resolve(import.meta.dirname, '..');
const TSC = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');

const { values } = parseArgs({
  options: {
    // Where both folders are made.
    out: { type: 'string', default: ROOT },
    // Types are not checked, for tests of what runs.
    'no-check': { type: 'boolean', default: false },
  },
});
const out = resolve(values.out);
const [dist, build] = ['dist', 'build'].map((folder) => join(out, folder));

for (const folder of [dist, build]) rmSync(folder, { recursive: true, force: true });
try {
  execFileSync(
    process.execPath,
    [TSC, '-p', 'tsconfig.build.json', '--outDir', build, '--declarationDir', dist].concat(
      values['no-check'] ? '--noCheck' : [],
    ),
    { cwd: ROOT, stdio: 'inherit' },
  );
} catch (error) {
  // tsc has said what is wrong.
  process.exit(error.status ?? 1);
}
const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
finishDeclarations(dist, exports);
const packages = [...(await bundle(dist)), ...(await buildViewer(join(dist, 'viewer')))];
writeNotices(join(dist, 'THIRD-PARTY.md'), packages);
chmodSync(join(dist, 'cli/main.js'), 0o755);
chmodSync(join(build, 'cli/main.js'), 0o755);
