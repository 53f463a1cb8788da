/** Compares the simulated machine with this one; see test/conformance/. `node scripts/conformance.mjs --runs N --seed S` */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
// Below node_modules, so that what the tests import is found.
const cache = join(root, 'node_modules', '.cache');
mkdirSync(cache, { recursive: true });
const out = mkdtempSync(join(cache, 'conformance-'));
try {
  writeFileSync(join(out, 'package.json'), '{ "type": "module" }');
  const options = [
    '--ignoreConfig',
    '--noCheck',
    '--target',
    'ES2023',
    '--module',
    'NodeNext',
    '--types',
    'node',
  ];
  execFileSync(
    process.execPath,
    [
      join(root, 'node_modules/typescript/bin/tsc'),
      ...options,
      ...['--skipLibCheck', '--rewriteRelativeImportExtensions', '--rootDir', root, '--outDir', out],
      ...['main', 'agent'].map((name) => join(root, 'test/conformance', `${name}.ts`)),
    ],
    { stdio: 'inherit', cwd: root },
  );
  execFileSync('chmod', ['-R', 'a+rX', out]);
  const main = join(out, 'test/conformance/main.js');
  const child = spawn(process.execPath, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  process.exitCode = await new Promise((resolve) => {
    child.once('exit', (code) => resolve(code ?? 1));
  });
} finally {
  rmSync(out, { recursive: true, force: true });
}
