import { KINDS } from './argument-kinds.ts';
import { decodeText, encodeText } from './bytes.ts';
import { call } from './call.ts';
import { hasCode } from './error.ts';
import type { Machine } from './machine.ts';
import { parseOpenFlags } from './open-flags.ts';
import type { Bytes, DirectoryEntry, Stat } from './operation.ts';

const READ_CHUNK_BYTES = 65_536;

/** Files. Names and behaviour are those of `node:fs/promises`; descriptors are numbers. */
export class FsPort {
  readonly #machine: Machine;
  readonly #process: unknown;

  constructor(machine: Machine, process: unknown) {
    this.#machine = machine;
    this.#process = process;
  }

  open(path: string, flags: string | number = 'r', mode = 0o666): Promise<number> {
    let bits: number;
    try {
      bits = parseOpenFlags(flags);
    } catch (error) {
      return Promise.reject(error);
    }
    return call(this.#machine, this.#process, { op: 'open', path, flags: bits, mode });
  }

  close(fd: number): Promise<void> {
    return call(this.#machine, this.#process, { op: 'close', fd });
  }

  read(fd: number, length: number, position: number | null = null): Promise<Bytes> {
    return call(this.#machine, this.#process, { op: 'read', fd, length, position });
  }

  /** One write(2): may write less than asked. */
  write(fd: number, data: Bytes, position: number | null = null): Promise<number> {
    return call(this.#machine, this.#process, { op: 'write', fd, data, position });
  }

  ftruncate(fd: number, length = 0): Promise<void> {
    return call(this.#machine, this.#process, { op: 'ftruncate', fd, length });
  }

  fsync(fd: number): Promise<void> {
    return call(this.#machine, this.#process, { op: 'fsync', fd });
  }

  fstat(fd: number): Promise<Stat> {
    return call(this.#machine, this.#process, { op: 'fstat', fd });
  }

  stat(path: string): Promise<Stat> {
    return call(this.#machine, this.#process, { op: 'stat', path });
  }

  /** One stat. `false` on ENOENT, which includes a dangling symbolic link. Any other failure is thrown. */
  async exists(path: string): Promise<boolean> {
    try {
      await this.stat(path);
      return true;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return false;
      throw error;
    }
  }

  lstat(path: string): Promise<Stat> {
    return call(this.#machine, this.#process, { op: 'lstat', path });
  }

  /** The number of the type of the filesystem that holds a path, as in `statfs` of Node. */
  statfs(path: string): Promise<{ type: number }> {
    return call(this.#machine, this.#process, { op: 'statfs', path });
  }

  access(path: string, mode = 0): Promise<void> {
    return call(this.#machine, this.#process, { op: 'access', path, mode });
  }

  chmod(path: string, mode: number): Promise<void> {
    return call(this.#machine, this.#process, { op: 'chmod', path, mode });
  }

  fchmod(fd: number, mode: number): Promise<void> {
    return call(this.#machine, this.#process, { op: 'fchmod', fd, mode });
  }

  chown(path: string, uid: number, gid: number): Promise<void> {
    return call(this.#machine, this.#process, { op: 'chown', path, uid, gid });
  }

  utimes(path: string, atimeMs: number, mtimeMs: number): Promise<void> {
    return call(this.#machine, this.#process, { op: 'utimes', path, atimeMs, mtimeMs });
  }

  futimes(fd: number, atimeMs: number, mtimeMs: number): Promise<void> {
    return call(this.#machine, this.#process, { op: 'futimes', fd, atimeMs, mtimeMs });
  }

  link(from: string, to: string): Promise<void> {
    return call(this.#machine, this.#process, { op: 'link', from, to });
  }

  symlink(target: string, path: string): Promise<void> {
    return call(this.#machine, this.#process, { op: 'symlink', target, path });
  }

  readlink(path: string): Promise<string> {
    return call(this.#machine, this.#process, { op: 'readlink', path });
  }

  realpath(path: string): Promise<string> {
    return call(this.#machine, this.#process, { op: 'realpath', path });
  }

  rename(from: string, to: string): Promise<void> {
    return call(this.#machine, this.#process, { op: 'rename', from, to });
  }

  unlink(path: string): Promise<void> {
    return call(this.#machine, this.#process, { op: 'unlink', path });
  }

  /** One unlink. `false` if the path does not exist. */
  async unlinkIfThere(path: string): Promise<boolean> {
    try {
      await this.unlink(path);
      return true;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return false;
      throw error;
    }
  }

  /** With `recursive`, an existing directory is not an error, as in Node. */
  async mkdir(path: string, { recursive = false, mode = 0o777 } = {}): Promise<void> {
    try {
      return await this.#mkdir(path, mode);
    } catch (error) {
      if (!recursive) throw error;
      if (hasCode(error, 'ENOENT')) {
        const parent = path.slice(0, path.lastIndexOf('/'));
        if (parent === '') throw error;
        await this.mkdir(parent, { recursive, mode });
        return await this.mkdir(path, { recursive, mode });
      }
      if (!hasCode(error, 'EEXIST') || (await this.stat(path)).kind !== 'directory') throw error;
    }
  }

  rmdir(path: string): Promise<void> {
    return call(this.#machine, this.#process, { op: 'rmdir', path });
  }

  opendir(path: string): Promise<number> {
    return call(this.#machine, this.#process, { op: 'opendir', path });
  }

  /** The next entries of an open directory; empty at the end. */
  readEntries(fd: number, { prefix = '' } = {}): Promise<DirectoryEntry[]> {
    const which = prefix === '' ? {} : { prefix };
    return call(this.#machine, this.#process, { op: 'readdir', fd, ...which });
  }

  /**
   * Several steps: opendir, readdir until it returns nothing, close. The order of names is unspecified. With a `prefix`, only names
   * that begin with it are returned, so that `explore` knows that other names are irrelevant.
   */
  async readdir(path: string, { prefix = '' } = {}): Promise<string[]> {
    const fd = await this.opendir(path);
    try {
      const names: string[] = [];
      for (;;) {
        const entries = await this.readEntries(fd, { prefix });
        if (entries.length === 0) return names;
        for (const entry of entries) names.push(entry.name);
      }
    } finally {
      await this.close(fd);
    }
  }

  /** Several steps: open, read to the end, close. Reads at most `maxBytes`. */
  async readFile(
    path: string,
    { maxBytes = Number.MAX_SAFE_INTEGER, flag = 'r' as string | number } = {},
  ): Promise<string> {
    const fd = await this.open(path, flag);
    try {
      let bytes = '';
      for (;;) {
        const wanted = Math.min(READ_CHUNK_BYTES, maxBytes - bytes.length);
        const chunk = await this.read(fd, wanted);
        bytes += chunk;
        // A regular file returns less than requested only at its end.
        if (chunk.length < wanted || bytes.length >= maxBytes) return decodeText(bytes);
      }
    } finally {
      await this.close(fd);
    }
  }

  /** Like {@link readFile}, but `null` on ENOENT. Any other failure is thrown. */
  async readIfThere(path: string): Promise<string | null> {
    try {
      return await this.readFile(path);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return null;
      throw error;
    }
  }

  /** Several steps: open (which truncates the file if the flag is `w`), write until everything is written, close. */
  async writeFile(path: string, text: string, { flag = 'w', mode = 0o666 } = {}): Promise<void> {
    if (typeof text !== 'string') throw KINDS.bytes.mistake(text, 'data');
    const fd = await this.open(path, flag, mode);
    try {
      for (let rest = encodeText(text); rest.length > 0; ) rest = rest.slice(await this.write(fd, rest));
    } finally {
      await this.close(fd);
    }
  }

  /** Repeats write(2) until everything is written. */
  async writeAll(fd: number, data: Bytes): Promise<void> {
    for (let rest = data; rest.length > 0; ) rest = rest.slice(await this.write(fd, rest));
  }

  #mkdir(path: string, mode: number): Promise<void> {
    return call(this.#machine, this.#process, { op: 'mkdir', path, mode });
  }
}
