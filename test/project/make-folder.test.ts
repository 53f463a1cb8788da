import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { makeFolder } from '../../src/project/make-folder.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'one-survivor-make-folder-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('a folder and those above it, once or twice', () => {
  const path = join(folder(), 'a/b/c');
  makeFolder(path);
  makeFolder(path);
  expect(existsSync(path)).toBe(true);
});

test('what is no folder is an error', () => {
  const at = folder();
  writeFileSync(join(at, 'file'), '');
  symlinkSync('gone', join(at, 'dangling'));
  for (const path of ['file', 'file/a/b', 'dangling', 'dangling/a'])
    expect(() => makeFolder(join(at, path)), path).toThrow(/EEXIST|ENOTDIR/);
  expect(existsSync(join(at, 'gone'))).toBe(false);
});

// In a process, which can be killed if it does not return.
test.runIf(process.platform === 'linux')('a folder in /proc is an error, at once', async () => {
  const module = join(import.meta.dirname, '../../src/project/make-folder.ts');
  const tries = `
    const { makeFolder } = require('jiti').createJiti(${JSON.stringify(module)}, { fsCache: false })(${JSON.stringify(module)});
    try { makeFolder('/proc/one-survivor/x/y'); console.log('made'); } catch (error) { console.log(error.code); }`;
  const { stdout, timedOut } = await execa(process.execPath, ['-e', tries], {
    cwd: import.meta.dirname,
    timeout: 30_000,
    killSignal: 'SIGKILL',
    reject: false,
  });
  expect({ stdout, timedOut }).toEqual({ stdout: 'ENOENT', timedOut: false });
});
