/** Connected sockets and pipes: the same calls come to the same on this machine and on the simulated one. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NodeMachine } from '../../src/node/index.ts';
import { call } from '../../src/ports/call.ts';
import { isSystemError, type Operation } from '../../src/ports/index.ts';
import { freePort } from '../../src/real/index.ts';
import { withPuppets } from '../sim/puppets.ts';
import { Bench } from './helpers.ts';

const TIMEOUT_MS = 30_000;

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.end());

// biome-ignore lint/suspicious/noExplicitAny: the result depends on the operation
type Any = any;

/** Calls, one after another; `yield` gives the result or the code of the failure. */
type Scene = (at: Operation<'listen'>['address']) => Generator<Operation, unknown, Any>;

async function onThisMachine(scene: Scene, at: Operation<'listen'>['address']): Promise<unknown> {
  const calls = scene(at);
  for (let step = calls.next(); ; ) {
    if (step.done) return step.value;
    let outcome: unknown;
    try {
      outcome = await bench.do(step.value);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      outcome = error.code;
    }
    step = calls.next(outcome as never);
  }
}

function inTheSimulation(scene: Scene, at: Operation<'listen'>['address']): Promise<unknown> {
  return withPuppets((puppets, process) => {
    const calls = scene(at);
    for (let step = calls.next(); ; ) {
      if (step.done) return step.value;
      const { value } = step;
      step = calls.next(puppets.do(process, value) as never);
    }
  });
}

const listen = (address: Operation<'listen'>['address']): Operation => ({
  op: 'listen',
  address,
  backlog: 8,
  streams: true,
});
const recv = (fd: number, length = 100): Operation => ({ op: 'recv', fd, length });
const send = (fd: number, data: string): Operation => ({ op: 'send', fd, data });
const close = (fd: number): Operation => ({ op: 'close', fd });

/** The two ends of a connection, and the listener. */
function* connected(at: Operation<'listen'>['address']): Generator<Operation, [number, number, number], Any> {
  const listener: number = yield listen(at);
  const client: number = yield { op: 'connectStream', address: at, timeoutMs: TIMEOUT_MS };
  const server: number = yield { op: 'acceptStream', fd: listener };
  return [client, server, listener];
}

const BOTH: Readonly<Record<string, Scene>> = {
  *'bytes go both ways, and as many as asked for'(at) {
    const [client, server] = yield* connected(at);
    return [
      yield send(client, 'abc\xff'),
      yield recv(server, 2),
      yield recv(server),
      yield send(server, 'back'),
      yield recv(client),
      yield send(client, ''),
      yield recv(client, 0),
    ];
  },
  *'a half-closed connection reads to the end, and the other direction goes on'(at) {
    const [client, server] = yield* connected(at);
    return [
      yield send(client, 'last'),
      yield { op: 'shutdown', fd: client },
      yield recv(server),
      yield recv(server),
      yield recv(server),
      yield send(server, 'answer'),
      yield recv(client),
      yield send(client, 'x'),
      yield { op: 'shutdown', fd: client },
      yield close(server),
      yield recv(client),
    ];
  },
  *'a close with unread data resets the connection'(at) {
    const [client, server] = yield* connected(at);
    return [
      yield send(server, 'to be read'),
      yield send(client, 'unread'),
      yield close(server),
      yield recv(client),
      yield recv(client),
      yield recv(client),
      yield send(client, 'x'),
    ];
  },
  *'writing meets the reset too'(at) {
    const [client, server] = yield* connected(at);
    return [
      yield send(client, 'unread'),
      yield close(server),
      yield send(client, 'x'),
      yield send(client, 'x'),
      yield recv(client),
    ];
  },
  *'a close with nothing unread is an end, and then nothing can be written'(at) {
    const [client, server] = yield* connected(at);
    return [
      yield close(server),
      yield recv(client),
      yield send(client, 'first'),
      yield send(client, 'second'),
      yield recv(client),
      yield recv(client),
    ];
  },
  *'a half-closed end that is closed with unread data'(at) {
    const [client, server] = yield* connected(at);
    return [
      yield send(client, 'unread'),
      yield { op: 'shutdown', fd: server },
      yield recv(client),
      yield close(server),
      yield recv(client),
      yield send(client, 'x'),
      yield send(client, 'x'),
      yield recv(client),
    ];
  },
  *'descriptors of other kinds are refused'(at) {
    const [client, , listener] = yield* connected(at);
    const { readFd, writeFd }: { readFd: number; writeFd: number } = yield { op: 'pipe' };
    const file: number = yield { op: 'open', path: '/', flags: 0, mode: 0 };
    return [
      yield recv(listener),
      yield recv(readFd),
      yield recv(file),
      yield recv(9_999),
      yield send(writeFd, 'x'),
      yield { op: 'shutdown', fd: readFd },
      yield { op: 'acceptStream', fd: client },
      yield { op: 'acceptStream', fd: 9_999 },
      yield { op: 'getpeername', fd: listener },
      yield { op: 'getpeername', fd: readFd },
      yield { op: 'getsockname', fd: readFd },
      yield { op: 'reset', fd: readFd },
      yield { op: 'readdir', fd: readFd },
      yield { op: 'readdir', fd: client },
      yield { op: 'reset', fd: ((yield { op: 'socketpair' }) as { fd: number }).fd },
    ];
  },
  *'read and write are for sockets too'(at) {
    const [client, server] = yield* connected(at);
    return [
      yield { op: 'write', fd: client, data: 'abc', position: null },
      yield { op: 'read', fd: server, length: 2, position: null },
      yield { op: 'read', fd: server, length: 2, position: 1 },
      yield { op: 'write', fd: client, data: 'abc', position: 0 },
      ((yield { op: 'fstat', fd: client }) as { kind: string }).kind,
    ];
  },
  *'names of both ends'(at) {
    const [client, server] = yield* connected(at);
    const names = [
      yield { op: 'getsockname', fd: server },
      yield { op: 'getpeername', fd: client },
      yield { op: 'getsockname', fd: client },
      yield { op: 'getpeername', fd: server },
    ] as { tcpPort?: number }[];
    const port = names[2]!.tcpPort;
    return names.map((name) =>
      name.tcpPort === port && port !== undefined ? { ...name, tcpPort: 'client' } : name,
    );
  },
  *'an accepted connection outlasts its listener'(at) {
    const [client, server, listener] = yield* connected(at);
    return [yield close(listener), yield send(client, 'x'), yield recv(server)];
  },
};

