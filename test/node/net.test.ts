import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NodeMachine } from '../../src/node/index.ts';
import { type Address, type Incoming, portsOf } from '../../src/ports/index.ts';
import { freePort } from '../../src/real/index.ts';
import { Bench, eventually, expectBadArgument, expectCode, firstLine } from './helpers.ts';

/** For what never comes. */
const SOON_MS = 40;
/** For what comes: far beyond what it takes. */
const LONG_MS = 30_000;
const PING = { path: '/ping', body: '' };
const MIB = 2 ** 20;

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.end());

const tcp = async (): Promise<Address> => ({ kind: 'tcp', host: '127.0.0.1', tcpPort: await freePort() });
const unix = async (): Promise<Address> => ({ kind: 'unix', path: bench.path('socket') });
const never = (): void => expect.unreachable();

describe.each([
  ['tcp', tcp],
  ['unix', unix],
])('%s', (_, newAddress) => {
  let address: Address;
  let listener: number;
  beforeEach(async () => {
    address = await newAddress();
    listener = await bench.ports.net.listen(address);
  });
  afterEach(() => bench.ports.net.close(listener).catch(() => undefined));

  const ask = (body = '', timeoutMs = LONG_MS) =>
    bench.ports.probe.request(address, { path: '/who?x=1', body }, timeoutMs);

  /** A request whose time was up before anybody answered it. A busy machine may not even send it: then it gets more. */
  const unanswered = async (): Promise<Incoming> => {
    for (let timeoutMs = SOON_MS; ; timeoutMs *= 2) {
      await expectCode(ask('late', timeoutMs), 'ETIMEDOUT');
      const asked = ask('in time');
      const first = await bench.ports.net.accept(listener);
      const there = first.body === 'late' ? await bench.ports.net.accept(listener) : first;
      await bench.ports.net.answer(there.request, { status: 200, body: '' });
      await asked;
      if (there !== first) return first;
    }
  };

  it('request, accept, answer', async () => {
    const asked = ask('grün');
    const incoming = await bench.ports.net.accept(listener);
    expect(incoming).toMatchObject({ path: '/who?x=1', body: 'grün' });
    await bench.ports.net.answer(incoming.request, { status: 418, body: 'blau – ja' });
    expect(await asked).toEqual({ status: 418, body: 'blau – ja' });
    await expectCode(bench.ports.net.answer(incoming.request, { status: 200, body: '' }), 'EBADF');
  });

  it('requests wait in order; a withdrawn accept takes none', async () => {
    const first = ask('1');
    const probe = await bench.ports.net.accept(listener);
    bench.machine.execute(null, { op: 'accept', fd: listener }, never, never).cancel();
    const second = ask('2');
    bench.machine.execute(null, { op: 'accept', fd: listener }, never, never).cancel();
    const next = await bench.ports.net.accept(listener);
    expect([probe.body, next.body]).toEqual(['1', '2']);
    await bench.ports.net.answer(next.request, { status: 200, body: 'b' });
    await bench.ports.net.answer(probe.request, { status: 200, body: 'a' });
    expect([(await first).body, (await second).body]).toEqual(['a', 'b']);
  });

  it('an address has one listener, and is free immediately after close, even with a pending request', async () => {
    await expectCode(bench.ports.net.listen(address), 'EADDRINUSE');
    const asked = ask();
    const waiting = bench.ports.net.accept(listener);
    const { request } = await waiting;
    const starved = bench.ports.net.accept(listener);
    const closed = bench.ports.net.close(listener);
    await expectCode(starved, 'EBADF');
    await closed;
    await expectCode(asked, 'ECONNRESET');
    await expectCode(bench.ports.net.answer(request, { status: 200, body: '' }), 'EPIPE');
    await expectCode(bench.ports.net.accept(listener), 'EBADF');
    await expectCode(bench.ports.net.close(listener), 'EBADF');
    listener = await bench.ports.net.listen(address);
  });

  it('a connection without a request is not accepted as one', async () => {
    await bench.ports.probe.connect(address, LONG_MS);
    const asked = ask();
    const { request } = await bench.ports.net.accept(listener);
    await bench.ports.net.answer(request, { status: 200, body: 'only one' });
    expect((await asked).body).toBe('only one');
  });

  it('a request times out, and the server notices that the client is gone', async () => {
    const gone = await unanswered();
    // By the time of a later request's answer the server has seen the end of the first one's connection.
    await expectCode(bench.ports.net.answer(gone.request, { status: 200, body: '' }), 'EPIPE');
  });

  it('withdrawing a request closes the connection', async () => {
    const request = { op: 'request', address, request: PING, timeoutMs: LONG_MS } as const;
    const pending = bench.machine.execute(null, request, never, never);
    const incoming = await bench.ports.net.accept(listener);
    pending.cancel();
    await eventually(() =>
      bench.ports.net.answer(incoming.request, { status: 200, body: '' }).then(
        () => true,
        ({ code }) => code === 'EPIPE',
      ),
    );
    bench.machine.execute(null, { op: 'connect', address, timeoutMs: LONG_MS }, never, never).cancel();
  });

  it('closing a request closes the connection without an answer', async () => {
    const asked = ask();
    const { request } = await bench.ports.net.accept(listener);
    await bench.ports.fs.close(request);
    await expectCode(asked, 'ECONNRESET');
  });

  it('limits: 413 to a body over 1 MiB, EFBIG for such an answer', async () => {
    expect(await ask('x'.repeat(MIB + 1))).toMatchObject({ status: 413 });
    const refused = expectCode(ask('x'.repeat(MIB)), 'EFBIG');
    const { request, body } = await bench.ports.net.accept(listener);
    expect(body).toHaveLength(MIB);
    await bench.ports.net.answer(request, { status: 200, body: 'y'.repeat(MIB + 1) }).catch(() => undefined);
    await refused;
    const badPath = bench.ports.probe.request(address, { path: '/ä ', body: '' }, LONG_MS);
    await expectBadArgument(badPath, 'ERR_UNESCAPED_CHARACTERS');
  });

  it('garbage is ignored', async () => {
    for (const garbage of [
      '\0\xff\r\n\r\n',
      'GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n',
      'POST / HTTP/1.1\r\n',
    ]) {
      const socket = net.connect(
        address.kind === 'tcp' ? { port: address.tcpPort, host: address.host } : { path: address.path },
      );
      socket.on('error', () => undefined);
      socket.end(garbage);
      await new Promise((resolve) => socket.resume().once('close', resolve));
    }
    const asked = ask('fine');
    const { request, body } = await bench.ports.net.accept(listener);
    expect(body).toBe('fine');
    await bench.ports.net.answer(request, { status: 200, body: '' });
    expect(await asked).toEqual({ status: 200, body: '' });
  });
});

