import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { OPEN } from '../../../src/ports/index.ts';
import type { Caller } from '../../../src/sim/vfs/index.ts';
import { clock, code, newCaller, newFileSystem, ok, readFile, readNames, writeFile } from './fixture.ts';
import type { PosixFileSystem } from './posix.ts';

let fs: PosixFileSystem;
let caller: Caller;

beforeEach(() => {
  fs = newFileSystem();
  fs.load({ '/w/file': 'file', '/w/other': 'other', '/w/empty': null, '/w/full/x': 'x' });
  caller = newCaller({ cwd: '/w' });
});

const stat = (path: string) => ok(fs.stat(caller, path));
const exists = (path: string) => code(fs.lstat(caller, path)) !== 'ENOENT';

describe('link', () => {
  it('gives a second name, and never takes one', () => {
    ok(fs.link(caller, 'file', 'second'));
    expect(stat('second')).toEqual(stat('file'));
    expect(stat('file').nlink).toBe(2);
    expect(code(fs.link(caller, 'file', 'other'))).toBe('EEXIST');
    expect(code(fs.link(caller, 'missing', 'third'))).toBe('ENOENT');
    ok(fs.unlink(caller, 'file'));
    expect(stat('second').nlink).toBe(1);
  });

  it('is not for directories', () => {
    expect(code(fs.link(caller, 'empty', 'second'))).toBe('EPERM');
  });

  it('does not follow a link', () => {
    ok(fs.symlink(caller, 'file', 'soft'));
    ok(fs.link(caller, 'soft', 'second'));
    expect(ok(fs.lstat(caller, 'second'))).toMatchObject({ kind: 'symlink', nlink: 2 });
    expect(stat('file').nlink).toBe(1);
  });
});

describe('rename', () => {
  it('replaces a file at once and lowers its link count', () => {
    ok(fs.link(caller, 'other', 'second'));
    const { ino } = stat('file');
    ok(fs.rename(caller, 'file', 'other'));
    expect(stat('other').ino).toBe(ino);
    expect(stat('second').nlink).toBe(1);
    expect(exists('file')).toBe(false);
  });

  it('does nothing between two names of one file', () => {
    ok(fs.link(caller, 'file', 'second'));
    const before = stat('file');
    clock.ms += 10;
    ok(fs.rename(caller, 'file', 'second'));
    expect(stat('file')).toEqual(before);
    expect(stat('second')).toEqual(before);
  });

  it('keeps a replaced file for processes that have it open', () => {
    const fd = ok(fs.open(caller, 'other', OPEN.O_RDONLY, 0));
    ok(fs.rename(caller, 'file', 'other'));
    expect(fs.read(caller, fd, 9, null)).toBe('other');
    expect(ok(fs.fstat(caller, fd)).nlink).toBe(0);
  });

  it.each([
    ['a directory over a non-empty one', 'empty', 'full', 'ENOTEMPTY'],
    ['a directory over a file', 'empty', 'file', 'ENOTDIR'],
    ['a file over a directory', 'file', 'empty', 'EISDIR'],
    ['a directory below a file of its own', 'full', 'full/x/y', 'ENOTDIR'],
    ['a directory below itself', 'full', 'full/y', 'EINVAL'],
    ['a file over its own directory', 'full/x', 'full', 'ENOTEMPTY'],
    ['what is not there', 'missing', 'file', 'ENOENT'],
    ['onto nothing with a slash', 'file', 'new/', 'ENOTDIR'],
    ['a file with a slash', 'file/', 'new', 'ENOTDIR'],
    ['a dot', '.', 'new', 'EBUSY'],
    ['onto dots', 'file', '..', 'EBUSY'],
    ['the root', '/', 'new', 'EBUSY'],
  ])('refuses %s', (_, from, to, expected) => {
    const before = fs.toJSON();
    expect(code(fs.rename(caller, from, to))).toBe(expected);
    expect(fs.toJSON()).toEqual(before);
  });

  it('moves a directory over an empty one', () => {
    ok(fs.rename(caller, 'full', 'empty'));
    expect(readFile(fs, caller, 'empty/x')).toBe('x');
    expect(fs.realpath(caller, 'empty/.')).toBe('/w/empty');
    expect(stat('/w').nlink).toBe(3);
  });

  it('takes .. along with a moved directory', () => {
    ok(fs.mkdir(caller, 'full/sub', 0o755));
    ok(fs.rename(caller, 'full/sub', 'empty/sub'));
    expect(stat('empty/sub/..').ino).toBe(stat('empty').ino);
    expect([stat('full').nlink, stat('empty').nlink]).toEqual([2, 3]);
  });

  it('replaces a link, not what it names', () => {
    ok(fs.symlink(caller, 'other', 'soft'));
    ok(fs.rename(caller, 'file', 'soft'));
    expect(readFile(fs, caller, 'soft')).toBe('file');
    expect(readFile(fs, caller, 'other')).toBe('other');
  });
});