const OF_TCP: Readonly<Record<string, Scene>> = {
  *'what has not been accepted is reset with its listener'(at) {
    const listener: number = yield listen(at);
    const client: number = yield { op: 'connectStream', address: at, timeoutMs: TIMEOUT_MS };
    return [
      yield close(listener),
      yield recv(client),
      yield { op: 'connectStream', address: at, timeoutMs: TIMEOUT_MS },
    ];
  },
  *'the address of a client'(at) {
    const to = { ...at, host: '127.0.0.2' } as Operation<'listen'>['address'];
    const [client, server] = yield* connected(to);
    const local: { host: string } = yield { op: 'getsockname', fd: client };
    const remote: { host: string } = yield { op: 'getpeername', fd: server };
    return [local.host, remote.host];
  },
  *'a reset'(at) {
    const [client, server] = yield* connected(at);
    return [
      yield { op: 'reset', fd: server },
      yield recv(client),
      yield recv(client),
      yield send(client, 'x'),
      yield close(server),
    ];
  },
};

/** More than any system has room for. */
const MUCH = 'x'.repeat(2 ** 23);

/** The end of a connection is behind data for which there was no room. */
const JAMMED: Readonly<Record<string, Scene>> = {
  *'is reset instead'(at) {
    const [client, server] = yield* connected(at);
    yield send(client, MUCH);
    yield { op: 'shutdown', fd: client };
    yield { op: 'reset', fd: client };
    return [yield send(server, 'x'), yield send(server, 'x'), yield* drained(server)];
  },
  *'is met by what is sent to an end that is gone'(at) {
    const [client, server] = yield* connected(at);
    yield send(client, MUCH);
    yield close(client);
    return [yield send(server, 'x'), yield* drained(server), yield send(server, 'x')];
  },
  *'is behind an end that has come'(at) {
    const [client, server] = yield* connected(at);
    yield { op: 'shutdown', fd: client };
    yield send(server, MUCH);
    yield { op: 'shutdown', fd: server };
    yield { op: 'reset', fd: client };
    return [yield send(server, 'x'), yield send(server, 'x'), yield recv(server)];
  },
  *'comes once there is room'(at) {
    const [client, server] = yield* connected(at);
    yield send(client, MUCH);
    yield close(client);
    return [...(yield* drained(server)), yield send(server, 'x'), yield send(server, 'x')];
  },
};

/** What comes after the last byte, twice. How many come depends on the system. */
function* drained(fd: number): Generator<Operation, unknown[], Any> {
  for (;;) {
    const data: string = yield recv(fd, 2 ** 20);
    if (data === '' || data.startsWith('E')) return [data, yield recv(fd)];
  }
}

