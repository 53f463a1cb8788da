import { describe, expect, it } from 'vitest';
import {
  bytesFrom,
  bytesToArray,
  decodeText,
  encodeText,
  errorText,
  formatOpenFlags,
  hasCode,
  isErrorCode,
  isSystemError,
  type Machine,
  OPEN,
  type Operation,
  parseOpenFlags,
  portsOf,
  SystemError,
  traced,
} from '../../src/ports/index.ts';
import fc from '../fc.ts';

describe('bytes', () => {
  it('are the UTF-8 of a text, as Node writes it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const bytes = encodeText(text);
        expect(bytes).toMatch(/^[\x00-\xff]*$/);
        expect(Buffer.from(bytes, 'latin1')).toEqual(Buffer.from(text, 'utf8'));
        expect(decodeText(bytes)).toBe(Buffer.from(text, 'utf8').toString());
      }),
    );
  });

  it('that are no UTF-8 are read as Node reads them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (array) => {
        expect(decodeText(bytesFrom(array))).toBe(Buffer.from(array).toString());
        expect(bytesToArray(bytesFrom(array))).toEqual(array);
      }),
    );
  });

  it('may be many', () => {
    const array = new Uint8Array(100_000).map((_, at) => at % 256);
    expect(bytesToArray(bytesFrom(array))).toEqual(array);
  });
});

describe('flags of open', () => {
  it.each(['r', 'r+', 'w', 'wx', 'w+', 'wx+', 'a', 'ax', 'a+', 'ax+', 'as', 'rs+'])('%s', (text) => {
    expect(formatOpenFlags(parseOpenFlags(text))).toBe(text);
  });

  it('that have no text of their own are named bit by bit', () => {
    expect(formatOpenFlags(OPEN.O_WRONLY | OPEN.O_CREAT | OPEN.O_NOFOLLOW)).toBe(
      'O_WRONLY|O_CREAT|O_NOFOLLOW',
    );
    expect(formatOpenFlags(OPEN.O_RDWR | OPEN.O_EXCL)).toBe('O_RDWR|O_EXCL');
  });

  it('that are unknown are refused, with those that are known', () => {
    expect(() => parseOpenFlags('rw')).toThrow(/"rw".*r\+/);
    expect(() => parseOpenFlags('toString')).toThrow(TypeError);
  });
});

describe('errors', () => {
  it.each<[Operation, string]>([
    [{ op: 'stat', path: '/x' }, "ENOENT: no such file or directory, stat '/x'"],
    [{ op: 'rename', from: '/a', to: '/b' }, "ENOENT: no such file or directory, rename '/a' -> '/b'"],
    [{ op: 'symlink', target: '/a', path: '/b' }, "ENOENT: no such file or directory, symlink '/a' -> '/b'"],
    [{ op: 'fsync', fd: 3 }, 'ENOENT: no such file or directory, fsync'],
    [
      { op: 'connect', address: { kind: 'unix', path: '/s' }, timeoutMs: 1 },
      "ENOENT: no such file or directory, connect '/s'",
    ],
  ])('read like those of Node: %o', (operation, message) => {
    const error = new SystemError('ENOENT', operation);
    expect(error.message).toBe(message);
    expect(error).toMatchObject({ code: 'ENOENT', errno: -2, syscall: operation.op });
    expect(isSystemError(error) && hasCode(error, 'ENOENT') && !hasCode(error, 'EEXIST')).toBe(true);
  });

  it('are errors whose text may be changed', () => {
    const error = new SystemError('EIO', { op: 'fsync', fd: 3 });
    expect(error).toBeInstanceOf(Error);
    expect(error.stack).toBe('Error: EIO: i/o error, fsync');
    expect(Object.keys(error)).toEqual(['errno', 'code', 'syscall']);
    error.message = 'cannot lock';
    error.stack = 'none';
    expect([error.message, error.stack, String(error)]).toEqual([
      'cannot lock',
      'none',
      'Error: cannot lock',
    ]);
    expect(Object.keys(error)).toEqual(['errno', 'code', 'syscall']);
    expect(new SystemError('EIO', { op: 'fsync', fd: 3 }).message).toBe('EIO: i/o error, fsync');
  });

  it('have codes and texts', () => {
    expect(errorText('EEXIST')).toBe('file already exists');
    expect(isErrorCode('EEXIST')).toBe(true);
    for (const no of ['toString', 'EXISTS', 5, undefined]) expect(isErrorCode(no)).toBe(false);
    expect(hasCode({ code: 'ENOENT' }, 'ENOENT')).toBe(false);
  });
});