describe('unlink, mkdir and rmdir', () => {
  it.each([
    ['unlink', 'empty', 'EISDIR'],
    ['unlink', 'missing', 'ENOENT'],
    ['unlink', 'file/', 'ENOTDIR'],
    ['unlink', '.', 'EISDIR'],
    ['rmdir', 'file', 'ENOTDIR'],
    ['rmdir', 'full', 'ENOTEMPTY'],
    ['rmdir', 'missing', 'ENOENT'],
    ['rmdir', '.', 'EINVAL'],
    ['rmdir', 'empty/.', 'EINVAL'],
    ['rmdir', 'empty/..', 'ENOTEMPTY'],
    ['rmdir', '/', 'EBUSY'],
  ] as const)('%s %s: %s', (op, path, expected) => {
    expect(code(fs[op](caller, path))).toBe(expected);
  });

  it.each([
    ['file', 'EEXIST'],
    ['empty/', 'EEXIST'],
    ['.', 'EEXIST'],
    ['/', 'EEXIST'],
    ['missing/new', 'ENOENT'],
    ['file/new', 'ENOTDIR'],
  ])('mkdir %s: %s', (path, expected) => {
    expect(code(fs.mkdir(caller, path, 0o777))).toBe(expected);
  });

  it('count subdirectories as links', () => {
    expect(stat('.').nlink).toBe(4);
    ok(fs.mkdir(caller, 'new/', 0o777));
    expect(stat('.').nlink).toBe(5);
    expect(stat('new')).toMatchObject({ nlink: 2, mode: 0o755 });
    ok(fs.rmdir(caller, 'new'));
    expect(stat('.').nlink).toBe(4);
  });

  it('set the times of the directory and of what loses a name', () => {
    ok(fs.link(caller, 'file', 'second'));
    const { mtimeMs } = stat('file');
    for (const change of [
      () => fs.link(caller, 'file', 'third'),
      () => fs.unlink(caller, 'second'),
      () => fs.rename(caller, 'file', 'renamed'),
    ]) {
      clock.ms += 10;
      ok(change());
      expect(stat('.')).toMatchObject({ mtimeMs: clock.ms, ctimeMs: clock.ms });
      expect(stat('third')).toMatchObject({ mtimeMs, ctimeMs: clock.ms });
    }
  });
});

describe('paths', () => {
  it.each([
    ['file/..', 'ENOTDIR'],
    ['file/.', 'ENOTDIR'],
    ['missing/..', 'ENOENT'],
    ['./full/../file', 'file'],
    ['//w///file', 'file'],
    ['/../w/file', 'file'],
    ['full/', 'directory'],
  ])('%s: %s', (path, expected) => {
    const result = fs.stat(caller, path);
    expect('kind' in result ? result.kind : result.code).toBe(expected === 'file' ? 'file' : expected);
  });

  it('are refused at a name too long only when the walk gets there', () => {
    const long = 'n'.repeat(256);
    expect(code(fs.stat(caller, long))).toBe('ENAMETOOLONG');
    expect(code(fs.stat(caller, `${long}/x`))).toBe('ENAMETOOLONG');
    expect(code(fs.stat(caller, `missing/${long}`))).toBe('ENOENT');
    expect(code(fs.stat(caller, `file/${long}`))).toBe('ENOTDIR');
  });

  it('follow at most 40 links', () => {
    ok(fs.symlink(caller, 'file', 'l1'));
    for (let at = 2; at <= 41; at++) ok(fs.symlink(caller, `l${at - 1}`, `l${at}`));
    expect(stat('l40').kind).toBe('file');
    expect(code(fs.stat(caller, 'l41'))).toBe('ELOOP');
    ok(fs.symlink(caller, 'circle', 'circle'));
    expect(code(fs.stat(caller, 'circle/x'))).toBe('ELOOP');
    expect(ok(fs.lstat(caller, 'circle')).kind).toBe('symlink');
  });

  it('follow a final link for lstat only under a slash', () => {
    ok(fs.symlink(caller, 'full', 'soft'));
    expect(ok(fs.lstat(caller, 'soft'))).toMatchObject({ kind: 'symlink', size: 4, mode: 0o777 });
    expect(ok(fs.lstat(caller, 'soft/')).kind).toBe('directory');
    expect(fs.readlink(caller, 'soft')).toBe('full');
    expect(code(fs.readlink(caller, 'soft/'))).toBe('EINVAL');
    expect(code(fs.readlink(caller, 'file'))).toBe('EINVAL');
    expect(fs.realpath(caller, 'soft/x')).toBe('/w/full/x');
    expect(code(fs.realpath(caller, 'soft/missing'))).toBe('ENOENT');
  });

  it('are relative to a working directory that may go away', () => {
    caller.cwd = '/w/empty';
    expect(stat('../file').kind).toBe('file');
    ok(fs.rmdir(newCaller(), '/w/empty'));
    expect(code(fs.open(caller, 'new', OPEN.O_CREAT | OPEN.O_WRONLY, 0o666))).toBe('ENOENT');
  });

  it('of links are refused when empty or too long', () => {
    expect(code(fs.symlink(caller, '', 'soft'))).toBe('ENOENT');
    expect(code(fs.symlink(caller, 'x'.repeat(4096), 'soft'))).toBe('ENAMETOOLONG');
    expect(code(fs.symlink(caller, 'x', 'file'))).toBe('EEXIST');
    expect(code(fs.symlink(caller, 'x', 'new/'))).toBe('ENOENT');
  });
});

