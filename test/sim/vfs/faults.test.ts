import { dirname } from 'node:path';
import { Volume } from 'memfs';
import { beforeEach, describe, expect, it } from 'vitest';
import { OPEN } from '../../../src/ports/index.ts';
import type { UnsyncedChange } from '../../../src/sim/vfs/index.ts';
import fc from '../../fc.ts';
import { commandsOver, plainPath, runOnSim, type Slots, treeOfSim, usualFlags } from './commands.ts';
import { code, newCaller, newFileSystem, ok, readFile, writeFile } from './fixture.ts';
import type { PosixFileSystem } from './posix.ts';

const caller = newCaller();
let fs: PosixFileSystem;

beforeEach(() => {
  caller.fds.clear();
  fs = newFileSystem({ durable: true });
});

describe('load and toJSON', () => {
  const json = { '/a/b/text': 'grüße', '/a/empty': null, '/top': '' };

  it('are of one form, memfs’s', () => {
    fs.load(json);
    expect(fs.toJSON()).toEqual(json);
    expect(fs.toJSON()).toEqual(Volume.fromJSON(json).toJSON());
    expect(Object.keys(fs.toJSON())).toEqual(Object.keys(Volume.fromJSON(json).toJSON()));
  });

  it.each([{}, { '/': null }, { '/a': null }, { '/a': null, '/a/b': 'x' }])(
    'agree with memfs on %j',
    (some) => {
      fs.load(some);
      expect(fs.toJSON()).toEqual(Volume.fromJSON(some).toJSON());
    },
  );

  it('leave out links and sockets, as memfs does', () => {
    fs.load({ '/d': null });
    ok(fs.symlink(caller, 'x', '/d/soft'));
    const memory = Volume.fromJSON({ '/d': null });
    memory.symlinkSync('x', '/d/soft');
    expect(fs.toJSON()).toEqual(memory.toJSON());
    ok(fs.bindSocket(caller, '/sock', { name: 'socket' }));
    expect(fs.toJSON()).toEqual({});
  });

  it('set owner and mode, and keep contents as UTF-8', () => {
    fs.load(json, { uid: 7, gid: 8, fileMode: 0o600, directoryMode: 0o700 });
    expect(ok(fs.stat(caller, '/a/b/text'))).toMatchObject({
      uid: 7,
      gid: 8,
      mode: 0o600,
      size: 7,
      nlink: 1,
    });
    expect(ok(fs.stat(caller, '/a'))).toMatchObject({ uid: 7, gid: 8, mode: 0o700, nlink: 4 });
    fs.load({ '/plain/file': '' });
    expect([ok(fs.stat(caller, '/plain')).mode, ok(fs.stat(caller, '/plain/file')).mode]).toEqual([
      0o755, 0o644,
    ]);
  });

  it.each<[Record<string, string | null>]>([
    [{ '/f': '', '/f/x': '' }],
    [{ '/f': '', '/f/x': null }],
    [{ '/d/x': '', '/d': '' }],
    [{ '/': '' }],
    [{ '': '' }],
  ])('refuse what cannot be: %j', (some) => {
    expect(() => fs.load(some)).toThrow(TypeError);
  });
});

