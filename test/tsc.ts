import { execFileSync } from 'node:child_process';

/**
 * Makes JavaScript of these files and of all that they import: Node 20 knows no types. Types are not checked, so it takes
 * half a second.
 *
 * @param rootDir what the names of the files are kept below
 */
export function tsc(files: readonly string[], rootDir: string, outDir: string): void {
  execFileSync(
    process.execPath,
    [
      'node_modules/typescript/bin/tsc',
      '--ignoreConfig',
      '--noCheck',
      ...['--target', 'ES2022', '--module', 'NodeNext', '--types', 'node', '--skipLibCheck'],
      '--rewriteRelativeImportExtensions',
      ...['--rootDir', rootDir, '--outDir', outDir, ...files],
    ],
    { stdio: 'inherit' },
  );
}
