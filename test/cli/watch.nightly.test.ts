import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { FileWatcher } from '../../src/cli/watch/file-watcher.ts';
import { project, start } from './run.ts';

const scenario = (what: string) => `
  import { scenario } from 'one-survivor';
  import { exitCode } from './code.mjs';
  export default scenario({
    id: 'a/b/${what}',
    programs: { it: async () => exitCode },
    start: [{ program: 'it' }],
    invariants: [],
  });`;

/** A check that watches, what it has printed since it was last asked, and its keyboard. */
function watching(cwd: string, ...args: string[]) {
  const ended = start(
    cwd,
    ['check', ...args, '--watch', '--runs', '1', '--no-record', '--workers', '1'],
    {},
    { stdin: 'pipe' },
  );
  onTestFinished(() => void ended.kill('SIGKILL'));
  let text = '';
  let seen = 0;
  for (const stream of [ended.stdout!, ended.stderr!]) stream.on('data', (chunk) => (text += chunk));
  return {
    ended,
    press: (keys: string) => ended.stdin!.write(keys),
    /** Waits until it says so, after everything that was waited for before. */
    says: async (pattern: RegExp): Promise<string> =>
      vi.waitFor(
        () => {
          const found = pattern.exec(text.slice(seen));
          expect(found, text).not.toBeNull();
          seen += found!.index + found![0].length;
          return found![0];
        },
        { timeout: 120_000, interval: 20 },
      ),
  };
}

test('checks again when a scenario file, or what it imports, changes; keys as in vitest', async () => {
  const cwd = project({ 'races/one.mjs': scenario('one'), 'races/code.mjs': 'export const exitCode = 0;' });
  const { ended, press, says } = watching(cwd);
  await says(/a\/b\/one +pass +✓ passed/);
  await says(/watching \d+ files: enter again · f what failed · q quit/);

  writeFileSync(join(cwd, 'races/code.mjs'), 'throw new Error("not today");');
  await says(/note: races\/code\.mjs changed/);
  await says(/cannot be loaded: not today/);
  await says(/watching/);

  // As editors write: another file is renamed.
  writeFileSync(join(cwd, 'races/.code.swp'), 'export const exitCode = 0;');
  renameSync(join(cwd, 'races/.code.swp'), join(cwd, 'races/code.mjs'));
  await says(/note: races\/code\.mjs changed/);
  await says(/✓ passed/);
  await says(/watching/);

  writeFileSync(join(cwd, 'races/two.mjs'), scenario('two'));
  await says(/note: races\/two\.mjs changed/);
  await says(/a\/b\/two +pass +✓ passed/);
  await says(/watching/);

  mkdirSync(join(cwd, 'races/deep'));
  writeFileSync(join(cwd, 'races/deep/three.mjs'), scenario('three').replace('./code', '../code'));
  await says(/note: races\/deep\/three\.mjs changed/);
  await says(/a\/b\/three +pass +✓ passed/);
  await says(/watching/);

  press('\n');
  await says(/a\/b\/two +pass +✓ passed/);
  await says(/watching/);
  press('q');
  expect((await ended).exitCode).toBe(0);
});

test('TypeScript, and the exit code of the last check', async () => {
  const cwd = project({
    'typed.ts': scenario('typed').replace('./code.mjs', './code.ts'),
    'code.ts': 'export const exitCode: number = 0;',
  });
  const { ended, press, says } = watching(cwd, 'typed.ts');
  await says(/watching/);
  writeFileSync(join(cwd, 'code.ts'), 'export const exitCode: number = Number(nothing);');
  await says(/note: code\.ts changed/);
  await says(/watching/);
  press('q');
  expect((await ended).exitCode).toBe(2);
});

test('Ctrl-C ends it', async () => {
  const { ended, says } = watching(project(), 'passes.mjs');
  await says(/watching/);
  ended.kill('SIGINT');
  expect((await ended).exitCode).toBe(130);
});

test('a change between two lists of files is not lost, and an event without a change is none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'one-survivor-watch-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [a, b] = [join(folder, 'a.mjs'), join(folder, 'b.mjs')];
  writeFileSync(a, '1');
  const changes: string[][] = [];
  const watcher = new FileWatcher((paths) =>
    changes.push(paths.map((path) => path.slice(folder.length + 1))),
  );
  onTestFinished(() => watcher.close());
  const watched = { isNew: (path: string) => path.endsWith('.mjs') };
  watcher.watch({ ...watched, files: [a] });
  writeFileSync(a, '22');
  watcher.watch({ ...watched, files: [a, b] });
  await vi.waitFor(() => expect(changes).toEqual([['a.mjs']]), { timeout: 30_000 });
  mkdirSync(join(folder, 'c'));
  writeFileSync(join(folder, 'x.txt'), '1');
  writeFileSync(b, '1');
  await vi.waitFor(() => expect(changes).toEqual([['a.mjs'], ['b.mjs']]), { timeout: 30_000 });
  rmSync(a);
  await vi.waitFor(() => expect(changes.at(-1)).toEqual(['a.mjs']), { timeout: 30_000 });
});
