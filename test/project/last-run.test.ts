import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lastFailed, rememberFailed } from '../../src/project/last-run.ts';

const FILE = '.one-survivor/cache/last-run.json';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'one-survivor-last-run-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('those that failed stay until they are as expected', () => {
  const cwd = folder();
  rememberFailed(
    cwd,
    new Map([
      ['a', true],
      ['b', true],
      ['c', false],
    ]),
  );
  expect(lastFailed(cwd)).toEqual(['a', 'b']);
  rememberFailed(
    cwd,
    new Map([
      ['a', false],
      ['d', true],
    ]),
  );
  expect(lastFailed(cwd)).toEqual(['b', 'd']);
  rememberFailed(
    cwd,
    new Map([
      ['b', false],
      ['d', false],
    ]),
  );
  expect(lastFailed(cwd)).toEqual([]);
});

test('git ignores it, and a project in which nothing fails gets no file', () => {
  const cwd = folder();
  rememberFailed(cwd, new Map([['a', false]]));
  expect(existsSync(join(cwd, '.one-survivor'))).toBe(false);
  rememberFailed(cwd, new Map([['a', true]]));
  expect(readFileSync(join(cwd, '.one-survivor/cache/.gitignore'), 'utf8')).toBe('*\n');
});

test('a damaged file counts as none, and is replaced', () => {
  const cwd = folder();
  rememberFailed(cwd, new Map([['a', true]]));
  writeFileSync(join(cwd, FILE), '{"failed": 3');
  expect(lastFailed(cwd)).toEqual([]);
  rememberFailed(cwd, new Map([['b', true]]));
  expect(lastFailed(cwd)).toEqual(['b']);
});

test('nothing is written through a symbolic link', () => {
  const cwd = folder();
  const outside = join(cwd, 'outside');
  mkdirSync(join(cwd, '.one-survivor/cache'), { recursive: true });
  writeFileSync(outside, 'mine');
  for (const name of [FILE, '.one-survivor/cache/.gitignore']) symlinkSync(outside, join(cwd, name));
  rememberFailed(cwd, new Map([['a', true]]));
  expect(readFileSync(outside, 'utf8')).toBe('mine');
  expect(lastFailed(cwd)).toEqual(['a']);
});
