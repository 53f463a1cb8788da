import { describe, expect, it } from 'vitest';
import { type Address, isSystemError, type Ports, type Program } from '../../src/ports/index.ts';
import { isErrno } from '../../src/sim/base/errno.ts';
import { Listener } from '../../src/sim/records/sockets.ts';
import { listen } from '../../src/sim/syscalls/listeners.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

const tcp = (host: string, tcpPort = 7000): Address => ({ kind: 'tcp', host, tcpPort });
const LOCAL = tcp('127.0.0.1');
const UNIX: Address = { kind: 'unix', path: '/socket' };

async function codeOf(operation: Promise<unknown>): Promise<unknown> {
  try {
    return await operation;
  } catch (error) {
    if (isSystemError(error)) return error.code;
    throw error;
  }
}

/** What `main` logs; it starts last, by which time the others have come to rest. */
async function logOf(
  main: (ports: Ports, log: (line: unknown) => void) => Promise<void>,
  others: Readonly<Record<string, Program>> = {},
): Promise<unknown[]> {
  const lines: unknown[] = [];
  const programs = { ...others, main: (ports: Ports) => main(ports, (line) => lines.push(line)) };
  const start = Object.keys(others).map((program) => ({ program }));
  const { failure } = await runOnce(
    scenarioOf(programs, { start: [...start, { program: 'main', atMs: 10 }], settleMs: 2_000 }),
  );
  expect(failure).toBeNull();
  return lines;
}

/** Answers every request with its own name and what it was asked. */
const server =
  (address: Address): Program =>
  async ({ net }) => {
    const fd = await net.listen(address);
    for (;;) {
      const { request, path, body } = await net.accept(fd);
      await net.answer(request, { status: 200, body: `${path} ${body}` });
    }
  };

const ask = { path: '/x', body: 'hello' };