describe('readdir', () => {
  const all = () => readNames(fs, caller, 'many');
  const next = (fd: number) => ok(fs.readdir(caller, fd)).map(({ name }) => name);

  beforeEach(() => fs.load({ '/w/many/a': '', '/w/many/b': '', '/w/many/c': '' }));

  it('gives entries in order of creation, one at a time', () => {
    expect(all()).toEqual(['a', 'b', 'c']);
    const fd = ok(fs.opendir(caller, 'many'));
    expect(fs.readdir(caller, fd)).toEqual([{ name: 'a', kind: 'file' }]);
  });

  it('gives as many at a time as asked', () => {
    fs = newFileSystem({ readdirBatch: 2 });
    fs.load({ '/w/many/a': '', '/w/many/b': '', '/w/many/c': '' });
    const fd = ok(fs.opendir(caller, 'many'));
    expect([next(fd), next(fd), next(fd)]).toEqual([['a', 'b'], ['c'], []]);
  });

  it('gives those whose names begin as asked, and passes the others over in the same step', () => {
    writeFile(fs, caller, 'many/ba', '');
    const fd = ok(fs.opendir(caller, 'many'));
    const some = () => ok(fs.readdir(caller, fd, 'b')).map(({ name }) => name);
    expect([some(), some(), some()]).toEqual([['b'], ['ba'], []]);
    fs = newFileSystem({ readdirBatch: Number.POSITIVE_INFINITY });
    fs.load({ '/w/many/a': '', '/w/many/b': '' });
    const whole = ok(fs.opendir(caller, 'many'));
    expect(ok(fs.readdir(caller, whole, 'b'))).toEqual([{ name: 'b', kind: 'file' }]);
    expect(ok(fs.readdir(caller, whole, 'b'))).toEqual([]);
  });

  it('reads a directory that changes under it', () => {
    const fd = ok(fs.opendir(caller, 'many'));
    expect(next(fd)).toEqual(['a']);
    ok(fs.unlink(caller, 'many/a'));
    ok(fs.unlink(caller, 'many/b'));
    writeFile(fs, caller, 'many/d', '');
    ok(fs.rename(caller, 'file', 'many/c'));
    expect([next(fd), next(fd), next(fd)]).toEqual([['c'], ['d'], []]);
  });

  it('is at the end once its directory is removed', () => {
    const fd = ok(fs.opendir(caller, 'empty'));
    ok(fs.rmdir(caller, 'empty'));
    expect(next(fd)).toEqual([]);
    expect(ok(fs.fstat(caller, fd)).nlink).toBe(0);
  });

  it('is for directories', () => {
    expect(code(fs.opendir(caller, 'file'))).toBe('ENOTDIR');
    expect(code(fs.opendir(caller, 'missing'))).toBe('ENOENT');
    const fd = ok(fs.open(caller, 'file', OPEN.O_RDONLY, 0));
    expect(code(fs.readdir(caller, fd))).toBe('ENOTDIR');
  });
});

describe('inode numbers', () => {
  const create = (path: string) => {
    writeFile(fs, caller, path, '');
    return stat(path).ino;
  };

  it('are reused, the lowest first', () => {
    const inos = ['1', '2', '3'].map(create);
    for (const name of ['2', '1', '3']) ok(fs.unlink(caller, name));
    expect(['4', '5', '6'].map(create)).toEqual(inos);
  });

  it('are not reused while the file is open', () => {
    const ino = create('one');
    const fd = ok(fs.open(caller, 'one', OPEN.O_RDONLY, 0));
    ok(fs.unlink(caller, 'one'));
    expect(create('two')).not.toBe(ino);
    ok(fs.close(caller, fd));
    expect(create('three')).toBe(ino);
  });

  it('are always new when so asked', () => {
    fs = newFileSystem({ inodes: 'unique' });
    fs.load({ '/w': null });
    const ino = create('one');
    ok(fs.unlink(caller, 'one'));
    expect(create('one')).toBe(ino + 1);
  });
});

it('floors times to the granularity', () => {
  fs = newFileSystem({ timeGranularityMs: 4 });
  const { ms } = clock;
  onTestFinished(() => {
    clock.ms = ms;
  });
  clock.ms = 1_700_000_000_007.5;
  ok(fs.mkdir(caller, '/d', 0o777));
  expect(ok(fs.stat(caller, '/d')).mtimeMs).toBe(1_700_000_000_004);
});