describe('without a listener', () => {
  it('tcp: ECONNREFUSED', async () => {
    const address = await tcp();
    await expectCode(bench.ports.probe.connect(address, LONG_MS), 'ECONNREFUSED');
    await expectCode(bench.ports.probe.request(address, PING, LONG_MS), 'ECONNREFUSED');
  });

  it('unix: nothing there, a file, a directory, a dead socket, below a file, too long a path', async () => {
    fs.writeFileSync(bench.path('file'), '');
    const dead = bench.node(
      `require('node:net').createServer().listen(${JSON.stringify(bench.path('dead'))}, () => console.log('up'))`,
    );
    await firstLine(dead);
    dead.kill('SIGKILL');
    await new Promise((resolve) => dead.once('exit', resolve));
    const cases = {
      none: 'ENOENT',
      file: 'ECONNREFUSED',
      '.': 'ECONNREFUSED',
      dead: 'ECONNREFUSED',
      'file/x': 'ENOTDIR',
      ['x'.repeat(120)]: 'EINVAL',
    };
    for (const [name, code] of Object.entries(cases)) {
      const address = { kind: 'unix', path: bench.path(name) } as const;
      await expectCode(bench.ports.probe.connect(address, LONG_MS), code);
      await expectCode(bench.ports.probe.request(address, PING, LONG_MS), code);
    }
  });

  it('listen: on a file or a dead socket EADDRINUSE, without a directory EACCES, too long EINVAL', async () => {
    fs.writeFileSync(bench.path('file'), '');
    fs.symlinkSync('nowhere', bench.path('dangling'));
    const cases = {
      file: 'EADDRINUSE',
      dangling: 'EADDRINUSE',
      'no/x': 'EACCES',
      ['x'.repeat(120)]: 'EINVAL',
    };
    for (const [name, code] of Object.entries(cases)) {
      await expectCode(bench.ports.net.listen({ kind: 'unix', path: bench.path(name) }), code);
    }
    expect(fs.readFileSync(bench.path('file'), 'utf8')).toBe('');
    await expectCode(
      bench.ports.net.listen({ kind: 'tcp', host: '192.0.2.1', tcpPort: await freePort() }),
      'EADDRNOTAVAIL',
    );
    const badPort = bench.ports.net.listen({ kind: 'tcp', host: '127.0.0.1', tcpPort: 70_000 });
    await expectBadArgument(badPort, 'ERR_SOCKET_BAD_PORT');
  });

  it('a descriptor that is no listener', async () => {
    const fd = await bench.ports.fs.opendir(bench.directory);
    await expectCode(bench.ports.net.accept(fd), 'ENOTSOCK');
    await expectCode(bench.ports.net.answer(fd, { status: 200, body: '' }), 'EBADF');
    await bench.ports.fs.close(fd);
    await expectCode(bench.ports.net.accept(fd), 'EBADF');
  });
});