const PIPES: Readonly<Record<string, Scene>> = {
  *'a pipe'() {
    const { readFd, writeFd }: { readFd: number; writeFd: number } = yield { op: 'pipe' };
    return [
      yield { op: 'write', fd: writeFd, data: 'abc', position: null },
      yield { op: 'read', fd: readFd, length: 2, position: null },
      yield { op: 'read', fd: readFd, length: 2, position: null },
      yield { op: 'read', fd: readFd, length: 2, position: 0 },
      yield { op: 'read', fd: writeFd, length: 2, position: null },
      yield { op: 'read', fd: writeFd, length: 2, position: 0 },
      yield { op: 'read', fd: writeFd, length: 0, position: null },
      yield { op: 'write', fd: readFd, data: 'x', position: 0 },
      yield { op: 'write', fd: readFd, data: 'x', position: null },
      ((yield { op: 'fstat', fd: readFd }) as { kind: string }).kind,
      yield { op: 'write', fd: writeFd, data: 'last', position: null },
      yield close(writeFd),
      yield { op: 'read', fd: readFd, length: 9, position: null },
      yield { op: 'read', fd: readFd, length: 9, position: null },
    ];
  },
  *'a pipe that nothing reads'() {
    const { readFd, writeFd }: { readFd: number; writeFd: number } = yield { op: 'pipe' };
    return [
      yield { op: 'write', fd: writeFd, data: 'abc', position: null },
      yield close(readFd),
      yield { op: 'write', fd: writeFd, data: 'x', position: null },
      yield { op: 'write', fd: writeFd, data: '', position: null },
      yield close(writeFd),
      yield close(writeFd),
    ];
  },
  *'a pipe holds 64 KiB'() {
    const { readFd, writeFd }: { readFd: number; writeFd: number } = yield { op: 'pipe' };
    return [
      yield { op: 'write', fd: writeFd, data: 'x'.repeat(70_000), position: null },
      ((yield { op: 'read', fd: readFd, length: 65_536, position: null }) as string).length,
    ];
  },
  *'a socketpair'() {
    const { fd, otherFd }: { fd: number; otherFd: number } = yield { op: 'socketpair' };
    return [
      yield send(fd, 'there'),
      yield recv(otherFd),
      yield send(otherFd, 'back'),
      yield recv(fd),
      yield { op: 'getpeername', fd },
      yield { op: 'getsockname', fd: otherFd },
      yield send(fd, 'unread'),
      yield close(otherFd),
      yield recv(fd),
      yield recv(fd),
      yield send(fd, 'x'),
    ];
  },
};

describe.each(['tcp', 'unix'] as const)('%s', (kind) => {
  it.each(Object.entries(kind === 'tcp' ? { ...BOTH, ...OF_TCP, ...JAMMED } : BOTH))(
    '%s',
    async (_, scene) => {
      const at =
        kind === 'tcp'
          ? { kind, host: '127.0.0.1', tcpPort: await freePort() }
          : { kind, path: bench.path('s') };
      const simulated = await inTheSimulation(scene, kind === 'tcp' ? at : { kind, path: '/s' });
      const real = await onThisMachine(scene, at);
      const text = JSON.stringify(real, (_, value: unknown) => (value === bench.path('s') ? '/s' : value));
      expect(JSON.parse(JSON.stringify(simulated))).toEqual(JSON.parse(text.replaceAll('null', '"done"')));
    },
  );
});

it.each(Object.entries(PIPES))('%s', async (_, scene) => {
  const nowhere = { kind: 'unix', path: '/none' } as const;
  const simulated = await inTheSimulation(scene, nowhere);
  const real = (await onThisMachine(scene, nowhere)) as unknown[];
  expect(simulated).toEqual(real.map((value) => value ?? 'done'));
});

it('to receive nothing waits for nothing, not for others that wait either', async () => {
  const { fd, otherFd } = await bench.do({ op: 'socketpair' });
  const waits = bench.do({ op: 'recv', fd, length: 1 });
  expect(await bench.do({ op: 'recv', fd, length: 0 })).toBe('');
  await bench.do({ op: 'send', fd: otherFd, data: 'x' });
  expect(await waits).toBe('x');
  await withPuppets((puppets, process) => {
    const pair = puppets.do(process, { op: 'socketpair' }) as { fd: number };
    expect(puppets.do(process, recv(pair.fd))).toBeUndefined();
    expect(puppets.do(process, recv(pair.fd, 0))).toBe('');
  });
});

