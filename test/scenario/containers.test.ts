/** Containers: a host name and a network of their own, which starts may name, and children inherit. */
import { describe, expect, it } from 'vitest';
import type { Ports, Program } from '../../src/ports/index.ts';
import { ScenarioError, type Start, scenario } from '../../src/scenario/index.ts';
import type { FaultPlan } from '../../src/sim/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

const LOCAL = { kind: 'tcp', host: '127.0.0.1', tcpPort: 80 } as const;

async function codeOf(operation: Promise<unknown>): Promise<string> {
  return operation.then(
    () => 'ok',
    ({ code }) => code,
  );
}

/** Says its host name, and whether it can listen. */
async function says(ports: Ports): Promise<void> {
  const { hostname } = await ports.process.self();
  ports.mark(hostname, { listens: await codeOf(ports.net.listen(LOCAL)) });
}

const programs: Record<string, Program> = {
  says: async (ports) => {
    await says(ports);
    await ports.clock.sleep(1e9);
  },
  parent: async (ports) => {
    await ports.process.spawn(['says'], { detached: true });
    await ports.clock.sleep(1e9);
  },
  asks: async (ports) => {
    await ports.clock.sleep(50);
    const holders = await ports.probe.holders(LOCAL.tcpPort);
    const unix = await codeOf(ports.probe.connect({ kind: 'unix', path: '/shared.sock' }, 100));
    ports.mark('asked', {
      connect: await codeOf(ports.probe.connect(LOCAL, 100)),
      holders: holders.map(({ pid }) => pid ?? 'hidden').join(' '),
      unix,
    });
  },
  serves: async (ports) => {
    await ports.net.listen({ kind: 'unix', path: '/shared.sock' });
    await says(ports);
    await ports.clock.sleep(1e9);
  },
};

async function marksOf(start: readonly Start[], faults: FaultPlan = {}, fault: number[] = []) {
  const { events, failure } = await runOnce(scenarioOf(programs, { start, faults }), { fault });
  expect(failure).toBeNull();
  return events.flatMap(({ op, args }) => (op === 'mark' ? [[args.name, args.data]] : []));
}