/** Answers what the table says, and writes down what it was asked. */
function fakeMachine(answers: (operation: Operation) => unknown) {
  const asked: Operation[] = [];
  const machine: Machine = {
    execute(_, operation, resolve, reject) {
      asked.push(operation);
      const answer = answers(operation);
      if (answer instanceof Error) reject(answer as never);
      else resolve(answer);
      return { cancel: () => {} };
    },
  };
  return { asked, ports: portsOf(machine, 'process'), machine };
}

describe('the file port', () => {
  it('writes until everything is written, and always closes the file', async () => {
    const short = fakeMachine(({ op }) => (op === 'open' ? 7 : op === 'write' ? 2 : undefined));
    await short.ports.fs.writeFile('/x', 'abcde');
    expect(short.asked.map((one) => ('data' in one ? one.data : one.op))).toEqual([
      'open',
      'abcde',
      'cde',
      'e',
      'close',
    ]);
    const full = fakeMachine((operation) =>
      operation.op === 'open'
        ? 7
        : operation.op === 'write'
          ? new SystemError('ENOSPC', operation)
          : undefined,
    );
    await expect(full.ports.fs.writeFile('/x', 'abc')).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(full.asked.at(-1)).toEqual({ op: 'close', fd: 7 });
  });

  it('that are no text are refused, and nothing is opened', async () => {
    const { machine, asked } = fakeMachine(() => 3);
    const { fs } = portsOf(machine, 'p');
    for (const wrong of [new Uint8Array([49]), 4711, null, undefined] as never[]) {
      await expect(fs.writeFile('/x', wrong)).rejects.toThrow(/data to write is a .*; accepted: a string/);
      await expect(async () => fs.write(3, wrong)).rejects.toThrow(TypeError);
    }
    expect(asked).toEqual([]);
  });

  it('reads until the end, or as much as is asked', async () => {
    const content = 'x'.repeat(70_000);
    const read = (max?: number) => {
      let at = 0;
      const { ports } = fakeMachine((operation) => {
        if (operation.op !== 'read') return 7;
        const chunk = content.slice(at, at + operation.length);
        at += chunk.length;
        return chunk;
      });
      return ports.fs.readFile('/x', max === undefined ? {} : { maxBytes: max });
    };
    expect(await read()).toBe(content);
    expect(await read(66_000)).toBe(content.slice(0, 66_000));
    expect(await read(0)).toBe('');
  });

  it('exists: makes one stat, and throws any other error', async () => {
    const { ports, asked } = fakeMachine((operation) => {
      const { path } = operation as { path: string };
      if (path === '/there') return { kind: 'file' };
      return new SystemError(path === '/gone' ? 'ENOENT' : 'EACCES', operation);
    });
    expect(await ports.fs.exists('/there')).toBe(true);
    expect(await ports.fs.exists('/gone')).toBe(false);
    await expect(ports.fs.exists('/hidden')).rejects.toMatchObject({ code: 'EACCES', path: '/hidden' });
    expect(asked).toEqual(['/there', '/gone', '/hidden'].map((path) => ({ op: 'stat', path })));
  });

  it('reads null where there is no file, and throws any other failure', async () => {
    const { ports, asked } = fakeMachine((operation) => {
      if (operation.op === 'read') return '';
      if (operation.op !== 'open' || operation.path === '/empty') return 7;
      return new SystemError(operation.path === '/gone' ? 'ENOENT' : 'EISDIR', operation);
    });
    expect(await ports.fs.readIfThere('/empty')).toBe('');
    expect(await ports.fs.readIfThere('/gone')).toBe(null);
    await expect(ports.fs.readIfThere('/directory')).rejects.toMatchObject({ code: 'EISDIR' });
    expect(asked.map(({ op }) => op)).toEqual(['open', 'read', 'close', 'open', 'open']);
  });

  it('unlinkIfThere: returns whether the file existed, and throws any other error', async () => {
    const { ports } = fakeMachine((operation) => {
      if (operation.op !== 'unlink' || operation.path === '/there') return undefined;
      return new SystemError(operation.path === '/gone' ? 'ENOENT' : 'EPERM', operation);
    });
    expect(await ports.fs.unlinkIfThere('/there')).toBe(true);
    expect(await ports.fs.unlinkIfThere('/gone')).toBe(false);
    await expect(ports.fs.unlinkIfThere('/directory')).rejects.toMatchObject({ code: 'EPERM' });
  });

  it('makes the parents of a directory, each once', async () => {
    const there = new Set(['/a']);
    const { ports, asked } = fakeMachine((operation) => {
      if (operation.op === 'stat') return { kind: 'directory' };
      const { path } = operation as { path: string };
      if (there.has(path)) return new SystemError('EEXIST', operation);
      if (!there.has(path.slice(0, path.lastIndexOf('/')))) return new SystemError('ENOENT', operation);
      there.add(path);
      return undefined;
    });
    await ports.fs.mkdir('/a/b/c', { recursive: true });
    expect([...there]).toEqual(['/a', '/a/b', '/a/b/c']);
    await ports.fs.mkdir('/a/b', { recursive: true });
    await expect(ports.fs.mkdir('/a/b')).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(ports.fs.mkdir('/x/y')).rejects.toMatchObject({ code: 'ENOENT' });
    expect(asked.at(-1)).toMatchObject({ op: 'mkdir', path: '/x/y' });
  });
});