describe('a TCP port', () => {
  it('is for one listener an address; the wildcard address excludes all others', async () => {
    const lines = await logOf(async ({ net }, log) => {
      const fd = await net.listen(LOCAL);
      log(await codeOf(net.listen(LOCAL)));
      log(await codeOf(net.listen(tcp('0.0.0.0'))));
      log(typeof (await codeOf(net.listen(tcp('127.0.0.2')))));
      log(typeof (await codeOf(net.listen(tcp('127.0.0.1', 7001)))));
      await net.close(fd);
      log(typeof (await codeOf(net.listen(LOCAL))));
      await net.listen(tcp('0.0.0.0', 7002));
      log(await codeOf(net.listen(tcp('127.0.0.1', 7002))));
    });
    expect(lines).toEqual(['EADDRINUSE', 'EADDRINUSE', 'number', 'number', 'number', 'EADDRINUSE']);
  });

  it('answers on every address when the listener is on the wildcard address', async () => {
    const lines = await logOf(
      async ({ probe }, log) => log(await probe.request(tcp('127.0.0.9'), ask, 100)),
      { server: server(tcp('0.0.0.0')) },
    );
    expect(lines).toEqual([{ status: 200, body: '/x hello' }]);
  });

  it('answers IPv4 too when the listener is on Node’s default address', async () => {
    const lines = await logOf(
      async ({ probe, net }, log) => {
        log(await probe.request(LOCAL, ask, 100));
        log(await codeOf(net.listen(LOCAL)));
        log(await codeOf(net.listen(tcp('0.0.0.0'))));
      },
      { server: server(tcp('::')) },
    );
    expect(lines).toEqual([{ status: 200, body: '/x hello' }, 'EADDRINUSE', 'EADDRINUSE']);
  });

  it('0 gives each listener a free one, in turn, and says which', async () => {
    const lines = await logOf(async ({ net, fs }, log) => {
      await net.listen(tcp('127.0.0.1', 32_769));
      const fds: number[] = [];
      for (const host of ['127.0.0.1', '127.1', '::1', '0.0.0.0']) fds.push(await net.listen(tcp(host, 0)));
      for (const fd of fds) log(await net.addressOf(fd));
      // As PIDs, a port that was given is not given again at once.
      await net.close(fds[0]!);
      log(await net.addressOf(await net.listen(tcp('localhost', 0))));
      log(await codeOf(net.addressOf(987)));
      log(await codeOf(net.addressOf(await fs.open('/file', 'w'))));
      log(await codeOf(net.listen(tcp('127.0.0.1', 32_770))));
    });
    expect(lines).toEqual([
      tcp('127.0.0.1', 32_768),
      tcp('127.0.0.1', 32_770),
      tcp('::1', 32_771),
      tcp('0.0.0.0', 32_772),
      tcp('127.0.0.1', 32_773),
      'EBADF',
      'ENOTSOCK',
      'EADDRINUSE',
    ]);
  });

  it('that was given can be asked and connected to', async () => {
    const lines = await logOf(
      async ({ probe, fs }, log) => {
        const tcpPort = Number(await fs.readFile('/port'));
        log(await probe.holders(tcpPort));
        log(await probe.request(tcp('localhost', tcpPort), ask, 100));
        log(await codeOf(probe.connect(tcp('127.0.0.1', 0), 100)));
      },
      {
        server: async ({ net, fs }) => {
          const fd = await net.listen(tcp('127.0.0.1', 0));
          const address = await net.addressOf(fd);
          await fs.writeFile('/port', String(address.kind === 'tcp' && address.tcpPort));
          const { request } = await net.accept(fd);
          await net.answer(request, { status: 200, body: 'found' });
        },
      },
    );
    expect(lines).toEqual([
      [{ pid: 1001, uid: 0, host: '127.0.0.1' }],
      { status: 200, body: 'found' },
      'ECONNREFUSED',
    ]);
  });

  it('0 begins again after the last one, and is EADDRINUSE when all are in use', async () => {
    const { run } = await runOnce(scenarioOf({ waits: ({ clock }) => clock.sleep(1e9) }));
    const { machine } = run;
    const process = machine.table.get(1001)!;
    const all = Array.from({ length: 60_998 }, (_, tcpPort) => tcpPort);
    machine.listeners.nextPort('host', new Set(all));
    const give = (): number | null => {
      const fd = listen(machine, process, { address: tcp('127.0.0.1', 0), backlog: 0 });
      const { address } = machine.listeners.all().at(-1)!;
      return isErrno(fd) ? null : address.kind === 'tcp' ? address.tcpPort : -1;
    };
    expect([give(), give()]).toEqual([60_999, 32_768]);
    const [first] = machine.listeners.all();
    for (let tcpPort = 32_769; tcpPort < 60_998; tcpPort++)
      machine.listeners.add(new Listener(process, tcp('127.0.0.1', tcpPort), first!.host, 0, true, false));
    expect([give(), give()]).toEqual([60_998, null]);
  });

  it('0 begins again after a reboot', async () => {
    const given: unknown[] = [];
    const asks: Program = async ({ net, clock }) => {
      given.push(await net.addressOf(await net.listen(tcp('127.0.0.1', 0))));
      await clock.sleep(1e9);
    };
    const start = [{ program: 'asks', atBoot: true }];
    await runOnce(scenarioOf({ asks }, { start, faults: { reboot: 1 } }), { fault: [0, 0, 0, 1] });
    expect(given).toEqual([tcp('127.0.0.1', 32_768), tcp('127.0.0.1', 32_768)]);
  });

  it('and its host must mean something', async () => {
    const lines = await logOf(async ({ net, probe }, log) => {
      for (const host of ['', '127.0.0.256', '[::1]', 'a b']) {
        log(await codeOf(net.listen(tcp(host))));
        log(await codeOf(probe.connect(tcp(host), 100)));
      }
      for (const tcpPort of [-1, 65_536, 1.5, Number.NaN]) {
        log(await net.listen(tcp('127.0.0.1', tcpPort)).catch(({ code }) => code));
        log(await probe.request(tcp('127.0.0.1', tcpPort), ask, 100).catch(({ code }) => code));
      }
    });
    expect(lines).toEqual([...Array(8).fill('ENOTFOUND'), ...Array(8).fill('ERR_SOCKET_BAD_PORT')]);
  });

  it('is named in what a failure says', async () => {
    const lines = await logOf(async ({ net, probe }, log) => {
      await net.listen(LOCAL);
      for (const failing of [net.listen(tcp('localhost')), probe.connect(tcp('::1', 9), 100)]) {
        const { message, address, port } = await failing.then(
          () => expect.unreachable(),
          (error) => error,
        );
        log([message, address, port]);
      }
    });
    expect(lines).toEqual([
      ['EADDRINUSE: address already in use, listen localhost:7000', 'localhost', 7000],
      ['ECONNREFUSED: connection refused, connect ::1:9', '::1', 9],
    ]);
  });

  it('is refused without a listener, and if the listener has died', async () => {
    const lines = await logOf(
      async ({ probe, process }, log) => {
        log(await codeOf(probe.connect(tcp('127.0.0.1', 9), 100)));
        log(await codeOf(probe.connect(LOCAL, 100)));
        log((await probe.holders(7000)).map(({ pid }) => pid));
        await process.kill(1001, 'SIGKILL');
        log(await codeOf(probe.connect(LOCAL, 100)));
        log(await codeOf(probe.request(LOCAL, ask, 100)));
        log(await probe.holders(7000));
      },
      { server: server(LOCAL) },
    );
    expect(lines).toEqual(['ECONNREFUSED', undefined, [1001], 'ECONNREFUSED', 'ECONNREFUSED', []]);
  });

  it('of a stopped process accepts connections, but answers only after it continues', async () => {
    const lines = await logOf(
      async ({ probe, process, clock }, log) => {
        await process.kill(1001, 'SIGSTOP');
        log(await codeOf(probe.connect(LOCAL, 100)));
        const before = await clock.monotonicMs();
        log(await codeOf(probe.request(LOCAL, ask, 100)));
        log(Math.round((await clock.monotonicMs()) - before));
        const late = codeOf(probe.request(LOCAL, ask, 500));
        await clock.sleep(200);
        await process.kill(1001, 'SIGCONT');
        log(await late);
      },
      { server: server(LOCAL) },
    );
    expect(lines).toEqual([undefined, 'ETIMEDOUT', 100, { status: 200, body: '/x hello' }]);
  });

  it('resets waiting clients when the listener dies', async () => {
    const lines = await logOf(
      async ({ probe, process, clock }, log) => {
        const accepted = codeOf(probe.request(LOCAL, ask, 1_000));
        const queued = codeOf(probe.request(LOCAL, ask, 1_000));
        await clock.sleep(50);
        await process.kill(1001, 'SIGKILL');
        log([await accepted, await queued]);
        log(Math.floor(await clock.monotonicMs()) < 1_000_500);
      },
      {
        // Accepts one request, but does not answer.
        mute: async ({ net, clock }) => {
          await net.accept(await net.listen(LOCAL));
          await clock.sleep(60_000);
        },
      },
    );
    expect(lines).toEqual([['ECONNRESET', 'ECONNRESET'], true]);
  });

  it('of a stopped process accepts one connection more than its backlog', async () => {
    const lines = await logOf(
      async ({ probe, clock, process }, log) => {
        await process.kill(1001, 'SIGSTOP');
        const first = codeOf(probe.request(LOCAL, ask, 300));
        const second = codeOf(probe.request(LOCAL, ask, 300));
        await clock.sleep(10);
        log(await codeOf(probe.connect(LOCAL, 50)));
        log([await first, await second]);
      },
      {
        busy: async ({ net, clock }) => {
          await net.listen(LOCAL, { backlog: 1 });
          await clock.sleep(60_000);
        },
      },
    );
    expect(lines).toEqual(['ETIMEDOUT', ['ETIMEDOUT', 'ETIMEDOUT']]);
  });

  it('ends what waits for requests when it is closed', async () => {
    const lines = await logOf(async ({ net, clock }, log) => {
      const fd = await net.listen(LOCAL);
      const waiting = codeOf(net.accept(fd));
      await clock.sleep(5);
      await net.close(fd);
      log(await waiting);
      log(await codeOf(net.accept(fd)));
      log(await codeOf(net.answer(99, { status: 200, body: '' })));
    });
    expect(lines).toEqual(['EBADF', 'EBADF', 'EBADF']);
  });

  it('answers a client that is gone without an error', async () => {
    const lines: unknown[] = [];
    const { failure } = await runOnce(
      scenarioOf({
        slow: async ({ net, clock }) => {
          const { request } = await net.accept(await net.listen(LOCAL));
          await clock.sleep(100);
          lines.push(await codeOf(net.answer(request, { status: 200, body: 'late' })));
        },
        hasty: async ({ probe }) => {
          lines.push(await codeOf(probe.request(LOCAL, ask, 50)));
        },
      }),
    );
    expect(failure).toBeNull();
    expect(lines).toEqual(['ETIMEDOUT', undefined]);
  });

  it.each([Number.NaN, 0, -1])('a timeout of %d is soon up', async (timeoutMs) => {
    const lines = await logOf(
      async ({ probe, process, clock }, log) => {
        await process.kill(1001, 'SIGSTOP');
        const before = await clock.monotonicMs();
        log(await codeOf(probe.request(LOCAL, ask, timeoutMs)));
        log((await clock.monotonicMs()) - before < 2);
      },
      { server: server(LOCAL) },
    );
    expect(lines).toEqual(['ETIMEDOUT', true]);
  });
});