describe('closing a Unix listener unlinks its name, even if it belongs to another file', () => {
  it('its own socket', async () => {
    const path = bench.path('s');
    const fd = await bench.ports.net.listen({ kind: 'unix', path });
    expect((await bench.ports.fs.stat(path)).kind).toBe('socket');
    await bench.ports.net.close(fd);
    expect(fs.existsSync(path)).toBe(false);
  });

  it('another file', async () => {
    const path = bench.path('s');
    const fd = await bench.ports.net.listen({ kind: 'unix', path });
    fs.renameSync(path, bench.path('moved'));
    fs.writeFileSync(path, 'somebody else’s');
    await bench.ports.net.close(fd);
    expect(fs.readdirSync(bench.directory)).toEqual(['moved']);
  });

  it('a successor’s socket, which then listens without a name', async () => {
    const address = { kind: 'unix', path: bench.path('s') } as const;
    const old = await bench.ports.net.listen(address);
    fs.unlinkSync(address.path);
    const successor = await bench.ports.net.listen(address);
    await bench.ports.probe.connect(address, LONG_MS);
    await bench.ports.net.close(old);
    await expectCode(bench.ports.probe.connect(address, LONG_MS), 'ENOENT');
    await bench.ports.net.close(successor);
  });
});

describe.runIf(process.platform === 'linux')('a Unix listener that keeps its name', () => {
  it('keeps its file when it is closed, and knows its address', async () => {
    const address = { kind: 'unix', path: bench.path('s') } as const;
    const fd = await bench.ports.net.listen(address, { unlinkOnClose: false });
    expect(await bench.ports.net.addressOf(fd)).toEqual(address);
    await bench.ports.probe.connect(address, LONG_MS);
    await bench.ports.net.close(fd);
    expect((await bench.ports.fs.stat(address.path)).kind).toBe('socket');
    await expectCode(bench.ports.probe.connect(address, LONG_MS), 'ECONNREFUSED');
    await expectCode(bench.ports.net.listen(address, { unlinkOnClose: false }), 'EADDRINUSE');
  });

  it('does not remove the file of a successor', async () => {
    const address = { kind: 'unix', path: bench.path('s') } as const;
    const old = await bench.ports.net.listen(address, { unlinkOnClose: false });
    fs.unlinkSync(address.path);
    const successor = await bench.ports.net.listen(address);
    await bench.ports.net.close(old);
    await bench.ports.probe.connect(address, LONG_MS);
    await bench.ports.net.close(successor);
  });

  it('holds no descriptor of the directory once it is closed, or cannot listen', async () => {
    const count = () => fs.readdirSync('/proc/self/fd').length;
    const before = count();
    const path = bench.path('s');
    await bench.ports.net.close(
      await bench.ports.net.listen({ kind: 'unix', path }, { unlinkOnClose: false }),
    );
    await expectCode(bench.ports.net.listen({ kind: 'unix', path }, { unlinkOnClose: false }), 'EADDRINUSE');
    await eventually(async () => count() === before);
  });

  it('requires a directory', async () => {
    const listen = (path: string) =>
      bench.ports.net.listen({ kind: 'unix', path: bench.path(path) }, { unlinkOnClose: false });
    // As libuv says without the option.
    await expectCode(listen('missing/s'), 'EACCES');
    fs.writeFileSync(bench.path('file'), '');
    await expectCode(listen('file/s'), 'ENOTDIR');
  });
});

