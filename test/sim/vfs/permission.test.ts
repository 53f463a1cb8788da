import { beforeEach, describe, expect, it } from 'vitest';
import { OPEN } from '../../../src/ports/index.ts';
import type { Protections } from '../../../src/sim/vfs/index.ts';
import { code, newCaller, newFileSystem, ok, writeFile } from './fixture.ts';
import type { PosixFileSystem } from './posix.ts';

const root = newCaller();
const alice = newCaller({ uid: 1, gid: 10 });
const colleague = newCaller({ uid: 2, gid: 10 });
const stranger = newCaller({ uid: 3, gid: 30 });

let fs: PosixFileSystem;

function prepare(protections?: Protections): void {
  fs = newFileSystem(protections === undefined ? {} : { protections });
  fs.load({ '/home/file': 'x' }, { uid: 1, gid: 10 });
  fs.load({ '/tmp': null }, { directoryMode: 0o1777 });
}

beforeEach(() => prepare());

const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_NOFOLLOW } = OPEN;

describe('rights on a file', () => {
  it.each([
    [0o640, alice, O_RDWR, 'open'],
    [0o640, colleague, O_RDONLY, 'open'],
    [0o640, colleague, O_RDWR, 'EACCES'],
    [0o640, colleague, O_RDONLY | O_TRUNC, 'EACCES'],
    [0o640, stranger, O_RDONLY, 'EACCES'],
    [0o604, stranger, O_RDONLY, 'open'],
    [0o602, stranger, O_WRONLY, 'open'],
    // Only the first class that fits counts.
    [0o077, alice, O_RDONLY, 'EACCES'],
    [0o707, colleague, O_RDONLY, 'EACCES'],
    [0o000, root, O_RDWR, 'open'],
  ])('mode %o', (mode, caller, flags, expected) => {
    ok(fs.chmod(root, '/home/file', mode));
    const fd = fs.open(caller, '/home/file', flags, 0);
    expect(typeof fd === 'number' ? 'open' : fd.code).toBe(expected);
    if (typeof fd === 'number') ok(fs.close(caller, fd));
  });

  it('are not checked for its creator', () => {
    const fd = ok(fs.open(alice, '/home/new', O_RDWR | O_CREAT, 0));
    expect(fs.write(alice, fd, 'x', null)).toBe(1);
    expect(code(fs.open(alice, '/home/new', O_RDONLY, 0))).toBe('EACCES');
    ok(fs.close(alice, fd));
  });

  it('stay with an open descriptor', () => {
    const fd = ok(fs.open(alice, '/home/file', O_RDWR, 0));
    ok(fs.chmod(root, '/home/file', 0));
    expect(fs.read(alice, fd, 1, null)).toBe('x');
    ok(fs.close(alice, fd));
  });

  it('are reported by access', () => {
    ok(fs.chmod(root, '/home/file', 0o640));
    expect(fs.access(colleague, '/home/file', 4)).toBeUndefined();
    expect(code(fs.access(colleague, '/home/file', 6))).toBe('EACCES');
    expect(fs.access(stranger, '/home/file', 0)).toBeUndefined();
    expect(fs.access(root, '/home/file', 6)).toBeUndefined();
    expect(code(fs.access(root, '/home/file', 1))).toBe('EACCES');
    expect(fs.access(root, '/home', 1)).toBeUndefined();
  });
});

describe('rights on a directory', () => {
  it('to search are wanted for all below', () => {
    ok(fs.chmod(root, '/home', 0o766));
    for (const result of [
      fs.stat(stranger, '/home/file'),
      fs.open(stranger, '/home/file', O_RDONLY, 0),
      fs.unlink(stranger, '/home/file'),
      fs.mkdir(stranger, '/home/new', 0o777),
      fs.rename(stranger, '/home/file', '/tmp/file'),
      fs.link(stranger, '/home/file', '/tmp/file'),
      fs.lookupSocket(stranger, '/home/file'),
    ]) {
      expect(code(result)).toBe('EACCES');
    }
    expect(typeof fs.opendir(stranger, '/home')).toBe('number');
    expect(ok(fs.stat(root, '/home/file')).size).toBe(1);
  });

  it('to write are wanted to add and remove names', () => {
    writeFile(fs, stranger, '/tmp/own', '');
    for (const result of [
      fs.open(stranger, '/home/new', O_WRONLY | O_CREAT, 0o666),
      fs.mkdir(stranger, '/home/new', 0o777),
      fs.symlink(stranger, 'x', '/home/new'),
      fs.link(stranger, '/tmp/own', '/home/new'),
      fs.rename(stranger, '/tmp/own', '/home/new'),
      fs.bindSocket(stranger, '/home/new', { name: 'new' }),
      fs.unlink(stranger, '/home/file'),
      fs.rename(stranger, '/home/file', '/tmp/file'),
    ]) {
      expect(code(result)).toBe('EACCES');
    }
    expect(code(fs.mkdir(stranger, '/home/file', 0o777))).toBe('EEXIST');
  });

  it('to read are wanted to list it', () => {
    ok(fs.chmod(root, '/home', 0o711));
    expect(code(fs.opendir(stranger, '/home'))).toBe('EACCES');
    expect(ok(fs.stat(stranger, '/home/file')).kind).toBe('file');
  });

  it('to write are wanted of a directory that moves elsewhere', () => {
    ok(fs.mkdir(alice, '/tmp/from', 0o777));
    ok(fs.mkdir(alice, '/tmp/from/moved', 0o555));
    ok(fs.mkdir(alice, '/tmp/to', 0o777));
    expect(code(fs.rename(alice, '/tmp/from/moved', '/tmp/to/moved'))).toBe('EACCES');
    expect(fs.rename(alice, '/tmp/from/moved', '/tmp/from/renamed')).toBeUndefined();
  });
});

