import { describe, expect, it } from 'vitest';
import {
  type PortReconcileOptions,
  type PortVerdict,
  RECLAIM,
  reconcilePort,
} from '../../src/model/index.ts';
import type { Ports, Program } from '../../src/ports/index.ts';
import type { ScenarioOptions, Start } from '../../src/scenario/index.ts';
import { ENDPOINT, FIRST, GONE, run, sleeper } from './helpers.ts';

const ADDRESS = ENDPOINT as Extract<typeof ENDPOINT, { kind: 'tcp' }>;
const MARKER = 'ours';
/** What is started second, after the sleeper. */
const SECOND = { pid: FIRST.pid + 1, startTicks: FIRST.startTicks };

const holder: Program = async (ports, argv) => {
  const host = argv.find((word) => word.startsWith('host='))?.slice('host='.length) ?? ADDRESS.host;
  const listener = await ports.net.listen({ ...ADDRESS, host });
  if (argv.includes('stubborn')) await ports.process.onSignal(['SIGTERM'], () => {});
  if (argv.includes('forks')) await ports.process.spawn(['stubbornchild'], { inherit: [listener] });
  return sleeper(ports, []);
};

const PROGRAMS: Readonly<Record<string, Program>> = {
  holder,
  stubbornchild: async (ports) => {
    await ports.process.onSignal(['SIGTERM'], () => {});
    return sleeper(ports, []);
  },
};

const ownerWord = ({ pid, startTicks }: { pid: number; startTicks: number }): string =>
  `of=${pid}.${startTicks}`;

const OPTIONS: PortReconcileOptions = {
  address: ADDRESS,
  isOurs: ({ command }) => command.includes(MARKER),
  ownerOf: ({ command }) => {
    const [, pid, startTicks] = /^of=(\d+)\.(\d+)$/m.exec(command.join('\n')) ?? [];
    return pid === undefined ? null : { pid: Number(pid), startTicks: Number(startTicks) };
  },
  consent: null,
};

const ORPHAN: Start = { program: 'holder', argv: [MARKER, ownerWord(GONE)] };
const LIVE: Start = { program: 'holder', argv: [MARKER, ownerWord(FIRST)] };
const FOREIGN: Start = { program: 'holder', argv: ['something else'], foreign: true };

interface Reconciled {
  verdict: PortVerdict;
  /** Which of the processes of the script are alive, in their order. */
  alive: boolean[];
  tookMs: number;
  unproven: number;
}

async function reconcile(
  start: readonly Start[],
  differs: Partial<PortReconcileOptions> = {},
  { as = (ports: Ports) => ports, ...more }: Partial<ScenarioOptions> & { as?: (ports: Ports) => Ports } = {},
): Promise<Reconciled> {
  const {
    lines,
    machine,
    run: ran,
  } = await run(
    async (ports, log) => {
      await ports.clock.sleep(50);
      const begunMs = await ports.clock.monotonicMs();
      log(await reconcilePort(as(ports), { ...OPTIONS, ...differs }));
      log((await ports.clock.monotonicMs()) - begunMs);
    },
    { programs: PROGRAMS, start, ...more },
  );
  return {
    verdict: lines[0] as PortVerdict,
    tookMs: lines[1] as number,
    alive: machine.table.all().flatMap(({ name, alive }) => (/^(holder|stubb)/.test(name) ? [alive] : [])),
    unproven: ran.world.signals.filter(({ proven }) => !proven).length,
  };
}

