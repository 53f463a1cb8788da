import { describe, expect, it } from 'vitest';
import { check } from '../../src/check/index.ts';
import {
  type DaemonStatus,
  formatStatus,
  guardBind,
  liveAt,
  parseStatus,
  readRecord,
  recordMatches,
  STATUS_PATH,
  STOP_PATH,
  stopLive,
  writeRecord,
} from '../../src/model/index.ts';
import type { Ports, Program } from '../../src/ports/index.ts';
import { always, eventually, sometimes } from '../../src/scenario/index.ts';
import { scenarioOf } from '../check/helpers.ts';
import { DIRECTORY, FIRST, run } from './helpers.ts';

const SOCKET = `${DIRECTORY}/daemon.sock`;
const RECORD = `${DIRECTORY}/daemon.json`;
const CONFIG = 'v1';
const STATUS: DaemonStatus = { ...FIRST, socketPath: SOCKET, config: CONFIG };
const TIMING = { probeTimeoutMs: 2_000, stopWithinMs: 5_000, pollMs: 100 };

interface Behaviour {
  says?: Partial<DaemonStatus>;
  /** How long it takes to end when asked; `null` if it never does. */
  closesInMs?: number | null;
  answers?: boolean;
}

/** Listens at the socket as the first process of a run would: PID 1001. */
function daemon({ says = {}, closesInMs = 300, answers = true }: Behaviour = {}): Program {
  return async ({ net, clock, process }) => {
    const listener = await net.listen({ kind: 'unix', path: SOCKET });
    for (;;) {
      const { request, path, body } = await net.accept(listener);
      if (!answers) continue;
      if (path === STATUS_PATH) {
        await net.answer(request, { status: 200, body: formatStatus({ ...STATUS, ...says }) });
      } else {
        expect({ path, meant: parseStatus(body)?.pid }).toEqual({ path: STOP_PATH, meant: FIRST.pid });
        await net.answer(request, { status: 200, body: '' });
        if (closesInMs === null) continue;
        await net.close(listener);
        await clock.sleep(closesInMs);
        await process.exit(0);
      }
    }
  };
}

interface Outcome<T> {
  readonly told: T;
  /** How long it took. */
  readonly tookMs: number;
  readonly record: DaemonStatus | null;
  readonly marks: readonly string[];
}

/** What `ask` returns half a second after the start of a daemon with that behaviour; `null` for no daemon. */
async function beside<T>(
  behaviour: Behaviour | null,
  ask: (ports: Ports) => Promise<T>,
  record: string | null = formatStatus(STATUS),
): Promise<Outcome<T>> {
  let outcome: { told: T; tookMs: number } | null = null;
  const { run: ran } = await run(
    async (ports) => {
      await ports.clock.sleep(500);
      const sinceMs = await ports.clock.monotonicMs();
      const told = await ask(ports);
      outcome = { told, tookMs: (await ports.clock.monotonicMs()) - sinceMs };
    },
    {
      // The first process of a run, PID 1001.
      programs: behaviour === null ? {} : { sleeper: daemon(behaviour) },
      files: { [DIRECTORY]: null, ...(record !== null && { 'daemon.json': record }) },
    },
  );
  const { marks } = ran.world;
  return { ...outcome!, record: parseStatus(ran.world.files()[RECORD] ?? ''), marks: [...marks.keys()] };
}

const guard =
  (config: string, timing = TIMING) =>
  (ports: Ports) =>
    guardBind(ports, { socketPath: SOCKET, recordPath: RECORD, config: () => config, timing });

describe('the live daemon at a socket', () => {
  it.each([
    ['a daemon that answers, names the socket, and lives', {}, true],
    ['one that does not say when it started', { says: { startTicks: null } }, true],
    ['one that names another socket', { says: { socketPath: '/elsewhere' } }, false],
    ['one whose PID no process has', { says: { pid: 999 } }, false],
    ['one whose PID no process has, start unknown', { says: { pid: 999, startTicks: null } }, false],
    ['one whose PID a stranger bears', { says: { startTicks: 5 } }, false],
    ['one that never answers', { answers: false }, false],
    ['no process', null, false],
  ] as const)('%s: %s', async (_, behaviour, alive) => {
    const { told, tookMs } = await beside(behaviour, (ports) => liveAt(SOCKET, ports, TIMING.probeTimeoutMs));
    expect(told !== null).toBe(alive);
    // A silent one costs the whole of the time-out, and nothing else does.
    const silent = behaviour !== null && 'answers' in behaviour;
    expect(tookMs >= TIMING.probeTimeoutMs).toBe(silent);
  });

  it('a stopped daemon still listens, but is not alive', async () => {
    const { told } = await beside({}, async (ports) => {
      await ports.process.kill(FIRST.pid, 'SIGSTOP');
      await ports.probe.connect({ kind: 'unix', path: SOCKET }, TIMING.probeTimeoutMs);
      return liveAt(SOCKET, ports, TIMING.probeTimeoutMs);
    });
    expect(told).toBeNull();
  });
});

