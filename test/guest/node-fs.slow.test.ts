import realFs, { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type NodeFs, nodeFs } from '../../src/guest/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';
import fc from '../fc.ts';

// biome-ignore lint/suspicious/noExplicitAny: calls are made by name.
type Fs = any;
type Flavour = 'callback' | 'promise' | 'sync';
interface Command {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** Where both work: an empty directory of the same name, here and in the simulation. */
function inFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'node-fs-'));
  rmSync(folder, { recursive: true });
  return folder;
}

async function simulated<T>(folder: string, work: (fs: Fs) => Promise<T>): Promise<T> {
  let result: T | undefined;
  const scenario = scenarioOf(
    {
      guest: async (ports) => {
        result = await work(nodeFs(ports));
      },
    },
    { machine: { files: { [folder]: null }, busyMs: 0 }, settleMs: 100_000 },
  );
  const { failure } = await runOnce(scenario);
  expect(failure).toBeNull();
  return result!;
}

async function real<T>(folder: string, work: (fs: Fs) => Promise<T>): Promise<T> {
  mkdirSync(folder);
  try {
    return await work(realFs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function call(fs: Fs, flavour: Flavour, name: string, args: readonly unknown[]): unknown {
  if (flavour === 'sync') return fs[`${name}Sync`](...args);
  if (flavour === 'promise') return fs.promises[name](...args);
  return new Promise((resolve, reject) => {
    fs[name](...args, (error: unknown, value: unknown) => {
      if (error) reject(error);
      else resolve(value);
    });
  });
}

/** What a caller can tell the two apart by. */
function seen(name: string, value: unknown): unknown {
  if (value instanceof realFs.Stats || (typeof value === 'object' && value !== null && 'mtimeMs' in value)) {
    const stats = value as realFs.Stats;
    const file = stats.isFile();
    return {
      kind: [file, stats.isDirectory(), stats.isSymbolicLink(), stats.isSocket(), stats.isFIFO()],
      mode: stats.mode,
      ...(file && { size: stats.size, nlink: stats.nlink }),
      date: stats.mtime instanceof Date && Math.abs(stats.mtime.getTime() - stats.mtimeMs) < 1,
    };
  }
  if (name === 'readdir') {
    return (value as (string | realFs.Dirent)[])
      .map((entry) =>
        typeof entry === 'string' ? entry : `${entry.name} ${entry.isDirectory()} ${entry.isFile()}`,
      )
      .sort();
  }
  if (Buffer.isBuffer(value)) return `bytes ${value.toString('hex')}`;
  return value;
}

function failed(name: string, error: unknown): unknown {
  const {
    code,
    errno,
    syscall,
    path: at,
    dest,
    message,
  } = error as NodeJS.ErrnoException & { dest?: string };
  // Versions of Node differ in which of its calls has failed.
  if (name === 'rm') return { code };
  return { code, errno, syscall, path: at, dest, message, isError: error instanceof Error };
}

async function perform(fs: Fs, flavour: Flavour, commands: readonly Command[]): Promise<unknown[]> {
  const results: unknown[] = [];
  for (const { name, args } of commands) {
    try {
      if (name === 'descriptor') results.push(await throughDescriptor(fs, flavour, args));
      else results.push(seen(name, await call(fs, flavour, name, args)));
    } catch (error) {
      results.push(failed(name, error));
    }
  }
  return results;
}

/** open, write, fstat, ftruncate, read, fsync, close. */
async function throughDescriptor(fs: Fs, flavour: Flavour, [file, flags, text]: readonly unknown[]) {
  const via = flavour === 'promise' ? 'callback' : flavour;
  const fd = await call(fs, via, 'open', [file, flags]);
  const results: unknown[] = [];
  const attempt = async (name: string, ...args: unknown[]) => {
    try {
      results.push(seen(name, await call(fs, via, name, [fd, ...args])));
    } catch (error) {
      results.push(failed(name, error));
    }
  };
  await attempt('write', text);
  await attempt('write', Buffer.from('0123456789'), 2, 3, 1);
  await attempt('fstat');
  await attempt('ftruncate', 6);
  const buffer = Buffer.alloc(8, '-');
  await attempt('read', buffer, 1, 5, 0);
  // With a callback, Node's readFile of a descriptor that cannot be read loses the error.
  if (flavour === 'sync') await attempt('readFile', 'utf8');
  await attempt('fchmod', 0o640);
  await attempt('futimes', 5, 1_700_000_000);
  await attempt('fstat');
  await attempt('fsync');
  await attempt('close');
  await attempt('close');
  return [...results, buffer.toString()];
}

const FILES = ['a', 'b', 'd', 'd/x', 'd/y', 'd/e', 'missing/z', 'link', 'a/under'];
const file = (folder: string) => fc.constantFrom(...FILES).map((name) => `${folder}/${name}`);
const text = fc.constantFrom('', 'text', 'ähnlich ✓', 'x'.repeat(3_000));

function commandOf(folder: string, removes: boolean): fc.Arbitrary<Command> {
  const at = file(folder);
  const command = (name: string, ...args: fc.Arbitrary<unknown>[]) =>
    fc.tuple(...args).map((given) => ({ name, args: given }));
  return fc.oneof(
    {
      weight: 4,
      arbitrary: command('writeFile', at, text, fc.constantFrom('utf8', { flag: 'wx' }, { mode: 0o600 })),
    },
    {
      weight: 3,
      arbitrary: command('mkdir', at, fc.constantFrom(0o755, { recursive: true }, {}, { mode: 0o700 })),
    },
    command('writeFile', at, fc.constant(Buffer.from([0, 128, 255]))),
    command('appendFile', at, text),
    command('readFile', at, fc.constantFrom(null, 'utf8', { encoding: 'hex' }, { flag: 'r+' })),
    command('stat', at),
    command('lstat', at),
    command('access', at, fc.constantFrom(0, 4)),
    command('unlink', at),
    command('rmdir', at),
    command('rename', at, at),
    command('link', at, at),
    command('symlink', fc.constantFrom('a', 'd', 'd/x', 'link', 'nowhere', folder), at),
    command('readlink', at),
    command('realpath', at),
    command('readdir', at, fc.constantFrom('utf8', { withFileTypes: true })),
    ...(removes
      ? [
          command(
            'rm',
            at,
            fc.constantFrom({}, { recursive: true }, { force: true }, { recursive: true, force: true }),
          ),
        ]
      : []),
    command('truncate', at, fc.constantFrom(0, 2, 10)),
    command('copyFile', at, at, fc.constantFrom(0, 1)),
    command('chmod', at, fc.constantFrom(0o600, '644', 0o755)),
    command('utimes', at, fc.constantFrom(1, 1_700_000_000, '5'), fc.constantFrom(new Date(5_000), 77)),
    command('descriptor', at, fc.constantFrom('r', 'w', 'w+', 'a', 'a+', 'r+', 'wx+'), text),
  );
}

describe('nodeFs does what node:fs does', () => {
  it.each<Flavour>(['callback', 'promise', 'sync'])('%s', async (flavour) => {
    const folder = inFolder();
    // From 23.10 on Node has another rmSync, which makes less of errors.
    const removes = flavour !== 'sync' || Number.parseInt(process.versions.node, 10) < 23;
    await fc.assert(
      fc.asyncProperty(
        fc.array(commandOf(folder, removes), { minLength: 1, maxLength: 14 }),
        async (commands) => {
          const expected = await real(folder, (fs) => perform(fs, flavour, commands));
          const got = await simulated(folder, (fs) => perform(fs, flavour, commands));
          expect(got).toEqual(expected);
        },
      ),
      { numRuns: 250, seed: 7 },
    );
  });
});

describe('nodeFs', () => {
  it('takes its arguments as Node does, or complains as Node does', async () => {
    const complaints = (fs: Fs): unknown[] =>
      [
        () => fs.stat('/x'),
        () => fs.stat(7, () => {}),
        () => fs.readFileSync({}),
        () => fs.writeFileSync('/x', 5),
        () => fs.openSync('/x', 'nonsense'),
        () => fs.closeSync('3'),
        () => fs.closeSync(-1),
        () => fs.statSync('/a\0b'),
        () => fs.utimesSync('/x', {}, 1),
        () => fs.readFileSync('/x', 'no-such-encoding'),
        () => fs.existsSync(7),
        () => fs.statSync('/nowhere', { throwIfNoEntry: false }),
      ].map((act) => {
        try {
          return act() ?? 'nothing';
        } catch (error) {
          return [(error as { code?: unknown }).code, (error as Error).constructor.name];
        }
      });
    const folder = inFolder();
    expect(await simulated(folder, async (fs) => complaints(fs))).toEqual(complaints(realFs));
  });

  it('gives the same functions at each access, and others to each process', async () => {
    const all: NodeFs[] = [];
    const guest = async (ports: Parameters<typeof nodeFs>[0]) => void all.push(nodeFs(ports));
    await runOnce(scenarioOf({ guest }, { start: [{ program: 'guest', count: 2 }] }));
    const [one, other] = all as [NodeFs, NodeFs];
    expect(one.stat).toBe(one.stat);
    expect(one.promises).toBe(one.promises);
    expect(one.stat).not.toBe(other.stat);
  });

  it('bigint, promisified, streams, handles, callbacks of read and exists', async () => {
    const folder = inFolder();
    const work = async (fs: Fs) => {
      const at = `${folder}/f`;
      const stream = fs.createWriteStream(at);
      stream.write('one ');
      await new Promise((resolve) => stream.end('two', resolve));
      let text = '';
      for await (const chunk of fs.createReadStream(at, { encoding: 'utf8', start: 1, end: 5 }))
        text += chunk;
      const handle = await fs.promises.open(at, 'r+');
      const { bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
      await handle.truncate(3);
      const whole = await handle.readFile('utf8');
      await handle.close();
      const { size, mtimeNs } = fs.statSync(at, { bigint: true });
      const exists = await promisify(fs.exists)(at);
      const fd = fs.openSync(at, 'r');
      const read = await new Promise((resolve) =>
        fs.read(fd, Buffer.alloc(2), (error: unknown, n: number, buffer: Buffer) =>
          resolve([error, n, buffer.length]),
        ),
      );
      const promised = await promisify(fs.read)(fd, Buffer.alloc(2), 0, 2, 0);
      fs.closeSync(fd);
      const temporary = fs.mkdtempSync(`${folder}/t-`);
      return {
        ...{
          text,
          bytesRead,
          whole,
          size,
          isBig: typeof mtimeNs,
          exists,
          read,
          promised: promised.bytesRead,
        },
        temporary: /^t-\w{6}$/.test(path.basename(temporary)),
        native: fs.realpathSync.native(`${folder}/../${path.basename(folder)}/f`) === fs.realpathSync(at),
      };
    };
    expect(await simulated(folder, work)).toEqual(await real(folder, work));
  });

  it('open directories: iterated, read, closed, in each way', async () => {
    const folder = inFolder();
    const work = async (fs: Fs) => {
      for (const name of ['a', 'b', 'c']) fs.writeFileSync(`${folder}/${name}`, name);
      fs.mkdirSync(`${folder}/d`);
      const tellAll = (entries: realFs.Dirent[]) =>
        entries.map((entry) => `${entry.name} ${entry.isFile()} ${entry.parentPath === folder}`).sort();
      const iterated: realFs.Dirent[] = [];
      for await (const entry of await fs.promises.opendir(folder)) iterated.push(entry);
      const now = fs.opendirSync(folder, { bufferSize: 1 });
      const synced: realFs.Dirent[] = [];
      for (let entry = now.readSync(); entry !== null; entry = now.readSync()) synced.push(entry);
      now.closeSync();
      const dir = await new Promise<realFs.Dir>((resolve, reject) =>
        fs.opendir(folder, (error: unknown, opened: realFs.Dir) => (error ? reject(error) : resolve(opened))),
      );
      const first = await new Promise((resolve) =>
        dir.read((error, entry) => resolve([error, entry?.isFIFO()])),
      );
      await dir.close();
      const codes: unknown[] = [];
      for (const fails of [
        () => dir.read(),
        () => now.closeSync(),
        () => fs.opendirSync(`${folder}/a`),
        () => fs.promises.opendir(`${folder}/none`),
        () => fs.opendirSync(7),
        () => fs.opendirSync(folder, { bufferSize: 0 }),
      ]) {
        try {
          await fails();
          codes.push('none');
        } catch (error) {
          codes.push([(error as { code: unknown }).code, (error as { syscall?: unknown }).syscall]);
        }
      }
      // A loop that ends early has closed it too.
      const left = await fs.promises.opendir(folder);
      for await (const entry of left) if (entry) break;
      await left.close().catch((error: { code: unknown }) => codes.push(error.code));
      return {
        all: tellAll(iterated),
        same: tellAll(synced).join() === tellAll(iterated).join(),
        first,
        codes,
        path: dir.path,
      };
    };
    const expected = await real(folder, work);
    expect(expected.all).toHaveLength(4);
    expect(await simulated(folder, work)).toEqual(expected);
  });

  it('a handle changes modes and times', async () => {
    const folder = inFolder();
    const work = async (fs: Fs) => {
      const handle = await fs.promises.open(`${folder}/f`, 'w');
      await handle.chmod(0o604);
      await handle.utimes(3, new Date(4_000));
      const { mode, atimeMs, mtimeMs } = await handle.stat();
      await handle.close();
      return { mode, atimeMs, mtimeMs };
    };
    expect(await simulated(folder, work)).toEqual(await real(folder, work));
  });

  it('a call is made of operations, each a step of the schedule; a synchronous one is traced within one step', async () => {
    const opsOf = async (work: (fs: Fs) => unknown) => {
      const { events } = await runOnce(
        scenarioOf(
          { guest: async (ports) => void (await work(nodeFs(ports))) },
          { machine: { files: { '/d/f': 'text' } } },
        ),
      );
      return events.filter(({ op }) => !['start', 'end', 'exit'].includes(op)).map(({ op }) => op);
    };
    const reading = ['open', 'fstat', 'read', 'close'];
    expect(await opsOf((fs) => fs.promises.readFile('/d/f'))).toEqual(reading);
    expect(await opsOf((fs) => fs.readFileSync('/d/f'))).toEqual(reading);
    expect(await opsOf((fs) => fs.promises.writeFile('/d/g', 'x'))).toEqual(['open', 'write', 'close']);
    expect(await opsOf((fs) => fs.promises.readdir('/d'))).toEqual([
      'opendir',
      'readdir',
      'readdir',
      'close',
    ]);
    expect(await opsOf((fs) => fs.realpathSync('/d/f'))).toEqual(['lstat', 'lstat']);
    expect(await opsOf((fs) => fs.mkdirSync('/p/q', { recursive: true }))).toEqual([
      'mkdir',
      'mkdir',
      'mkdir',
    ]);
  });
});