describe('the holders of a port', () => {
  it('there are none', async () => {
    expect(await reconcile([])).toMatchObject({ verdict: { kind: 'free' } });
  });

  it('an orphan is ended', async () => {
    const { verdict, alive, unproven } = await reconcile([ORPHAN]);
    expect(verdict).toEqual({ kind: 'reclaimed', ended: [SECOND] });
    expect({ alive, unproven }).toEqual({ alive: [false], unproven: 0 });
  });

  it.each([
    ['no marker', FOREIGN],
    ['another user', { ...ORPHAN, uid: 1_000, foreign: true }],
    ['on 0.0.0.0', { ...FOREIGN, argv: ['host=0.0.0.0'] }],
    ['on ::ffff:127.0.0.1', { ...FOREIGN, argv: ['host=::ffff:127.0.0.1'] }],
    ['on ::', { ...FOREIGN, argv: ['host=::'] }],
  ])('a foreign holder is named and left alone: %s', async (_, start) => {
    const { verdict, alive } = await reconcile([start]);
    expect(verdict).toMatchObject({ kind: 'foreign', why: expect.stringContaining(`PID ${SECOND.pid}`) });
    expect(alive).toEqual([true]);
  });

  it('a holder of another user that cannot be inspected is foreign', async () => {
    const { lines } = await run(async () => {}, {
      programs: {
        ...PROGRAMS,
        asker: async (ports) => {
          await ports.clock.sleep(50);
          const verdict = await reconcilePort(ports, OPTIONS);
          if (verdict.kind !== 'foreign' || !verdict.why.includes('user 7'))
            throw new Error(JSON.stringify(verdict));
        },
      },
      start: [
        { ...FOREIGN, uid: 7 },
        { program: 'asker', uid: 1_000 },
      ],
    });
    expect(lines).toEqual([]);
  });

  it('a listener on another address is not in the way', async () => {
    const elsewhere = { ...FOREIGN, argv: ['host=127.0.0.2'] };
    expect((await reconcile([elsewhere])).verdict).toEqual({ kind: 'free' });
    const { verdict, alive } = await reconcile([elsewhere, ORPHAN]);
    expect({ kind: verdict.kind, alive }).toEqual({ kind: 'reclaimed', alive: [true, false] });
  });

  it('every listener is in the way of the wildcard address', async () => {
    const address = { ...ADDRESS, host: '0.0.0.0' };
    const orphans = [ORPHAN, { ...ORPHAN, argv: [...ORPHAN.argv!, 'host=127.0.0.2'] }];
    const { verdict, alive } = await reconcile(orphans, { address });
    expect(verdict).toMatchObject({ kind: 'reclaimed', ended: [{}, {}] });
    expect(alive).toEqual([false, false]);
    expect((await reconcile([{ ...FOREIGN, argv: ['host=127.0.0.2'] }], { address })).verdict.kind).toBe(
      'foreign',
    );
  });

  it('an instance without a declared owner, or with a live owner, counts as live', async () => {
    for (const start of [LIVE, { ...LIVE, argv: [MARKER] }]) {
      const { verdict, alive } = await reconcile([start]);
      expect(verdict).toMatchObject({ kind: 'blocked-live', holder: SECOND });
      expect(alive).toEqual([true]);
    }
  });

  it('a leftover of an own instance is not live', async () => {
    const { lines } = await run(
      async (ports, log) => {
        const self = await ports.process.self();
        await ports.process.spawn(['holder', MARKER, ownerWord(self)], { detached: true });
        await ports.clock.sleep(50);
        log((await reconcilePort(ports, OPTIONS)).kind);
      },
      { programs: PROGRAMS },
    );
    expect(lines).toEqual(['reclaimed']);
  });
});

describe('consent', () => {
  it('yes: the live instance is ended', async () => {
    const asked: number[] = [];
    const consent = async ({ pid }: { pid: number }): Promise<boolean> => asked.push(pid) > 0;
    const { verdict, alive } = await reconcile([LIVE], { consent });
    expect(verdict).toEqual({ kind: 'reclaimed', ended: [SECOND] });
    expect({ alive, asked }).toEqual({ alive: [false], asked: [SECOND.pid] });
  });

  it.each([
    ['no', async () => false],
    ['anything but true', async () => 'yes' as unknown as boolean],
  ])('%s: blocked', async (_, consent) => {
    expect(await reconcile([LIVE], { consent })).toMatchObject({
      verdict: { kind: 'blocked-live' },
      alive: [true],
    });
  });

  it('is not requested for an orphan or a foreign process', async () => {
    const consent = (): never => {
      throw new Error('asked');
    };
    expect((await reconcile([ORPHAN], { consent })).verdict.kind).toBe('reclaimed');
    expect((await reconcile([FOREIGN], { consent })).verdict.kind).toBe('foreign');
  });

  it('may take long: the holders are examined again afterwards', async () => {
    const { lines } = await run(
      async (ports, log) => {
        await ports.clock.sleep(50);
        const consent = async (): Promise<boolean> => {
          await ports.process.kill(SECOND.pid, 'SIGKILL');
          await ports.process.spawn(['holder', MARKER, ownerWord(FIRST)]);
          await ports.clock.sleep(50);
          return true;
        };
        let asked = 0;
        const once = (): Promise<boolean> => (asked++ === 0 ? consent() : Promise.resolve(false));
        log((await reconcilePort(ports, { ...OPTIONS, consent: once })).kind);
        log(asked);
      },
      { programs: PROGRAMS, start: [LIVE] },
    );
    expect(lines).toEqual(['blocked-live', 2]);
  });
});

