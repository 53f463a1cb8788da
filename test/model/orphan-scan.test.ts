import { describe, expect, it } from 'vitest';
import { findHost, MAX_HOPS, scanForOrphans } from '../../src/model/index.ts';
import type { Ports, ProcessInfo, Program } from '../../src/ports/index.ts';
import { run, sleeper } from './helpers.ts';

const isServer = ({ command }: ProcessInfo): boolean => command[0] === 'server';
const isHost = ({ command }: ProcessInfo): boolean => command[0] === 'host';

/** Starts `host`, so many levels of `nest` below it, and a server below these. */
const PROGRAMS: Readonly<Record<string, Program>> = {
  server: sleeper,
  host: async (ports, [levels = '0', forMs = '60000']) => {
    await ports.process.spawn(Number(levels) > 0 ? ['nest', levels] : ['server']);
    await ports.clock.sleep(Number(forMs));
  },
  nest: async (ports, [levels = '1']) => {
    await ports.process.spawn(levels === '1' ? ['server'] : ['nest', `${Number(levels) - 1}`]);
    return sleeper(ports, []);
  },
};

function scan(ports: Ports, more = {}): Promise<string[]> {
  return ports.process
    .self()
    .then((self) => scanForOrphans(ports, self, { isServer, isHost, ...more }))
    .then((suspects) => suspects.map(({ why }) => why));
}

async function suspects(argv: string[], more = {}): Promise<readonly unknown[]> {
  const { lines, run: ran } = await run(
    async (ports, log) => {
      await ports.clock.sleep(200);
      log(await scan(ports, more));
    },
    { programs: PROGRAMS, start: [{ program: 'host', argv }] },
  );
  expect(ran.world.signals).toEqual([]);
  return lines;
}

describe('the scan', () => {
  it('does not report a server whose host is alive', async () => {
    expect(await suspects(['0'])).toEqual([[]]);
  });

  it('reports a server whose host is gone, without signalling it', async () => {
    expect(await suspects(['0', '100'])).toEqual([['no-host-above']]);
    expect(await suspects(['2', '100'])).toEqual([['no-host-above']]);
  });

  it(`finds a host up to ${MAX_HOPS} parents above, but not further`, async () => {
    expect(MAX_HOPS).toBe(8);
    expect(await suspects([`${MAX_HOPS - 1}`])).toEqual([[]]);
    expect(await suspects([`${MAX_HOPS}`])).toEqual([['too-deep']]);
    expect(await suspects([`${MAX_HOPS}`], { maxHops: MAX_HOPS + 1 })).toEqual([[]]);
  });

  it('uses the declared host of a server, regardless of its parents', async () => {
    const hostOf = (identity: { pid: number; startTicks: number }) => ({ hostOf: async () => identity });
    expect(await suspects(['0', '100'], hostOf({ pid: 1_001, startTicks: 100_000 }))).toEqual([[]]);
    expect(await suspects(['0'], hostOf({ pid: 999, startTicks: 5 }))).toEqual([['host-gone']]);
    expect(await suspects(['0', '100'], { hostOf: async () => null })).toEqual([['no-host-above']]);
  });

  it('does not report itself, a zombie, or a server that ends during the scan', async () => {
    const { lines } = await run(
      async (ports, log) => {
        const { process } = ports;
        const self = await process.self();
        log(await scan(ports, { isServer: ({ pid }: ProcessInfo) => pid === self.pid }));
        const [first = 0] = await process.list();
        const kill = async (): Promise<null> => {
          await process.kill(first, 'SIGKILL').catch(() => {});
          return null;
        };
        log(await scan(ports, { isServer: ({ pid }: ProcessInfo) => pid === first, hostOf: kill }));
      },
      { programs: PROGRAMS },
    );
    expect(lines).toEqual([[], []]);
  });
});

it('starts again if a parent ends during the climb', async () => {
  const { lines } = await run(
    async (ports, log) => {
      const real = await ports.process.info((await ports.process.self()).pid);
      // As it was before its parent had ended.
      log(await findHost({ pid: real.pid, ppid: 999 }, ports, { isHost: ({ pid }) => pid === 1 }));
      log(await findHost({ pid: 998, ppid: 999 }, ports, { isHost: () => true }));
    },
    { programs: PROGRAMS },
  );
  expect(lines).toMatchObject([{ pid: 1 }, 'no-host-above']);
});