describe('a sticky directory', () => {
  it('lets only owners remove and replace', () => {
    writeFile(fs, alice, '/tmp/lock', 'alice');
    writeFile(fs, stranger, '/tmp/mine', 'stranger');
    expect(code(fs.unlink(stranger, '/tmp/lock'))).toBe('EPERM');
    expect(code(fs.rename(stranger, '/tmp/lock', '/tmp/stolen'))).toBe('EPERM');
    expect(code(fs.rename(stranger, '/tmp/mine', '/tmp/lock'))).toBe('EPERM');
    expect(fs.unlink(root, '/tmp/mine')).toBeUndefined();
    expect(fs.unlink(alice, '/tmp/lock')).toBeUndefined();
  });

  it('lets its owner remove', () => {
    ok(fs.chown(root, '/tmp', 1, -1));
    writeFile(fs, stranger, '/tmp/lock', '');
    expect(fs.unlink(alice, '/tmp/lock')).toBeUndefined();
  });
});

describe('protections', () => {
  const none: Protections = { hardlinks: false, symlinks: false, regular: 0 };
  const reopen = (caller: typeof root) => fs.open(caller, '/tmp/lock', O_WRONLY | O_CREAT, 0o666);

  it('regular: O_CREAT does not open the file of another in /tmp, not even for root', () => {
    writeFile(fs, alice, '/tmp/lock', '');
    ok(fs.chmod(root, '/tmp/lock', 0o666));
    expect(code(reopen(root))).toBe('EACCES');
    expect(code(reopen(stranger))).toBe('EACCES');
    expect(typeof reopen(alice)).toBe('number');
    expect(typeof fs.open(root, '/tmp/lock', O_WRONLY, 0)).toBe('number');
    ok(fs.chmod(root, '/tmp', 0o1770));
    expect(typeof reopen(root)).toBe('number');
    prepare({ ...none, regular: 2 });
    writeFile(fs, alice, '/tmp/lock', '');
    ok(fs.chmod(root, '/tmp', 0o1770));
    expect(code(reopen(root))).toBe('EACCES');
    prepare(none);
    writeFile(fs, alice, '/tmp/lock', '');
    expect(typeof reopen(root)).toBe('number');
  });

  it('symlinks: a link of another in /tmp is not followed at the end of a path', () => {
    ok(fs.symlink(alice, '/home', '/tmp/soft'));
    expect(code(fs.stat(root, '/tmp/soft'))).toBe('EACCES');
    expect(code(fs.open(root, '/tmp/soft', O_RDONLY | O_CREAT, 0))).toBe('EACCES');
    expect(code(fs.open(root, '/tmp/soft', O_RDONLY | O_CREAT | O_NOFOLLOW, 0))).toBe('EACCES');
    expect(ok(fs.stat(root, '/tmp/soft/file')).kind).toBe('file');
    expect(ok(fs.stat(alice, '/tmp/soft')).kind).toBe('directory');
    prepare(none);
    ok(fs.symlink(alice, '/home', '/tmp/soft'));
    expect(ok(fs.stat(root, '/tmp/soft')).kind).toBe('directory');
  });

  it('hardlinks: a file that one may not write gets no second name', () => {
    expect(code(fs.link(stranger, '/home/file', '/tmp/second'))).toBe('EPERM');
    ok(fs.chmod(root, '/home/file', 0o666));
    expect(fs.link(stranger, '/home/file', '/tmp/second')).toBeUndefined();
    prepare(none);
    expect(fs.link(stranger, '/home/file', '/tmp/second')).toBeUndefined();
  });
});

describe('chmod, chown and utimes', () => {
  it('are the owner’s', () => {
    for (const change of [
      () => fs.chmod(stranger, '/home/file', 0o777),
      () => fs.chown(stranger, '/home/file', 3, 30),
      () => fs.chown(alice, '/home/file', 3, -1),
      () => fs.chown(alice, '/home/file', -1, 30),
      () => fs.utimes(stranger, '/home/file', 0, 0),
    ]) {
      expect(code(change())).toBe('EPERM');
    }
    ok(fs.chmod(alice, '/home/file', 0o600));
    ok(fs.chown(alice, '/home/file', -1, 10));
    ok(fs.utimes(alice, '/home/file', 5, 6.5));
    expect(ok(fs.stat(alice, '/home/file'))).toMatchObject({
      mode: 0o600,
      uid: 1,
      gid: 10,
      atimeMs: 5,
      mtimeMs: 6.5,
    });
    ok(fs.chown(root, '/home/file', 3, 30));
    expect(ok(fs.stat(alice, '/home/file'))).toMatchObject({ uid: 3, gid: 30 });
  });

  it('set the change time only', () => {
    let now = 1000;
    fs = newFileSystem({ wallMs: () => now });
    fs.load({ '/file': '' });
    for (const change of [
      () => fs.chmod(root, '/file', 0o777),
      () => fs.chown(root, '/file', 3, 30),
      () => fs.utimes(root, '/file', 1000, 1000),
    ]) {
      now += 10;
      ok(change());
      expect(ok(fs.stat(root, '/file'))).toMatchObject({ mtimeMs: 1000, ctimeMs: now });
    }
  });
});

it('a set-group-id directory gives its group to what is created in it', () => {
  ok(fs.chmod(root, '/home', 0o2777));
  ok(fs.mkdir(stranger, '/home/new', 0o777));
  writeFile(fs, stranger, '/home/new/file', '');
  expect(ok(fs.stat(root, '/home/new'))).toMatchObject({ uid: 3, gid: 10, mode: 0o2755 });
  expect(ok(fs.stat(root, '/home/new/file'))).toMatchObject({ uid: 3, gid: 10, mode: 0o644 });
});
