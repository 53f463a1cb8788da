import { describe, expect, it } from 'vitest';
import { Paths, pathsOf, plainPath } from '../../src/explore/paths.ts';
import type { SimProcess } from '../../src/sim/index.ts';

const ONE = { index: 1, cwd: '/' } as SimProcess;
const OTHER = { index: 2, cwd: '/home' } as SimProcess;

function begin() {
  const shared = new Set<string>();
  return { shared, paths: new Paths(shared) };
}

describe('the paths of a run', () => {
  it('are their creator’s own, until another has looked at them, before or after', () => {
    const { shared, paths } = begin();
    paths.creates(ONE, '/d/one');
    expect([paths.isOwn(ONE, '/d/one'), paths.isOwn(OTHER, '/d/one')]).toEqual([true, false]);
    expect([paths.mayCreate(OTHER, '/d/one'), paths.mayCreate(OTHER, '/d/two')]).toEqual([false, true]);
    paths.looks(OTHER, '/d/on');
    paths.looks(ONE, '/d/one');
    expect([...shared]).toEqual([]);
    paths.looks(OTHER, '/d/one');
    paths.looks(ONE, '/d/two');
    paths.creates(OTHER, '/d/two');
    expect([...shared]).toEqual(['/d/one', '/d/two']);
    expect([paths.isOwn(ONE, '/d/one'), paths.mayCreate(OTHER, '/d/two')]).toEqual([false, false]);
  });

  it('are seen by who looks below them: a file there is no directory', () => {
    const { shared, paths } = begin();
    paths.creates(ONE, '/d/one');
    paths.looks(OTHER, '/d/one/below');
    paths.looks(ONE, '/d/two/below');
    paths.creates(OTHER, '/d/two');
    expect([...shared]).toEqual(['/d/one', '/d/two']);
  });

  it('are seen by who lists their directory, if the names begin as was asked', () => {
    const { shared, paths } = begin();
    paths.creates(ONE, '/d/tmp-1');
    paths.creates(ONE, '/d/below/gen-1');
    paths.lists('/d', 'gen-');
    paths.lists('/', '');
    expect([...shared]).toEqual([]);
    paths.lists('/d', 'tm');
    paths.creates(ONE, '/d/gen-2');
    expect([...shared]).toEqual(['/d/tmp-1', '/d/gen-2']);
  });

  it('are as they were, restored', () => {
    const { shared, paths } = begin();
    const restore = paths.save();
    paths.creates(ONE, '/d/one');
    paths.looks(ONE, '/d/two');
    paths.lists('/e', '');
    restore();
    paths.looks(OTHER, '/d/one');
    paths.creates(OTHER, '/d/two');
    paths.creates(OTHER, '/e/three');
    expect([...shared]).toEqual([]);
  });

  it('are plain, or not', () => {
    const plain = (path: string) => plainPath(OTHER, path);
    expect(['/', '/a', '/a/.b', '/a/..b', 'c/d'].map(plain)).toEqual([
      '/',
      '/a',
      '/a/.b',
      '/a/..b',
      '/home/c/d',
    ]);
    expect(['//a', '/a/', '/a/.', './a', '/a/../b', '..', '', '/a//b'].map(plain)).toEqual(
      Array(8).fill(null),
    );
  });

  it('are all that an operation names', () => {
    expect(pathsOf({ op: 'link', from: '/a', to: '/b' })).toEqual(['/a', '/b']);
    expect(pathsOf({ op: 'stat', path: '/a' })).toEqual(['/a']);
    expect(pathsOf({ op: 'connect', address: { kind: 'unix', path: '/s' }, timeoutMs: 1 })).toEqual(['/s']);
    expect(pathsOf({ op: 'clock', which: 'wall' })).toEqual([]);
  });
});
