import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nativeFlags } from '../../src/node/files.ts';
import { bytesFrom, OPEN } from '../../src/ports/index.ts';
import { Bench, expectCode } from './helpers.ts';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.end());

describe('descriptors', () => {
  it('write, read at an offset and at a position, truncate, sync', async () => {
    const { fs: files } = bench.ports;
    const fd = await files.open(bench.path('f'), 'wx+', 0o600);
    expect(await files.write(fd, 'abc\xff\x00')).toBe(5);
    expect(await files.write(fd, 'X', 1)).toBe(1);
    expect(await files.read(fd, 10)).toBe('');
    expect(await files.read(fd, 10, 0)).toBe('aXc\xff\x00');
    await files.ftruncate(fd, 2);
    await files.fsync(fd);
    expect(await files.fstat(fd)).toMatchObject({ kind: 'file', size: 2, mode: 0o600, nlink: 1 });
    await files.close(fd);
    await expectCode(files.read(fd, 1), 'EBADF');
    await expectCode(files.close(fd), 'EBADF');
  });

  it('bytes are bytes, text is UTF-8', async () => {
    const { fs: files } = bench.ports;
    const all = Uint8Array.from({ length: 256 }, (_, at) => at);
    const fd = await files.open(bench.path('f'), 'w+');
    expect(await files.write(fd, bytesFrom(all))).toBe(256);
    await files.close(fd);
    expect(fs.readFileSync(bench.path('f'))).toEqual(Buffer.from(all));
    await files.writeFile(bench.path('t'), 'grün\n');
    expect(fs.readFileSync(bench.path('t'), 'utf8')).toBe('grün\n');
    expect(await files.readFile(bench.path('t'))).toBe('grün\n');
  });

  it('every operation fails with EBADF for an unused descriptor', async () => {
    for (const fd of [2 ** 30 + 5, 987_654]) {
      await expectCode(bench.do({ op: 'read', fd, length: 1, position: null }), 'EBADF');
      await expectCode(bench.do({ op: 'write', fd, data: 'x', position: null }), 'EBADF');
      await expectCode(bench.do({ op: 'ftruncate', fd, length: 1 }), 'EBADF');
      await expectCode(bench.do({ op: 'fsync', fd }), 'EBADF');
      await expectCode(bench.do({ op: 'fstat', fd }), 'EBADF');
      await expectCode(bench.do({ op: 'close', fd }), 'EBADF');
      await expectCode(bench.do({ op: 'readdir', fd }), 'EBADF');
    }
  });

  it("accepts Linux's flags on every system", async () => {
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_DIRECTORY } = OPEN;
    const { constants } = fs;
    expect(nativeFlags(O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_DIRECTORY)).toBe(
      constants.O_WRONLY |
        constants.O_CREAT |
        constants.O_EXCL |
        constants.O_NOFOLLOW |
        constants.O_DIRECTORY,
    );
    const { fs: files } = bench.ports;
    await files.writeFile(bench.path('f'), '');
    await files.symlink('f', bench.path('s'));
    await expectCode(files.open(bench.path('s'), O_NOFOLLOW), 'ELOOP');
    await expectCode(files.open(bench.path('f'), O_DIRECTORY), 'ENOTDIR');
    await expectCode(files.open(bench.path('f'), 'wx'), 'EEXIST');
    await expectCode(files.open(bench.directory, 'w'), 'EISDIR');
  });

  it('the directory of a renamed file can be synced', async () => {
    const fd = await bench.ports.fs.open(bench.directory, OPEN.O_DIRECTORY);
    await bench.ports.fs.fsync(fd);
    await bench.ports.fs.close(fd);
  });
});

