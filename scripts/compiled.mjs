/** Compiles parts of test/ with what they import, to run them in plain Node. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Compiles the files, and calls `work` with the folder of the output, which is removed afterwards.
 *
 * @param name of the folder
 * @param files below the root, without `.ts`
 */
export async function withCompiled(name, files, work) {
  // Below node_modules, so that imports are resolved.
  const cache = join(root, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const out = mkdtempSync(join(cache, `${name}-`));
  try {
    writeFileSync(join(out, 'package.json'), '{ "type": "module" }');
    const options = [
      ...['--ignoreConfig', '--noCheck', '--skipLibCheck', '--rewriteRelativeImportExtensions'],
      ...['--target', 'ES2023', '--module', 'NodeNext', '--types', 'node'],
    ];
    const inputs = files.map((file) => join(root, `${file}.ts`));
    execFileSync(
      process.execPath,
      [
        join(root, 'node_modules/typescript/bin/tsc'),
        ...options,
        ...['--rootDir', root, '--outDir', out, ...inputs],
      ],
      { stdio: 'inherit', cwd: root },
    );
    return await work(out);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** Runs a compiled file to its end. SIGINT and SIGTERM are passed on. @returns its exit code */
export async function runCompiled(file, args) {
  const child = spawn(process.execPath, [file, ...args], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
