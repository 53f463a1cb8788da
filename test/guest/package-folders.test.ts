/** Which paths belong to the package of a program. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { PackageFolders } from '../../src/guest/package-folders.ts';
import { writeFiles } from './files.ts';

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'package-folders-')));
afterAll(() => rmSync(folder, { recursive: true }));

const PACKAGE = { 'package.json': '{}', 'src/main.js': '' };

it('leave out the repository, and what a real run has left behind', () => {
  const root = writeFiles(folder, PACKAGE);
  const folders = new PackageFolders(path.join(root, 'src/main.js'));
  const has = (name: string): boolean => folders.has(path.join(root, name));
  expect(['src/main.js', 'src', 'data/settings.json', 'node_modules/dep/index.js'].filter(has)).toHaveLength(
    4,
  );
  const left = ['daemon.pid', 'run/daemon.lock', 'daemon.sock', 'out.log', '.git/config', 'sub/.git/HEAD'];
  expect(left.filter(has)).toEqual([]);
});

it('are no more than are quickly made for each run', () => {
  const root = writeFiles(folder, PACKAGE);
  for (let at = 0; at < 40; at++) mkdirSync(path.join(root, `d${at}`));
  expect(new PackageFolders(path.join(root, 'src/main.js')).list()).toHaveLength(30);
});

it('include those of the packages that it depends on, wherever they are installed', () => {
  const dependencies = { near: '1', '@a/far': '1', absent: '1' };
  const root = writeFiles(folder, {
    'node_modules/app/package.json': JSON.stringify({ dependencies }),
    'node_modules/app/main.js': '',
    'node_modules/app/node_modules/near/index.js': '',
    'node_modules/@a/far/index.js': '',
    'node_modules/other/index.js': '',
  });
  const listed = new PackageFolders(path.join(root, 'node_modules/app/main.js')).list();
  expect(listed.map((each) => path.relative(root, each))).toEqual([
    'node_modules/app',
    'node_modules/app/node_modules/near',
    'node_modules/@a/far',
  ]);
});