describe('a Unix socket', () => {
  it('outlives its process as a name that refuses connections and cannot be bound', async () => {
    const lines = await logOf(
      async ({ probe, process, net, fs }, log) => {
        log(await codeOf(probe.connect({ kind: 'unix', path: '/none' }, 100)));
        log(await probe.request(UNIX, ask, 100));
        await process.kill(1001, 'SIGKILL');
        log(await codeOf(probe.connect(UNIX, 100)));
        log(await codeOf(net.listen(UNIX)));
        log((await fs.stat('/socket')).kind);
        await fs.unlink('/socket');
        log(typeof (await net.listen(UNIX)));
      },
      { server: server(UNIX) },
    );
    expect(lines).toEqual([
      'ENOENT',
      { status: 200, body: '/x hello' },
      'ECONNREFUSED',
      'EADDRINUSE',
      'socket',
      'number',
    ]);
  });

  it('is unlinked when it is closed, even if the name belongs to another file', async () => {
    const lines = await logOf(async ({ fs, net, probe }, log) => {
      const first = await net.listen(UNIX);
      await fs.unlink('/socket');
      const second = await net.listen(UNIX);
      await net.close(first);
      log(await codeOf(probe.connect(UNIX, 100)));
      await net.close(second);
      log(await codeOf(fs.stat('/socket')));
    });
    expect(lines).toEqual(['ENOENT', 'ENOENT']);
  });

  it('keeps its name when it is closed as by close(2)', async () => {
    const lines = await logOf(async ({ fs, net, probe }, log) => {
      const fd = await net.listen(UNIX, { unlinkOnClose: false });
      log(await net.addressOf(fd));
      await net.close(fd);
      log((await fs.stat('/socket')).kind);
      log(await codeOf(probe.connect(UNIX, 100)));
      log(await codeOf(net.listen(UNIX)));
    });
    expect(lines).toEqual([UNIX, 'socket', 'ECONNREFUSED', 'EADDRINUSE']);
  });

  it('is found by its inode: under a new name it still answers', async () => {
    const lines = await logOf(
      async ({ fs, probe }, log) => {
        await fs.rename('/socket', '/moved');
        log(await codeOf(probe.connect(UNIX, 100)));
        log(await probe.request({ kind: 'unix', path: '/moved' }, ask, 100));
      },
      { server: server(UNIX) },
    );
    expect(lines).toEqual(['ENOENT', { status: 200, body: '/x hello' }]);
  });
});