describe('getsockname', () => {
  it("returns the port picked for port 0, and the address in the kernel's notation", async () => {
    const fd = await bench.ports.net.listen({ kind: 'tcp', host: '127.1', tcpPort: 0 });
    const address = await bench.ports.net.addressOf(fd);
    expect(address).toMatchObject({ kind: 'tcp', host: '127.0.0.1' });
    await bench.ports.probe.connect(address, LONG_MS);
    await bench.ports.net.close(fd);
    await expectCode(bench.ports.net.addressOf(fd), 'EBADF');
  });

  it('fails for sockets that do not listen', async () => {
    const fd = await bench.ports.fs.open(bench.path('file'), 'w');
    const directory = await bench.ports.fs.opendir(bench.directory);
    await expectCode(bench.ports.net.addressOf(fd), 'ENOTSOCK');
    await expectCode(bench.ports.net.addressOf(directory), 'ENOTSOCK');
    await bench.ports.fs.close(fd);
    await bench.ports.fs.close(directory);
    await expectCode(bench.ports.net.addressOf(fd), 'EBADF');
  });

  it.runIf(process.platform === 'linux')('knows where an inherited socket listens', async () => {
    const child = portsOf(new NodeMachine(), null);
    for (const address of [await tcp(), await unix()]) {
      const where =
        address.kind === 'unix' ? { path: address.path } : { port: address.tcpPort, host: address.host };
      const server = net.createServer().listen(where);
      await once(server, 'listening');
      const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
      // As a child that has not accepted yet: it has the number, and no object for it.
      expect(await child.net.addressOf(fd)).toEqual(address);
      server.close();
    }
  });
});

it('an empty host is invalid', async () => {
  const address = { kind: 'tcp', host: '', tcpPort: await freePort() } as const;
  await expectCode(bench.ports.net.listen(address), 'ENOTFOUND');
  await expectCode(bench.ports.probe.connect(address, LONG_MS), 'ENOTFOUND');
  await expectCode(bench.ports.probe.request(address, PING, LONG_MS), 'ENOTFOUND');
});

describe('a listener that lives without answering', () => {
  const listening = (address: Address, backlog: number) => {
    const where =
      address.kind === 'unix' ? { path: address.path } : { port: address.tcpPort, host: address.host };
    return bench.node(
      `require('node:http').createServer((_, response) => response.end('late'))
        .listen(${JSON.stringify({ ...where, backlog })}, () => console.log('up'));`,
    );
  };

  const stop = async (pid: number) => {
    await bench.ports.process.kill(pid, 'SIGSTOP');
    await eventually(async () => (await bench.ports.process.info(pid)).state === 'stopped');
  };

  it.each([
    ['tcp', tcp],
    ['unix', unix],
  ])(
    '%s: a stopped listener accepts connections, but does not answer until it continues',
    async (_, newAddress) => {
      const address = await newAddress();
      const child = listening(address, 100);
      await firstLine(child);
      await stop(child.pid);
      await bench.ports.probe.connect(address, LONG_MS);
      await expectCode(bench.ports.probe.request(address, PING, SOON_MS), 'ETIMEDOUT');
      const late = bench.ports.probe.request(address, PING, LONG_MS);
      await bench.ports.probe.connect(address, LONG_MS);
      await bench.ports.process.kill(child.pid, 'SIGCONT');
      expect(await late).toEqual({ status: 200, body: 'late' });
    },
  );

  it('a full backlog: TCP times out, a Unix socket says EAGAIN', async () => {
    for (const [newAddress, code, timeoutMs] of [
      [tcp, 'ETIMEDOUT', SOON_MS],
      [unix, 'EAGAIN', LONG_MS],
    ] as const) {
      const address = await newAddress();
      const child = listening(address, 1);
      await firstLine(child);
      await stop(child.pid);
      await bench.ports.probe.connect(address, LONG_MS);
      await bench.ports.probe.connect(address, LONG_MS);
      await expectCode(bench.ports.probe.connect(address, timeoutMs), code);
    }
  });

  it('if it is killed, waiting clients get a reset', async () => {
    const address = await tcp();
    const child = listening(address, 100);
    await firstLine(child);
    await stop(child.pid);
    const asked = bench.ports.probe.request(address, PING, LONG_MS);
    await bench.ports.probe.connect(address, LONG_MS);
    await bench.ports.process.kill(child.pid, 'SIGKILL');
    await expectCode(asked, 'ECONNRESET');
  });
});