it('end of file comes when the last process that has the other end has closed it, or has ended', async () => {
  await withPuppets((puppets, parent) => {
    const { readFd, writeFd } = puppets.do(parent, { op: 'pipe' }) as { readFd: number; writeFd: number };
    const spawn = (stdio: (number | null)[]): Operation => ({
      ...{ op: 'spawn', command: ['idle'], detached: false, stdio },
    });
    const childOf = (pid: unknown) => puppets.machine.table.get(pid as number)!;
    const writer = childOf(puppets.do(parent, spawn([null, writeFd, writeFd])));
    const other = childOf(puppets.do(parent, spawn([readFd, writeFd])));
    puppets.do(parent, close(writeFd));
    let read: unknown = 'waits';
    puppets.machine.current = parent;
    const reads: Operation = { op: 'read', fd: readFd, length: 9, position: null };
    puppets.machine.execute(
      parent,
      reads,
      (value) => (read = value),
      () => {},
    );
    puppets.settle();
    puppets.do(writer, close(1));
    puppets.do(other, close(1));
    expect(read).toBe('waits');
    puppets.machine.current = null;
    puppets.machine.end(writer, null, 'SIGKILL');
    puppets.settle();
    expect(read).toBe('');
    expect(puppets.do(other, { op: 'fstat', fd: 0 })).toMatchObject({ kind: 'fifo' });
    expect(puppets.do(writer, { op: 'fstat', fd: 0 })).toBeUndefined();
  });
});

it('a child has its standard input and output, directory and environment', async () => {
  const { readFd, writeFd } = await bench.do({ op: 'pipe' });
  const input = await bench.do({ op: 'pipe' });
  const script =
    'process.stdin.pipe(process.stdout); process.stdin.on("end", () => console.log(process.cwd(), Object.keys(process.env).join()))';
  const pid = await bench.do({
    ...{ op: 'spawn', command: [process.execPath, '-e', script], detached: false },
    ...{ stdio: [input.readFd, writeFd, null], cwd: '/', env: { ONLY: 'x' }, clearEnv: true },
  });
  bench.track(pid);
  await bench.do({ op: 'close', fd: writeFd });
  await bench.do({ op: 'close', fd: input.readFd });
  await bench.do({ op: 'write', fd: input.writeFd, data: 'in\n', position: null });
  await bench.do({ op: 'close', fd: input.writeFd });
  let text = '';
  for (;;) {
    const more = await bench.do({ op: 'read', fd: readFd, length: 100, position: null });
    if (more === '') break;
    text += more;
  }
  expect(text).toBe('in\n/ ONLY\n');
  expect(await bench.do({ op: 'wait', pid })).toEqual({ code: 0, signal: null });
});

it.runIf(process.platform === 'linux')(
  'a child has the end of a pipe whose other end is closed',
  async () => {
    const script = (call: string): string[] => [
      ...[process.execPath, '-e'],
      `try { process.exit(${call} === 0 ? 3 : 4) } catch ({ code }) { process.exit(code === 'EPIPE' ? 5 : 6) }`,
    ];
    const statusOf = async (command: string[], stdio: (number | null)[]) => {
      const pid = await bench.do({ op: 'spawn', command, detached: false, stdio });
      return (await bench.do({ op: 'wait', pid: bench.track(pid) })).code;
    };
    const [read, written] = [await bench.do({ op: 'pipe' }), await bench.do({ op: 'pipe' })];
    await bench.do({ op: 'close', fd: read.writeFd });
    await bench.do({ op: 'close', fd: written.readFd });
    expect(await statusOf(script('fs.readSync(0, Buffer.alloc(9))'), [read.readFd])).toBe(3);
    expect(await statusOf(script('fs.writeSync(1, "x")'), [null, written.writeFd])).toBe(5);
    // As a program finds one that it has inherited.
    const heir = new NodeMachine();
    const write: Operation = { op: 'write', fd: written.writeFd, data: 'x', position: null };
    await expect(call(heir, null, write)).rejects.toMatchObject({ code: 'EPIPE' });
  },
);

it('a directory to start in that is none', async () => {
  const start = (cwd: string): Operation => ({ op: 'spawn', command: ['idle'], detached: false, cwd });
  await withPuppets((puppets, parent) => {
    puppets.machine.fs.load({ '/d/f': '' });
    expect(puppets.do(parent, start('/none'))).toBe('ENOENT');
    expect(puppets.do(parent, start('/d/f'))).toBe('ENOTDIR');
    const child = puppets.machine.table.get(puppets.do(parent, start('/d')) as number)!;
    expect(child.cwd).toBe('/d');
    const grandchild = puppets.do(child, {
      op: 'spawn',
      command: ['idle'],
      detached: false,
      env: { A: '1' },
    });
    expect(puppets.machine.table.get(grandchild as number)).toMatchObject({ cwd: '/d', env: { A: '1' } });
    const bare = puppets.do(puppets.machine.table.get(grandchild as number)!, {
      ...{ op: 'spawn', command: ['idle'], detached: false, env: { B: '2' }, clearEnv: true },
    });
    expect(puppets.machine.table.get(bare as number)!.env).toEqual({ B: '2' });
  });
});