describe('a record', () => {
  it.each([
    ['of this daemon', formatStatus(STATUS), true],
    ['of another PID', formatStatus({ ...STATUS, pid: 7 }), false],
    ['of another socket', formatStatus({ ...STATUS, socketPath: '/elsewhere' }), false],
    ['that is missing', null, false],
    ['that is empty', '', false],
    ['that is torn', formatStatus(STATUS).slice(0, 20), false],
    ['that is JSON of another kind', '[]', false],
    ['with a PID that is none', '{"pid":-1,"startTicks":null,"socketPath":"","config":""}', false],
  ])('%s matches: %s', async (_, text, matches) => {
    const { told } = await beside(null, (ports) => recordMatches(RECORD, STATUS, ports), text);
    expect(told).toBe(matches);
  });

  it('is replaced atomically', async () => {
    const scenario = scenarioOf(
      {
        writer: (ports) => writeRecord(RECORD, { ...STATUS, config: 'v2' }, ports),
        reader: async (ports) => {
          for (let look = 0; look < 5; look++) {
            ports.mark((await readRecord(RECORD, ports))?.config ?? 'torn');
          }
        },
      },
      {
        machine: { files: { [RECORD]: formatStatus(STATUS) } },
        invariants: [
          always('never torn', ({ marks }) => (marks.has('torn') ? 'the record was torn' : null)),
          eventually('nothing else is left', (world) =>
            Object.keys(world.files()).join() === RECORD ? null : Object.keys(world.files()).join(),
          ),
          sometimes('both are read', ({ marks }) => marks.has(CONFIG) && marks.has('v2')),
        ],
      },
    );
    expect(await check(scenario, { seed: 1, runs: 200 })).toMatchObject({ verdict: 'passed' });
  });

  it('is ignored if it is too long', () => {
    expect(parseStatus(formatStatus({ ...STATUS, config: 'x'.repeat(70_000) }))).toBeNull();
  });
});

describe('stopping a daemon', () => {
  it('takes until its process has ended, not until its socket is gone', async () => {
    const { told, tookMs } = await beside({ closesInMs: 3_000 }, (ports) => stopLive(STATUS, ports, TIMING));
    expect(told).toBe(true);
    expect(tookMs).toBeGreaterThanOrEqual(3_000);
  });

  it.each([
    ['does not end', null],
    ['takes longer than five seconds', 6_000],
  ])('that %s fails after these five seconds', async (_, closesInMs) => {
    const { told, tookMs } = await beside({ closesInMs }, (ports) => stopLive(STATUS, ports));
    expect(told).toBe(false);
    expect(tookMs).toBeGreaterThanOrEqual(5_000);
    expect(tookMs).toBeLessThan(5_000 + 2 * TIMING.pollMs);
  });

  it('returns immediately if it has already ended', async () => {
    const { told, tookMs } = await beside(null, (ports) => stopLive({ ...STATUS, pid: 999 }, ports, TIMING));
    expect(told).toBe(true);
    expect(tookMs).toBeLessThan(TIMING.pollMs);
  });
});

describe('the bind guard', () => {
  it('allows to bind if no daemon serves, and changes nothing', async () => {
    const { told, record, marks } = await beside(null, guard(CONFIG));
    expect(told).toEqual({ kind: 'bind' });
    expect(record).toEqual(STATUS);
    expect(marks).toEqual([]);
  });

  it('leaves a daemon with the same configuration alone', async () => {
    const { told, marks } = await beside({}, guard(CONFIG));
    expect(told).toEqual({ kind: 'running', live: STATUS });
    expect(marks).toEqual([]);
  });

  it.each([
    ['missing', null],
    ['torn', '{"pid":'],
    ['another daemon’s', formatStatus({ ...STATUS, pid: 7 })],
  ])('repairs a record that is %s', async (_, text) => {
    const { told, record, marks } = await beside({}, guard(CONFIG), text);
    expect(told.kind).toBe('running');
    expect(record).toEqual(STATUS);
    expect(marks).toEqual(['reconciled']);
  });

  it('stops a daemon with another configuration, and binds once it has ended', async () => {
    const { told, tookMs, marks } = await beside({ closesInMs: 1_000 }, guard('v2'));
    expect(told).toEqual({ kind: 'bind' });
    expect(tookMs).toBeGreaterThanOrEqual(1_000);
    expect(marks).toEqual(['stop-stale']);
  });

  it('is stuck if the daemon does not end', async () => {
    const { told } = await beside({ closesInMs: null }, guard('v2', { ...TIMING, stopWithinMs: 500 }));
    expect(told).toEqual({ kind: 'stuck', live: STATUS });
  });

  it('asks for our configuration only after the daemon has answered', async () => {
    const { told } = await beside({}, (ports) =>
      guardBind(ports, {
        socketPath: SOCKET,
        recordPath: RECORD,
        config: async () => {
          // An edit at the last moment, which the live daemon cannot have seen.
          ports.mark('asked');
          return 'v2';
        },
        timing: TIMING,
      }),
    );
    expect(told).toEqual({ kind: 'bind' });
    const alone = await beside(null, (ports) =>
      guardBind(ports, {
        socketPath: SOCKET,
        recordPath: RECORD,
        config: () => {
          throw new Error('asked although no process serves');
        },
      }),
    );
    expect(alone.told).toEqual({ kind: 'bind' });
  });
});