describe('a server that does not speak HTTP', () => {
  it.each([
    ['garbage', (socket: net.Socket) => socket.end('SSH-2.0-hello\r\n'), 'ECONNRESET'],
    ['hangs up', (socket: net.Socket) => socket.destroy(), 'ECONNRESET'],
    [
      'half an answer',
      (s: net.Socket) => s.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'),
      'ECONNRESET',
    ],
    [
      'another protocol',
      (s: net.Socket) =>
        s.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
      'ECONNRESET',
    ],
    ['says nothing', () => undefined, 'ETIMEDOUT'],
    ['an answer that drips', (s: net.Socket) => s.write('HTTP/1.1 200 OK\r\n\r\nhalf'), 'ETIMEDOUT'],
  ])('%s', async (_, behave, code) => {
    const address = await tcp();
    const { tcpPort: port } = address as { tcpPort: number };
    const sockets: net.Socket[] = [];
    const server = net.createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined).once('data', () => behave(socket));
    });
    await new Promise<void>((resolve) => server.listen({ port, host: '127.0.0.1' }, resolve));
    const timeoutMs = code === 'ETIMEDOUT' ? SOON_MS : LONG_MS;
    await expectCode(bench.ports.probe.request(address, PING, timeoutMs), code);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('holders', () => {
  it('sees listeners of one address and of all, by process', async () => {
    const uid = process.getuid?.();
    for (const host of ['127.0.0.1', '0.0.0.0']) {
      const tcpPort = await freePort();
      expect(await bench.ports.probe.holders(tcpPort)).toEqual([]);
      const fd = await bench.ports.net.listen({ kind: 'tcp', host, tcpPort });
      expect(await bench.ports.probe.holders(tcpPort)).toEqual([{ pid: process.pid, uid, host }]);
      await bench.ports.net.close(fd);
      expect(await bench.ports.probe.holders(tcpPort)).toEqual([]);
    }
  });

  it('a child’s, and the same port on two addresses', async () => {
    const tcpPort = await freePort();
    const child = bench.node(
      `require('node:net').createServer().listen({ port: ${tcpPort}, host: '127.0.0.2' }, () => console.log('up'))`,
    );
    await firstLine(child);
    const fd = await bench.ports.net.listen({ kind: 'tcp', host: '127.0.0.1', tcpPort });
    const holders = await bench.ports.probe.holders(tcpPort);
    expect(holders.map(({ pid, host }) => [host, pid]).sort()).toEqual([
      ['127.0.0.1', process.pid],
      ['127.0.0.2', child.pid],
    ]);
    await bench.ports.net.close(fd);
  });
});

describe('a TCP port in TIME_WAIT', () => {
  /** TIME_WAIT in /proc/net/tcp. */
  const isWaiting = (tcpPort: number): boolean => {
    const port = tcpPort.toString(16).toUpperCase().padStart(4, '0');
    const lines = fs.readFileSync('/proc/net/tcp', 'utf8').split('\n');
    return lines.some((line) => new RegExp(`^ *\\d+: 0100007F:${port} \\S+ 06 `).test(line));
  };

  it('does not hinder a listener: Node sets SO_REUSEADDR', async () => {
    const address = (await tcp()) as Extract<Address, { kind: 'tcp' }>;
    const { host, tcpPort } = address;
    // The side that closes first is the one that waits.
    const server = net.createServer((socket) => socket.end());
    await once(server.listen(tcpPort, host), 'listening');
    const client = net.connect(tcpPort, host).resume();
    await once(client, 'close');
    server.close();
    await once(server, 'close');
    await eventually(() => isWaiting(tcpPort));
    const listener = await bench.ports.net.listen(address);
    expect(isWaiting(tcpPort)).toBe(true);
    const asked = bench.ports.probe.request(address, PING, LONG_MS);
    const { request } = await bench.ports.net.accept(listener);
    await bench.ports.net.answer(request, { status: 200, body: '' });
    expect((await asked).status).toBe(200);
    await bench.ports.net.close(listener);
  });
});