describe('an address', () => {
  it.each([
    ...[undefined, null, 8080, '127.0.0.1:80', {}, { host: '127.0.0.1', tcpPort: 80 }, { kind: 'unix' }],
    ...[
      { kind: 'tcp', tcpPort: 80 },
      { kind: 'tcp', host: '127.0.0.1' },
    ],
  ])('%j is refused by all that take one, and nothing is asked', async (wrong) => {
    const { ports, asked } = fakeMachine(() => 3);
    const address = wrong as never;
    const message =
      /the address is .*: expected \{ kind: 'tcp', host: .*, tcpPort: .* \} or \{ kind: 'unix', path: /;
    await expect(ports.net.listen(address)).rejects.toThrow(message);
    await expect(ports.probe.connect(address, 1)).rejects.toThrow(message);
    await expect(ports.probe.request(address, { path: '/', body: '' }, 1)).rejects.toThrow(TypeError);
    expect(asked).toEqual([]);
  });

  it('is passed to listen unchanged, without options that were not given', async () => {
    const { ports, asked } = fakeMachine(() => 3);
    const address = { kind: 'unix', path: '/s' } as const;
    await ports.net.listen(address);
    await ports.net.listen(address, { backlog: 1, unlinkOnClose: false });
    await ports.net.addressOf(3);
    expect(asked).toEqual([
      { op: 'listen', address, backlog: 4096 },
      { op: 'listen', address, backlog: 1, unlinkOnClose: false },
      { op: 'getsockname', fd: 3 },
    ]);
  });
});

describe('a traced machine', () => {
  it('reports the outcome of each operation before the program receives it', async () => {
    const log: unknown[] = [];
    const { machine } = fakeMachine((operation) =>
      operation.op === 'stat' ? new SystemError('ENOENT', operation) : 'value',
    );
    const { fs, clock } = portsOf(
      traced(machine, (process, { op }, outcome) => {
        log.push([process, op, 'error' in outcome ? outcome.error.code : outcome.value]);
      }),
      'p',
    );
    await fs.stat('/x').catch(() => log.push('rejected'));
    await clock.wallMs().then(() => log.push('resolved'));
    expect(log).toEqual([['p', 'stat', 'ENOENT'], 'rejected', ['p', 'clock', 'value'], 'resolved']);
  });

  it('withdraws what the machine would withdraw', async () => {
    let cancelled = 0;
    const waits: Machine = { execute: () => ({ cancel: () => cancelled++ }) };
    const { clock } = portsOf(
      traced(waits, () => {}),
      'p',
    );
    const controller = new AbortController();
    const sleeping = clock.sleep(1_000, controller.signal);
    controller.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
    expect(cancelled).toBe(1);
    await expect(clock.sleep(1, controller.signal)).rejects.toThrow('enough');
    expect(cancelled).toBe(1);
  });
});