describe('names', () => {
  it('stat and lstat, link, symlink, readlink, realpath, rename, unlink', async () => {
    const { fs: files } = bench.ports;
    await files.writeFile(bench.path('f'), 'hello');
    await files.link(bench.path('f'), bench.path('l'));
    await files.symlink('f', bench.path('s'));
    const stat = await files.stat(bench.path('s'));
    expect(stat).toEqual(await files.stat(bench.path('l')));
    expect(stat).toMatchObject({ kind: 'file', nlink: 2, size: 5, uid: process.getuid?.() });
    expect(stat.ino).toBe(fs.statSync(bench.path('f')).ino);
    expect(await files.lstat(bench.path('s'))).toMatchObject({ kind: 'symlink' });
    expect(await files.readlink(bench.path('s'))).toBe('f');
    expect(await files.realpath(bench.path('s'))).toBe(fs.realpathSync(bench.path('f')));
    await expectCode(files.link(bench.path('f'), bench.path('l')), 'EEXIST');
    await files.rename(bench.path('f'), bench.path('l')); // the same file: does nothing
    expect(fs.readdirSync(bench.directory).sort()).toEqual(['f', 'l', 's']);
    expect(await files.readdir(bench.directory, { prefix: 'l' })).toEqual(['l']);
    expect(await files.readdir(bench.directory, { prefix: 'x' })).toEqual([]);
    await files.rename(bench.path('s'), bench.path('l'));
    await files.unlink(bench.path('l'));
    expect(fs.readdirSync(bench.directory)).toEqual(['f']);
    await expectCode(files.unlink(bench.path('l')), 'ENOENT');
    await expectCode(files.unlink(bench.directory), 'EISDIR');
  });

  it("errors are shaped like Node's", async () => {
    const from = bench.path('no');
    const to = bench.path('other');
    await expect(bench.ports.fs.rename(from, to)).rejects.toMatchObject({
      code: 'ENOENT',
      errno: -2,
      syscall: 'rename',
      path: from,
      dest: to,
      message: `ENOENT: no such file or directory, rename '${from}' -> '${to}'`,
    });
  });

  it('access, chmod, chown', async () => {
    const { fs: files } = bench.ports;
    await files.writeFile(bench.path('f'), '');
    await files.access(bench.path('f'), 4);
    await expectCode(files.access(bench.path('no')), 'ENOENT');
    await files.chmod(bench.path('f'), 0o4640);
    expect((await files.stat(bench.path('f'))).mode).toBe(0o4640);
    await expectCode(files.access(bench.path('f'), 1), 'EACCES');
    const { uid, gid } = await files.stat(bench.path('f'));
    await files.chown(bench.path('f'), uid, gid);
    expect(await files.stat(bench.path('f'))).toMatchObject({ uid, gid });
  });

  it('utimes keeps whole milliseconds', async () => {
    await bench.ports.fs.writeFile(bench.path('f'), '');
    for (let atimeMs = 1_700_000_000_000; atimeMs < 1_700_000_000_100; atimeMs++) {
      const mtimeMs = atimeMs - 123_457;
      await bench.ports.fs.utimes(bench.path('f'), atimeMs, mtimeMs);
      expect(await bench.ports.fs.stat(bench.path('f'))).toMatchObject({ atimeMs, mtimeMs });
    }
  });
});

describe('directories', () => {
  it('mkdir, rmdir', async () => {
    const { fs: files } = bench.ports;
    await files.mkdir(bench.path('d'), { mode: 0o700 });
    expect(await files.stat(bench.path('d'))).toMatchObject({ kind: 'directory', mode: 0o700 });
    await expectCode(files.mkdir(bench.path('d')), 'EEXIST');
    await files.mkdir(bench.path('d/e/f'), { recursive: true });
    await expectCode(files.rmdir(bench.path('d')), 'ENOTEMPTY');
    await files.rmdir(bench.path('d/e/f'));
    await expectCode(files.rmdir(bench.path('d/e/f')), 'ENOENT');
  });

  it('entries come all at once, and those of later do not come', async () => {
    const { fs: files } = bench.ports;
    const names = Array.from({ length: 2_000 }, (_, at) => `n${at}`);
    for (const name of names) fs.writeFileSync(bench.path(name), '');
    const fd = await files.opendir(bench.directory);
    const all = await files.readEntries(fd);
    fs.writeFileSync(bench.path('late'), '');
    expect(all.map(({ name }) => name).sort()).toEqual([...names].sort());
    expect(await files.readEntries(fd)).toEqual([]);
    await expectCode(files.read(fd, 1), 'EISDIR');
    await files.close(fd);
    await expectCode(files.readEntries(fd), 'EBADF');
    await expectCode(files.close(fd), 'EBADF');
  });

  it('have descriptors like any other', async () => {
    const { fs: files } = bench.ports;
    fs.writeFileSync(bench.path('f'), '');
    for (const fd of [await files.opendir(bench.directory), await files.open(bench.directory)]) {
      await files.fsync(fd);
      await files.fchmod(fd, 0o750);
      expect(await files.fstat(fd)).toMatchObject({ kind: 'directory', mode: 0o750 });
      expect(await files.readEntries(fd)).toEqual([{ name: 'f', kind: 'file' }]);
      await files.close(fd);
      await expectCode(files.fstat(fd), 'EBADF');
    }
    const file = await files.open(bench.path('f'));
    await expectCode(files.readEntries(file), 'ENOTDIR');
    await files.close(file);
    await expectCode(files.opendir(bench.path('f')), 'ENOTDIR');
  });

  it('entries have kinds', async () => {
    fs.writeFileSync(bench.path('f'), '');
    fs.mkdirSync(bench.path('d'));
    fs.symlinkSync('f', bench.path('s'));
    execFileSync('mkfifo', [bench.path('p')]);
    const listener = await bench.ports.net.listen({ kind: 'unix', path: bench.path('u') });
    const fd = await bench.ports.fs.opendir(bench.directory);
    const entries = await bench.ports.fs.readEntries(fd);
    await bench.ports.fs.close(fd);
    await bench.ports.fs.close(listener);
    expect(Object.fromEntries(entries.map(({ name, kind }) => [name, kind]))).toEqual({
      f: 'file',
      d: 'directory',
      s: 'symlink',
      p: 'fifo',
      u: 'socket',
    });
  });

  it('opendir: ENOENT, ENOTDIR', async () => {
    fs.writeFileSync(bench.path('f'), '');
    await expectCode(bench.ports.fs.opendir(bench.path('no')), 'ENOENT');
    await expectCode(bench.ports.fs.opendir(bench.path('f')), 'ENOTDIR');
  });
});
