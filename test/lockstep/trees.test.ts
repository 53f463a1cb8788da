import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Difference } from '../../src/lockstep/coordinate/difference.ts';
import { FileFaults } from '../../src/lockstep/coordinate/file-faults.ts';
import { Names } from '../../src/lockstep/coordinate/names.ts';
import { plant } from '../../src/lockstep/coordinate/plant.ts';
import { differenceOfTrees, treeOfDirectory } from '../../src/lockstep/coordinate/real-tree.ts';
import { Lines } from '../../src/lockstep/protocol.ts';
import type { EventOf, Tree } from '../../src/lockstep/script.ts';

const uid = process.getuid!();
const asRoot = (real: number): number => (real === uid ? 0 : real);

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'one-survivor-trees-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

const entry = (content: string | null, kind: Tree[string]['kind'] = 'file'): Tree[string] => ({
  ...{ kind, mode: kind === 'file' ? 0o644 : kind === 'symlink' ? 0o777 : 0o755 },
  ...{ uid: 0, gid: 0, same: '', content },
});
const tree = (entries: Record<string, Tree[string]>): Tree =>
  Object.fromEntries(
    Object.entries(entries).map(([path, each]) => [path, { ...each, same: each.same || path }]),
  );

test('files that are planted are there: content, modes, links', () => {
  const wanted = tree({
    '/state': entry(null, 'directory'),
    '/state/a': entry('\x00\xff'),
    '/state/b': { ...entry('\x00\xff'), same: '/state/a' },
    '/state/link': entry('/state/a', 'symlink'),
    '/state/near': entry('a', 'symlink'),
  });
  const names = new Names(join(folder(), 'r'), { ownPids: false, ownNetwork: false, otherUsers: uid === 0 });
  plant(wanted, names);
  const there = treeOfDirectory(names.root, asRoot);
  expect(differenceOfTrees(wanted, there)).toBeNull();
});

test.each<[string, (root: string) => void, string]>([
  ['one byte', (root) => writeFileSync(`${root}/a`, 'ab'), '/a'],
  ['a missing file', (root) => rmSync(`${root}/a`), '/a'],
  ['another file', (root) => writeFileSync(`${root}/c`, ''), '/c'],
  ['half of a file', (root) => truncateSync(`${root}/a`, 1), '/a'],
  [
    'a directory in place of a file',
    (root) => {
      rmSync(`${root}/a`);
      mkdirSync(`${root}/a`);
    },
    '/a',
  ],
  ['a second name', (root) => linkSync(`${root}/a`, `${root}/c`), '/c'],
  [
    'another target',
    (root) => {
      rmSync(`${root}/l`);
      symlinkSync('b', `${root}/l`);
    },
    '/l',
  ],
])('%s is a difference', (_, change, path) => {
  const root = join(folder(), 'r');
  const wanted = tree({ '/a': entry('aa'), '/l': entry('a', 'symlink') });
  plant(wanted, new Names(root, { ownPids: false, ownNetwork: false, otherUsers: uid === 0 }));
  expect(differenceOfTrees(wanted, treeOfDirectory(root, asRoot))).toBeNull();
  change(root);
  expect(differenceOfTrees(wanted, treeOfDirectory(root, asRoot))).toMatchObject({ path });
});

const fault = (name: string, detail: Record<string, string | number>): EventOf<'fault'> => ({
  ...{ kind: 'fault', step: 3, atMs: 0, fault: name, detail },
});

test('faults of files strike the real ones', () => {
  const root = folder();
  writeFileSync(`${root}/a`, 'abcd');
  const faults = new FileFaults(root);
  const contents = () =>
    Object.entries(treeOfDirectory(root, asRoot)).map(([at, { content }]) => `${at}=${content}`);
  expect(faults.strike(fault('roll-back-state', { does: 'keeps', under: '/' }))).toBe(true);
  faults.strike(fault('tear-state', { path: '/a', length: 2 }));
  expect(contents()).toEqual(['/a=ab']);
  faults.strike(fault('corrupt-state', { path: '/a', bytes: '\xff' }));
  expect(contents()).toEqual(['/a=\xff']);
  writeFileSync(`${root}/later`, '');
  faults.strike(fault('roll-back-state', { does: 'puts back', under: '/' }));
  expect(contents()).toEqual(['/a=abcd']);
  faults.strike(fault('lose-state', { path: '/a' }));
  expect(contents()).toEqual([]);
  expect(faults.strike(fault('kill', {}))).toBe(false);
});

test('a fault of a file that is not there is a difference', () => {
  const faults = new FileFaults(folder());
  expect(() => faults.strike(fault('lose-state', { path: '/none' }))).toThrow(Difference);
});

test('messages come in pieces', () => {
  const lines = new Lines<{ n: number }>();
  expect(lines.add('{"n":1}\n{"n"')).toEqual([{ n: 1 }]);
  expect(lines.add(':2}\n{"n":3}\n')).toEqual([{ n: 2 }, { n: 3 }]);
  expect(lines.add('')).toEqual([]);
});