describe('sockets', () => {
  const socket = { name: 'socket' };

  it('are bound to an unused name', () => {
    fs.load({ '/d/file': '' });
    ok(fs.symlink(caller, 'nowhere', '/d/dangling'));
    expect(fs.bindSocket(caller, '/d/sock', socket)).toBeUndefined();
    expect(ok(fs.stat(caller, '/d/sock'))).toMatchObject({ kind: 'socket', mode: 0o755, size: 0 });
    for (const path of ['/d/sock', '/d/file', '/d/dangling', '/d', '.']) {
      expect(code(fs.bindSocket(caller, path, socket))).toBe('EADDRINUSE');
    }
    expect(code(fs.bindSocket(caller, '/missing/sock', socket))).toBe('EACCES');
    expect(code(fs.bindSocket(caller, '/d/file/sock', socket))).toBe('ENOTDIR');
  });

  it('are found through links and further names', () => {
    ok(fs.bindSocket(caller, '/sock', socket));
    ok(fs.symlink(caller, '/sock', '/soft'));
    ok(fs.link(caller, '/sock', '/second'));
    ok(fs.rename(caller, '/sock', '/moved'));
    expect(fs.lookupSocket(caller, '/second')).toBe(socket);
    expect(fs.lookupSocket(caller, '/moved')).toBe(socket);
    expect(code(fs.lookupSocket(caller, '/soft'))).toBe('ENOENT');
    ok(fs.rename(caller, '/moved', '/sock'));
    expect(fs.lookupSocket(caller, '/soft')).toBe(socket);
  });

  it('are distinguished from other files, and require write permission', () => {
    const user = newCaller({ uid: 1, gid: 1 });
    fs.load({ '/file': '' });
    expect(code(fs.lookupSocket(caller, '/file'))).toBe('ECONNREFUSED');
    expect(code(fs.lookupSocket(caller, '/'))).toBe('ECONNREFUSED');
    expect(code(fs.lookupSocket(user, '/file'))).toBe('EACCES');
    ok(fs.bindSocket(caller, '/sock', socket));
    expect(code(fs.lookupSocket(user, '/sock'))).toBe('EACCES');
    expect(code(fs.open(caller, '/sock', OPEN.O_RDWR, 0))).toBe('ENXIO');
  });

  it('remove their name when they close, even if it belongs to another file', () => {
    ok(fs.bindSocket(caller, '/sock', socket));
    ok(fs.unlink(caller, '/sock'));
    ok(fs.bindSocket(caller, '/sock', { name: 'another' }));
    fs.unlinkName(caller, '/sock');
    expect(code(fs.lookupSocket(caller, '/sock'))).toBe('ENOENT');
    expect(fs.unlinkName(caller, '/sock')).toBeUndefined();
  });
});

describe('faults', () => {
  beforeEach(() => fs.load({ '/run/a': 'aaaa', '/run/sub/b': 'b', '/runs': 'not below /run', '/z': '' }));

  it('lose a file or a whole directory', () => {
    const fd = ok(fs.open(caller, '/run/sub/b', OPEN.O_RDONLY, 0));
    expect([fs.lose('/run'), fs.lose('/run'), fs.lose('/')]).toEqual([true, false, false]);
    expect(fs.toJSON()).toEqual({ '/runs': 'not below /run', '/z': '' });
    expect(fs.read(caller, fd, 9, null)).toBe('b');
    expect(ok(fs.fstat(caller, fd)).nlink).toBe(0);
    expect(ok(fs.stat(caller, '/')).nlink).toBe(2);
  });

  it('tear and corrupt files without touching their times', () => {
    const before = ok(fs.stat(caller, '/run/a'));
    expect(fs.truncateTo('/run/a', 2)).toBe(true);
    expect(readFile(fs, caller, '/run/a')).toBe('aa');
    expect(fs.truncateTo('/run/a', 4)).toBe(true);
    expect(readFile(fs, caller, '/run/a')).toBe('aa\0\0');
    expect(fs.overwrite('/run/a', '\xff\xfe')).toBe(true);
    expect(ok(fs.stat(caller, '/run/a'))).toEqual({ ...before, size: 2 });
    expect([fs.truncateTo('/missing', 0), fs.overwrite('/run', '')]).toEqual([false, false]);
  });

  it('list files, sorted', () => {
    expect(fs.filesUnder('/')).toEqual(['/run/a', '/run/sub/b', '/runs', '/z']);
    expect(fs.filesUnder('/run')).toEqual(['/run/a', '/run/sub/b']);
    expect(fs.filesUnder('/run/')).toEqual(['/run/a', '/run/sub/b']);
    expect(fs.filesUnder('/z')).toEqual(['/z']);
    expect(fs.filesUnder('/missing')).toEqual([]);
  });
});

