// Folders that come and go while they are watched.
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { selectScenarios } from '../../src/cli/scenarios.ts';
import { FileWatcher } from '../../src/cli/watch/file-watcher.ts';
import { searchedIn } from '../../src/cli/watch/loaded-files.ts';
import { exporting, inFolder } from './folder.ts';

function watching({ files = [], trees = [] }: { files?: string[]; trees?: string[] }) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'one-survivor-watch-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string): string => join(folder, name);
  const write = (name: string, text = '1'): void => {
    mkdirSync(dirname(at(name)), { recursive: true });
    writeFileSync(at(name), text);
  };
  for (const file of files) write(file);
  const seen: string[] = [];
  const watcher = new FileWatcher((paths) => seen.push(...paths.map((path) => relative(folder, path))));
  onTestFinished(() => watcher.close());
  const begin = (): void =>
    watcher.watch({
      files: files.map(at),
      trees: trees.map(at),
      isNew: (path) => path.endsWith('.mjs'),
    });
  begin();
  /** Waits for a change of this file. */
  const says = async (name: string): Promise<void> => {
    await vi.waitFor(() => expect(seen).toContain(name), { timeout: 30_000, interval: 5 });
    seen.splice(0, seen.length, ...seen.filter((each) => each !== name));
  };
  return { at, begin, write, says, seen };
}

test('a folder is removed, and made again', async () => {
  const { at, write, says } = watching({ files: ['races/deep/a.mjs'] });
  rmSync(at('races'), { recursive: true });
  await says('races/deep/a.mjs');
  write('races/deep/a.mjs', '22');
  await says('races/deep/a.mjs');
  write('races/deep/a.mjs', '333');
  await says('races/deep/a.mjs');
});

test('a folder is replaced at once, as by git checkout', async () => {
  const { at, write, says } = watching({ files: ['races/a.mjs'] });
  for (const text of ['22', '333']) {
    rmSync(at('races'), { recursive: true });
    write('races/a.mjs', text);
    await says('races/a.mjs');
  }
  renameSync(at('races'), at('away'));
  write('races/a.mjs', '4444');
  await says('races/a.mjs');
  write('races/a.mjs', '55555');
  await says('races/a.mjs');
});

test('a folder that was not there when the watch began', async () => {
  const { at, begin, write, says } = watching({ files: ['races/a.mjs'], trees: ['more/races'] });
  rmSync(at('races'), { recursive: true });
  await says('races/a.mjs');
  begin();
  write('races/a.mjs', '22');
  await says('races/a.mjs');
  write('more/races/b.mjs');
  await says('more/races/b.mjs');
});

test('new files in new folders of a tree, but not of packages, hidden folders, or next to it', async () => {
  const { write, says, seen } = watching({ files: ['races/a.mjs'], trees: ['races'] });
  write('races/x/y/b.mjs');
  await says('races/x/y/b.mjs');
  write('races/x/y/c.mjs');
  await says('races/x/y/c.mjs');
  write('races/node_modules/p/d.mjs');
  write('races/.hidden/e.mjs');
  write('other/f.mjs');
  write('races/x/z/g.mjs');
  await says('races/x/z/g.mjs');
  expect(seen).toEqual([]);
});

test('a check reports the folders in which it looks for scenario files, also those without any', async () => {
  const folder = inFolder({ 'more/deep/a.mjs': exporting('mine/a/one') });
  const send = vi.fn();
  const before = process.send;
  vi.stubEnv('WATCH_REPORT_DEPENDENCIES', '1');
  process.send = send;
  try {
    await selectScenarios([], null, { allowNone: true });
    await selectScenarios(['more/d*/*.mjs', 'more/deep/*.mjs'], null);
  } finally {
    if (before === undefined) delete process.send;
    else process.send = before;
    vi.unstubAllEnvs();
  }
  const searched = send.mock.calls.map(([message]) => searchedIn(message)).filter((each) => each !== null);
  expect([...new Set(searched)]).toEqual(['races', 'more', 'more/deep'].map((name) => join(folder, name)));
});