describe('the end of an orphan', () => {
  it('its figures: polls of 100 ms, 2 s after SIGTERM, 2 s after SIGKILL', () => {
    expect(RECLAIM).toEqual({ pollMs: 100, termGraceMs: 2_000, killGraceMs: 2_000 });
  });

  it('an orphan that ends on SIGTERM is gone at the next poll', async () => {
    expect((await reconcile([ORPHAN])).tookMs).toBeLessThan(RECLAIM.pollMs);
  });

  it('an orphan that ignores SIGTERM gets SIGKILL after the grace', async () => {
    const { verdict, alive, tookMs } = await reconcile([{ ...ORPHAN, argv: [...ORPHAN.argv!, 'stubborn'] }]);
    expect({ kind: verdict.kind, alive }).toEqual({ kind: 'reclaimed', alive: [false] });
    expect(tookMs).toBeGreaterThanOrEqual(RECLAIM.termGraceMs);
    expect(tookMs).toBeLessThan(RECLAIM.termGraceMs + 2 * RECLAIM.pollMs);
  });

  it('its group ends with it: a child has inherited the socket', async () => {
    const { verdict, alive, unproven } = await reconcile([{ ...ORPHAN, argv: [...ORPHAN.argv!, 'forks'] }]);
    expect({ kind: verdict.kind, alive, unproven }).toEqual({
      kind: 'reclaimed',
      alive: [false, false],
      unproven: 0,
    });
  });

  it('a child whose instance is gone is foreign: nothing proves its origin', async () => {
    const { verdict, alive } = await reconcile(
      [{ ...ORPHAN, argv: [...ORPHAN.argv!, 'forks'] }],
      {},
      {
        as: (ports) => ({
          ...ports,
          probe: Object.assign(Object.create(ports.probe) as Ports['probe'], {
            holders: async (tcpPort: number) => {
              await ports.process.kill(SECOND.pid, 'SIGKILL').catch(() => {});
              return ports.probe.holders(tcpPort);
            },
          }),
        }),
      },
    );
    expect({ kind: verdict.kind, alive }).toEqual({ kind: 'foreign', alive: [false, true] });
  });

  it('is checked again before a signal: a process that has ended, and a reused PID, are not signalled', async () => {
    let looks = 0;
    const { verdict, unproven } = await reconcile(
      [ORPHAN],
      {},
      {
        as: (ports) => ({
          ...ports,
          probe: Object.assign(Object.create(ports.probe) as Ports['probe'], {
            holders: async (tcpPort: number) => {
              if (++looks === 2) await ports.process.kill(SECOND.pid, 'SIGKILL');
              return ports.probe.holders(tcpPort);
            },
          }),
        }),
      },
    );
    // The only signal by PID is that of the test itself.
    expect({ kind: verdict.kind, unproven }).toEqual({ kind: 'free', unproven: 1 });
  });
});

describe('never throws', () => {
  it.each([
    ['a system that does not tell', 'ENOSYS'],
    ['a bug', 'a bug'],
  ])('%s', async (_, message) => {
    const { verdict, alive } = await reconcile(
      [ORPHAN],
      {},
      {
        as: (ports) => ({
          ...ports,
          probe: Object.assign(Object.create(ports.probe) as Ports['probe'], {
            holders: () => Promise.reject(new Error(message)),
          }),
        }),
      },
    );
    expect(verdict).toEqual({ kind: 'unknown', why: message });
    expect(alive).toEqual([true]);
  });

  it('a dialog that fails', async () => {
    const consent = (): Promise<boolean> => Promise.reject(new Error('no screen'));
    const { verdict, alive } = await reconcile([LIVE], { consent });
    expect({ verdict, alive }).toEqual({ verdict: { kind: 'unknown', why: 'no screen' }, alive: [true] });
  });
});