describe('a power cut', () => {
  const all = () => true;
  const nothing = () => false;
  const syncAt = (path: string) => {
    const fd = ok(fs.open(caller, path, OPEN.O_RDONLY, 0));
    ok(fs.fsync(caller, fd));
    ok(fs.close(caller, fd));
  };
  const cutAsking = (keep: (change: UnsyncedChange) => boolean) => {
    const asked: string[] = [];
    fs.powerCut((change) => {
      asked.push(`${change.kind} ${change.from === null ? '' : `${change.from} -> `}${change.path}`);
      return keep(change);
    });
    return asked;
  };

  const replaceWithSameNumber = () => {
    fs.load({ '/e/first': 'first' });
    const { ino } = ok(fs.stat(caller, '/e/first'));
    ok(fs.unlink(caller, '/e/first'));
    writeFile(fs, caller, '/d/new', 'new');
    expect(ok(fs.stat(caller, '/d/new')).ino).toBe(ino);
  };

  beforeEach(() => fs.load({ '/d/old': 'old' }));

  it('leaves what was loaded, and asks nothing', () => {
    expect(cutAsking(nothing)).toEqual([]);
    expect(fs.toJSON()).toEqual({ '/d/old': 'old' });
  });

  it('leaves everything where durability is not asked for', () => {
    fs = newFileSystem();
    writeFile(fs, caller, '/new', 'new');
    expect(cutAsking(nothing)).toEqual([]);
    expect(fs.toJSON()).toEqual({ '/new': 'new' });
  });

  it.each([
    [nothing, { '/d/old': 'old' }, ['entry /d/new']],
    [all, { '/d/old': 'old', '/d/new': 'new' }, ['entry /d/new', 'content /d/new']],
    [
      ({ kind }: UnsyncedChange) => kind === 'entry',
      { '/d/old': 'old', '/d/new': '' },
      ['entry /d/new', 'content /d/new'],
    ],
  ])('may take a new file, or its content', (keep, left, asked) => {
    writeFile(fs, caller, '/d/new', 'new');
    expect(cutAsking(keep)).toEqual(asked);
    expect(fs.toJSON()).toEqual(left);
    expect(cutAsking(nothing)).toEqual([]);
    expect(fs.toJSON()).toEqual(left);
  });

  it('takes the name of a file of which only the content is synced', () => {
    writeFile(fs, caller, '/d/new', 'new');
    syncAt('/d/new');
    fs.powerCut(nothing);
    expect(fs.toJSON()).toEqual({ '/d/old': 'old' });
  });

  it('takes nothing that is synced', () => {
    writeFile(fs, caller, '/d/new', 'new');
    syncAt('/d/new');
    syncAt('/d');
    expect(cutAsking(nothing)).toEqual([]);
    expect(fs.toJSON()).toEqual({ '/d/old': 'old', '/d/new': 'new' });
  });

  it('takes no write under O_SYNC', () => {
    writeFile(fs, caller, '/d/old', 'new', OPEN.O_SYNC);
    expect(cutAsking(nothing)).toEqual([]);
    expect(fs.toJSON()).toEqual({ '/d/old': 'new' });
  });

  it('leaves old content or new, never the empty file between', () => {
    writeFile(fs, caller, '/d/old', 'new');
    fs.powerCut(nothing);
    expect(fs.toJSON()).toEqual({ '/d/old': 'old' });
  });

  it('may bring back what was removed', () => {
    ok(fs.unlink(caller, '/d/old'));
    expect(cutAsking(nothing)).toEqual(['entry /d/old']);
    expect(fs.toJSON()).toEqual({ '/d/old': 'old' });
    expect(ok(fs.stat(caller, '/d/old')).nlink).toBe(1);
  });

  it.each([
    ['neither', nothing, { '/d/old': 'old' }],
    ['the name, and not the content', ({ kind }: UnsyncedChange) => kind !== 'content', { '/d/old': '' }],
    [
      'the temporary file',
      ({ kind }: UnsyncedChange) => kind !== 'rename',
      { '/d/old': 'old', '/d/tmp': 'new' },
    ],
    ['all', all, { '/d/old': 'new' }],
  ])('keeps of a rename %s', (_, keep, left) => {
    writeFile(fs, caller, '/d/tmp', 'new');
    ok(fs.rename(caller, '/d/tmp', '/d/old'));
    fs.powerCut(keep);
    expect(fs.toJSON()).toEqual(left);
  });

  it('keeps both names of a rename when one of its directories is synced', () => {
    fs.load({ '/e': null });
    writeFile(fs, caller, '/d/tmp', 'new');
    syncAt('/d/tmp');
    ok(fs.rename(caller, '/d/tmp', '/e/lock'));
    syncAt('/e');
    expect(cutAsking(nothing)).toEqual([]);
    expect(fs.toJSON()).toEqual({ '/d/old': 'old', '/e/lock': 'new' });
  });

  it('loses with a directory all that is in it', () => {
    ok(fs.mkdir(caller, '/new', 0o777));
    writeFile(fs, caller, '/new/file', 'x');
    syncAt('/new/file');
    syncAt('/new');
    writeFile(fs, caller, '/new/unsynced', 'x');
    expect(cutAsking(({ path }) => path !== '/new')).toEqual(['entry /new']);
    expect(fs.toJSON()).toEqual({ '/d/old': 'old' });
  });

  it('loses with a change those that build on it', () => {
    writeFile(fs, caller, '/d/tmp', 'new');
    ok(fs.rename(caller, '/d/tmp', '/d/lock'));
    ok(fs.unlink(caller, '/d/lock'));
    expect(cutAsking(({ kind }) => kind !== 'rename')).toEqual([
      'entry /d/tmp',
      'rename /d/tmp -> /d/lock',
      'content /d/tmp',
    ]);
    expect(fs.toJSON()).toEqual({ '/d/old': 'old', '/d/tmp': 'new' });
  });

  it('does not remove a directory whose files come back', () => {
    ok(fs.unlink(caller, '/d/old'));
    ok(fs.rmdir(caller, '/d'));
    fs.powerCut(({ path }) => path === '/d');
    expect(fs.toJSON()).toEqual({ '/d/old': 'old' });
  });

  it('never ties directories into a ring', () => {
    fs.load({ '/a/x': 'x', '/b/y': 'y' });
    ok(fs.rename(caller, '/a', '/b/a'));
    ok(fs.rename(caller, '/b/a', '/a'));
    ok(fs.rename(caller, '/b', '/a/b'));
    fs.powerCut(({ from }) => from !== '/b/a');
    expect(fs.toJSON()).toEqual({ '/d/old': 'old', '/b/y': 'y', '/b/a/x': 'x' });
  });

  it('leaves link counts and inode numbers right', () => {
    ok(fs.link(caller, '/d/old', '/d/second'));
    ok(fs.mkdir(caller, '/d/sub', 0o777));
    const { ino } = ok(fs.stat(caller, '/d/sub'));
    fs.powerCut(({ path }) => path === '/d/second');
    expect(ok(fs.stat(caller, '/d/old')).nlink).toBe(2);
    expect(ok(fs.stat(caller, '/d')).nlink).toBe(2);
    ok(fs.mkdir(caller, '/d/other', 0o777));
    expect(ok(fs.stat(caller, '/d/other')).ino).toBe(ino);
  });

  it('loses a file with the number of one that comes back', () => {
    replaceWithSameNumber();
    expect(cutAsking(({ path }) => path === '/d/new')).toEqual(['entry /e/first']);
    expect(fs.toJSON()).toEqual({ '/d/old': 'old', '/e/first': 'first' });
  });

  it('brings back no file whose number has been given to one that is synced', () => {
    replaceWithSameNumber();
    syncAt('/d/new');
    syncAt('/d');
    expect(cutAsking(nothing)).toEqual([]);
    expect(fs.toJSON()).toEqual({ '/d/old': 'old', '/d/new': 'new', '/e': null });
  });

  it('leaves a consistent filesystem, whatever survives', () => {
    const base = '/d';
    const choices = fc.array(fc.boolean(), { minLength: 1, maxLength: 20, size: 'max' });
    fc.assert(
      fc.property(commandsOver(plainPath, usualFlags, 30), choices, (commands, kept) => {
        fs = newFileSystem({ durable: true });
        fs.load({ [base]: null });
        const user = newCaller();
        const slots: Slots = new Map();
        for (const command of commands) runOnSim(fs, user, base, slots, command);
        const before = treeOfSim(fs, newCaller(), base);
        let asked = 0;
        fs.powerCut(() => kept[asked++ % kept.length]!);
        const after = treeOfSim(fs, newCaller(), base);
        if (kept.every((yes) => yes)) expect(after).toEqual(before);
        expectLinkCounts(after);
        expect(cutAsking(nothing)).toEqual([]);
        expect(treeOfSim(fs, newCaller(), base)).toEqual(after);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves the files of sockets without listeners', () => {
    ok(fs.bindSocket(caller, '/sock', { name: 'socket' }));
    fs.powerCut(all);
    expect(code(fs.lookupSocket(caller, '/sock'))).toBe('ECONNREFUSED');
    expect(code(fs.bindSocket(caller, '/sock', { name: 'socket' }))).toBe('EADDRINUSE');
  });
});

/** By counting names in a tree as {@link treeOfSim} gives it: `same` is the first name of the same inode. */
function expectLinkCounts(tree: Record<string, unknown>): void {
  const entries = Object.entries(tree as Record<string, { kind: string; nlink: number; same: string }>);
  for (const [path, { kind, nlink, same }] of entries) {
    const names = entries.filter(([, other]) => other.same === same);
    const children = entries.filter(([other, { kind }]) => kind === 'directory' && dirname(other) === path);
    if (kind === 'directory') expect([path, names.length, nlink]).toEqual([path, 1, 2 + children.length]);
    else expect([path, nlink]).toEqual([path, names.length]);
  }
}