describe('a container', () => {
  it('has the host name and the network of its name', async () => {
    const marks = await marksOf([
      { program: 'says', pidNamespace: 'a', pid: 1 },
      { program: 'says', pidNamespace: 'b', pid: 1 },
      { program: 'says' },
      { program: 'says', pidNamespace: 'b' },
    ]);
    expect(marks).toEqual([
      ['a', { listens: 'ok' }],
      ['b', { listens: 'ok' }],
      ['machine', { listens: 'ok' }],
      ['b', { listens: 'EADDRINUSE' }],
    ]);
  });

  it('may share the network of the machine, or another one, and may have another host name', async () => {
    const marks = await marksOf([
      { program: 'says' },
      { program: 'says', pidNamespace: 'a', network: 'host', hostname: 'first' },
      { program: 'says', pidNamespace: 'b', network: 'pod' },
      { program: 'says', pidNamespace: 'c', network: 'pod' },
    ]);
    expect(marks).toEqual([
      ['machine', { listens: 'ok' }],
      ['first', { listens: 'EADDRINUSE' }],
      ['b', { listens: 'ok' }],
      ['c', { listens: 'EADDRINUSE' }],
    ]);
  });

  it('hands both on to children, and to starts that name a parent in it', async () => {
    const marks = await marksOf([
      { program: 'parent', pidNamespace: 'a', network: 'host' },
      { program: 'says', parent: 'parent' },
      { program: 'says', atMs: 20 },
    ]);
    expect(marks.map(([name]) => name)).toEqual(['a', 'a', 'machine']);
    expect(marks.map(([, data]) => data)).toMatchObject([{ listens: 'ok' }, {}, { listens: 'EADDRINUSE' }]);
  });

  it('gets them from one of its starts for all of them', async () => {
    const marks = await marksOf([
      { program: 'says', pidNamespace: 'a' },
      { program: 'says', pidNamespace: 'a', network: 'host', hostname: 'x' },
      { program: 'says' },
    ]);
    expect(marks.map(([name]) => name)).toEqual(['x', 'x', 'machine']);
    expect(marks[2]).toEqual(['machine', { listens: 'EADDRINUSE' }]);
  });

  it('reaches no TCP port of others, but the Unix sockets in files that it shares with them', async () => {
    const inside: Start[] = [{ program: 'asks', pidNamespace: 'a' }];
    const outside: Start[] = [{ program: 'serves' }];
    expect((await marksOf([...outside, ...inside])).at(-1)).toEqual([
      'asked',
      { connect: 'ECONNREFUSED', holders: '', unix: 'ok' },
    ]);
    const shared: Start[] = [{ ...inside[0]!, network: 'host' }];
    expect((await marksOf([...outside, ...shared])).at(-1)).toEqual([
      'asked',
      { connect: 'ok', holders: 'hidden', unix: 'ok' },
    ]);
  });

  it('is given free TCP ports of its own network', async () => {
    const given: unknown[] = [];
    const asks: Program = async ({ net, clock }) => {
      for (let i = 0; i < 2; i++) given.push(await net.addressOf(await net.listen({ ...LOCAL, tcpPort: 0 })));
      await clock.sleep(1e9);
    };
    const start = [{ program: 'asks' }, { program: 'asks', pidNamespace: 'a', atMs: 10 }];
    await runOnce(scenarioOf({ asks }, { start }));
    const ports = [32_768, 32_769, 32_768, 32_769];
    expect(given).toEqual(ports.map((tcpPort) => ({ ...LOCAL, tcpPort })));
  });

  it('keeps its host name when the machine gets another', async () => {
    const start: Start[] = [
      { program: 'says', pidNamespace: 'a' },
      { program: 'says', atMs: 20 },
    ];
    const marks = await marksOf(start, { 'host-name': 1 }, [1]);
    expect(marks.map(([name]) => name)).toEqual(['a', 'machine-2']);
  });

  it('is where the fault port-grab strikes, if the system runs there', async () => {
    const start: Start[] = [{ program: 'says', pidNamespace: 'a' }];
    expect(await marksOf(start, { 'port-grab': { max: 1, tcpPort: 80 } }, [1])).toEqual([
      ['a', { listens: 'EADDRINUSE' }],
    ]);
  });

  it('with the name of the machine’s own PID namespace is not a container', async () => {
    const marks = await marksOf([{ program: 'says', pidNamespace: 'pid:[1]' }, { program: 'says' }]);
    expect(marks).toEqual([
      ['machine', { listens: 'ok' }],
      ['machine', { listens: 'EADDRINUSE' }],
    ]);
  });

  it.each<[string, Start[], RegExp]>([
    [
      'two host names',
      [{ hostname: 'x' } as Start, { hostname: 'y' } as Start],
      /hostname is "y".*of a says "x"; expected the same in all of them/,
    ],
    [
      'two networks',
      [{ network: 'host' } as Start, { network: 'a' } as Start],
      /network is "a".*of a says "host"/,
    ],
    ['an empty host name', [{ hostname: '' } as Start], /hostname/],
    ['an empty network', [{ network: '' } as Start], /network/],
  ])('cannot have %s', (_, parts, message) => {
    const start = parts.map((part) => ({ ...part, program: 'says', pidNamespace: 'a' }));
    const make = () => scenario({ id: 'a/b/c', programs, start, invariants: [] });
    expect(make).toThrow(ScenarioError);
    expect(make).toThrow(message);
  });

  it('changes the hash of a scenario only if it is set', () => {
    const hashOf = (start: Start) => scenarioOf(programs, { start: [start] }).hash;
    const plain = hashOf({ program: 'says', pidNamespace: 'a' });
    expect(hashOf({ pidNamespace: 'a', program: 'says' })).toBe(plain);
    const others = [{ hostname: 'x' }, { network: 'x' }].map((more) =>
      hashOf({ program: 'says', pidNamespace: 'a', ...more }),
    );
    expect(new Set([plain, ...others]).size).toBe(3);
  });
});
