import { describe, expect, it } from 'vitest';
import { search } from '../../src/check/index.ts';
import type { TraceEvent } from '../../src/run/index.ts';
import { type Scenario, type Start, sometimes, type World } from '../../src/scenario/index.ts';
import {
  COLD_STARTS,
  LAUNCHD_THROTTLE_MS,
  LONGEST_START_MS,
  LOOKS,
  MS,
  RARE_LOOKS,
  RECIPE_STARTS,
  STARTS,
} from '../../src/systems/mcporter/constants.ts';
import {
  currentConfiguration,
  isBoundTo,
  noneStranded,
  oneDaemonSurvives,
  survivorReachable,
  survivorsOf,
} from '../../src/systems/mcporter/invariants.ts';
import type { HostRules } from '../../src/systems/mcporter/programs/host.ts';
import {
  BEFORE,
  BIND_GUARD,
  MERGED,
  mcporter,
  merged,
  unconfigured,
} from '../../src/systems/mcporter/programs/rules.ts';
import { MCPORTER } from '../../src/systems/mcporter/scenarios.ts';
import { BIND_LOCK, CONFIG, SOCKET } from '../../src/systems/mcporter/setup.ts';
import { type Member, scenarioOf as scenarioOfFamily } from '../../src/systems/vocabulary/index.ts';
import { runOnce } from '../check/helpers.ts';
import { claimed } from '../claims/claims.ts';

function scenarioOf(member: Member, rules = BEFORE, family = merged): Scenario {
  return scenarioOfFamily('mcporter/test/test', family, { programs: mcporter(rules), ...member });
}

/** What did work before: clients have a lock of their own. Not a scenario of the list, since it finds nothing. */
const IMPLICIT_COLD_START = { program: 'client', count: COLD_STARTS };

const RUNS = 1_000;

/** In how many runs so many daemons survive the starts: by number of daemons, only those that occur. */
async function distributionAfter(
  start: Start,
  rules = BEFORE,
  runs = RUNS,
): Promise<Readonly<Record<number, number>>> {
  const counts = [0, 1, 2, 3, 4, 5, 6];
  const invariants = counts.map((count) =>
    sometimes(`${count}`, (world: World) => survivorsOf(world).length === count),
  );
  const { sometimes: reached } = await search(scenarioOf({ start: [start], invariants }, rules), {
    seed: 1,
    runs,
  });
  const occurring = counts.filter((count) => reached[`${count}`]! > 0);
  return Object.fromEntries(occurring.map((count) => [count, reached[`${count}`]!]));
}

/** The numbers of daemons that occur, in ascending order. */
function numbersIn(distribution: Readonly<Record<number, number>>): number[] {
  return Object.keys(distribution).map(Number);
}

const ALWAYS_ONE = { 1: RUNS };

/** When a process made a mark first. */
function markedMs(events: readonly TraceEvent[], mark: string, process?: string): number | undefined {
  return events.find(
    (event) =>
      event.op === 'mark' && event.args.name === mark && (process ?? event.process) === event.process,
  )?.atMs;
}

describe('the figures of the pull request', () => {
  it('its recipe, two foreground starts: at most two daemons survive, and now one in every run', async () => {
    const start = { program: 'host', count: RECIPE_STARTS };
    const before = await distributionAfter(start);
    expect(numbersIn(before)).toEqual([1, claimed('mcporter-2', 'before')]);
    expect(before[2]).toBeGreaterThan(RUNS / 5);
    expect(await distributionAfter(start, BIND_GUARD)).toEqual({ [claimed('mcporter-2', 'after')]: RUNS });
    expect(await distributionAfter(start, MERGED)).toEqual(ALWAYS_ONE);
  });

  it('two foreground starts a second apart: both daemons survive in every run', async () => {
    const one = { program: 'host' };
    const start = [one, { ...one, atMs: 1_000 }];
    const invariants = [sometimes('two', (world: World) => survivorsOf(world).length === 2)];
    const { sometimes: reached } = await search(scenarioOf({ start, invariants }), { seed: 1, runs: 100 });
    expect(reached.two).toBe(100);
  });

  it('five foreground starts: from one to five daemons survive, two among them, and now one in every run', async () => {
    const start = { program: 'host', count: STARTS };
    const before = await distributionAfter(start);
    const numbers = numbersIn(before);
    expect(Math.max(...numbers)).toBe(claimed('mcporter-3', 'mostSurvivors'));
    expect(before[claimed('mcporter-3', 'before')]).toBeGreaterThan(RUNS / 10);
    expect(await distributionAfter(start, BIND_GUARD)).toEqual({ [claimed('mcporter-3', 'after')]: RUNS });
    expect(await distributionAfter(start, MERGED)).toEqual(ALWAYS_ONE);
  });

  it('five detached starts: three daemons survive, and up to five, and now one in every run', async () => {
    const start = { program: 'detached', count: STARTS };
    const before = await distributionAfter(start);
    expect(before[claimed('mcporter-4', 'before')]).toBeGreaterThan(RUNS / 10);
    expect(Math.max(...numbersIn(before))).toBe(claimed('mcporter-4', 'mostSurvivors'));
    expect(await distributionAfter(start, BIND_GUARD)).toEqual({ [claimed('mcporter-4', 'after')]: RUNS });
  });

  it('a race of four foreground starts, as in its test: one survives', async () => {
    const start = { program: 'host', count: claimed('mcporter-10', 'starts') };
    expect(await distributionAfter(start, BIND_GUARD)).toEqual(ALWAYS_ONE);
    expect(Math.max(...numbersIn(await distributionAfter(start)))).toBe(4);
  });

  it('ten clients at once: one daemon before, one now', async () => {
    const one = { [claimed('mcporter-5', 'survivors')]: 100 };
    expect(await distributionAfter(IMPLICIT_COLD_START, BEFORE, 100)).toEqual(one);
    expect(await distributionAfter(IMPLICIT_COLD_START, BIND_GUARD, 100)).toEqual(one);
  });

  const frozen = [
    { program: 'terminal', argv: ['500:SIGSTOP'] },
    { program: 'host', atMs: 1_000 },
  ];

  /** How long after the second start it serves, in simulated milliseconds. */
  async function replacedAfterMs(rules: HostRules): Promise<number> {
    const { events, run, failure } = await runOnce(
      scenarioOf({ start: frozen, settleMs: 2 * MS.request }, rules),
    );
    expect(failure).toBeNull();
    expect(survivorsOf(run.world).map(({ name }) => name)).toEqual(['host#1']);
    return markedMs(events, 'own', 'host#1')! - 1_000;
  }

  it('a frozen daemon is replaced about two seconds after the next start', async () => {
    const tookMs = await replacedAfterMs(BIND_GUARD);
    expect(tookMs).toBeGreaterThanOrEqual(MS.probe);
    expect(tookMs).toBeLessThan(MS.probe + 500);
  });

  it('with the precheck of its first attempt, that takes thirty seconds more', async () => {
    const stallMs = claimed('mcporter-11', 'stallMs');
    const tookMs = await replacedAfterMs({ ...BIND_GUARD, prechecks: true });
    expect(tookMs).toBeGreaterThanOrEqual(stallMs + MS.probe);
    expect(tookMs).toBeLessThan(stallMs + MS.probe + 500);
  });
});

describe('starts by launchd', () => {
  /** When the job starts daemons, in simulated milliseconds, beside one that a client has started, or that is killed. */
  async function startsOfJob(argv: string[], other: Start): Promise<number[]> {
    const start: Start[] = [other, { program: 'launchd', argv, atMs: 1_000 }];
    const { events, failure } = await runOnce(scenarioOf({ start, settleMs: 57_000 }, MERGED));
    expect(failure).toBeNull();
    return events
      .filter(({ op, process }) => op === 'spawn' && process === 'launchd#1')
      .map(({ atMs }) => atMs);
  }

  it('KeepAlive starts one that leaves, every ten seconds, for as long as a client’s daemon serves', async () => {
    const atMs = await startsOfJob(['always'], { program: 'client' });
    expect(atMs.map((ms) => Math.round((ms - 1_000) / LAUNCHD_THROTTLE_MS))).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('SuccessfulExit false starts one that leaves, and none after it, whatever becomes of the other', async () => {
    expect(await startsOfJob(['failure'], { program: 'client' })).toHaveLength(1);
    const killed = { program: 'terminal', argv: ['20000:SIGKILL'] };
    expect(await startsOfJob(['failure'], killed)).toHaveLength(1);
  });
});

describe('a start that waits on an unref’d timer', () => {
  const start = [{ program: 'host' }, { program: 'editor', atMs: 500 }, { program: 'host', atMs: 1_000 }];
  const rules = { ...MERGED, closeMs: 200 };

  it('ends with 0 before it has bound, and leaves the lock, which the next start has to break', async () => {
    const drains: HostRules = { ...rules, timers: 'unref' };
    const { run, failure } = await runOnce(scenarioOf({ start }, drains));
    expect(failure).toBeNull();
    const [first, second] = run.world.processes.filter(({ command }) => command[0] === 'host');
    expect([first!.exitCode, second!.exitCode]).toEqual([0, 0]);
    expect(run.world.marks.get('own')).toBe(1);
    expect(run.world.files()[BIND_LOCK]).toBe(`${second!.pid}\n`);
    const later = [...start, { program: 'host', phase: 'settle' } as const];
    const { run: next } = await runOnce(scenarioOf({ start: later }, drains));
    expect(survivorsOf(next.world)).toHaveLength(1);
    expect(next.world.files()[BIND_LOCK]).toBeUndefined();
  });

  it('on one that is ref’d, it binds', async () => {
    const { run } = await runOnce(scenarioOf({ start }, rules));
    expect(survivorsOf(run.world).map(({ name }) => name)).toEqual(['host#2']);
  });
});

describe('the intended takeover', () => {
  const restarted = [{ program: 'host' }, { program: 'restart', atMs: 1_000 }];

  it('restart ends the daemon and leaves another one', async () => {
    const { run, failure, events } = await runOnce(scenarioOf({ start: restarted }, MERGED));
    expect(failure).toBeNull();
    expect(run.world.processes.find(({ name }) => name === 'host#1')).toMatchObject({ exitCode: 0 });
    expect(survivorsOf(run.world).map(({ name }) => name)).toEqual(['host#2']);
    expect(markedMs(events, 'own', 'host#2')).toBeGreaterThan(markedMs(events, 'release', 'host#1')!);
  });

  it('a second start does not take over: before, it did', async () => {
    const twice = [{ program: 'host' }, { program: 'host', atMs: 1_000 }];
    const reachable = async (rules: HostRules) => {
      const { run, events } = await runOnce(scenarioOf({ start: twice }, rules));
      const left = events.some(({ op, args }) => op === 'mark' && args.name === 'leave');
      return [survivorsOf(run.world).find((each) => isBoundTo(run.world, each, SOCKET))?.name, left];
    };
    expect(await reachable(BEFORE)).toEqual(['host#2', false]);
    expect(await reachable(MERGED)).toEqual(['host#1', true]);
  });
});

describe('the figures of its follow-ups', () => {
  const start = [
    { program: 'host' },
    { program: 'editor', atMs: 500 },
    { program: 'host', phase: 'settle' },
  ] as const;
  const invariants = [oneDaemonSurvives, survivorReachable, currentConfiguration];

  it('a stale daemon has five seconds to end', async () => {
    const slow = scenarioOf({ start, invariants }, { ...MERGED, closeMs: MS.stop - 500 });
    expect((await search(slow, { seed: 1, runs: 100 })).found).toBeNull();
    const tooSlow = scenarioOf({ start }, { ...MERGED, closeMs: MS.stop + 500 });
    const { events, run } = await runOnce(tooSlow);
    const waitedMs = markedMs(events, 'stuck')! - markedMs(events, 'stop-stale')!;
    expect(MS.stop).toBe(5_000);
    expect(waitedMs).toBeGreaterThanOrEqual(MS.stop);
    expect(waitedMs).toBeLessThan(MS.stop + 2 * LOOKS.pollMs);
    expect(survivorsOf(run.world)).toEqual([]);
  });

  it('and is polled every 100 ms', async () => {
    const { events } = await runOnce(scenarioOf({ start }, { ...MERGED, closeMs: 1_050 }));
    const slept = events.filter(({ process, op }) => process === 'host#2' && op === 'sleep');
    expect(slept.map(({ args }) => args.ms)).toEqual(Array(11).fill(100));
  });

  it.each([1, 2, 4])(
    'without one computation of the layers every client but the first of %i more restarts the daemon; with it none',
    async (more) => {
      const clients = Array.from({ length: 1 + more }, (_, i) => ({ program: 'client', atMs: i * 500 }));
      const options = { start: clients, invariants: [noneStranded] };
      const apart = await runOnce(scenarioOf(options, { ...MERGED, layers: 'host' }, unconfigured));
      expect(apart.failure).toBeNull();
      expect(apart.run.world.marks.get('restart')).toBe(more);
      expect(apart.run.world.marks.get('own')).toBe(1 + more);
      const shared = await runOnce(scenarioOf(options, MERGED, unconfigured));
      expect(shared.failure).toBeNull();
      expect(shared.run.world.marks.get('restart')).toBeUndefined();
      expect(shared.run.world.marks.get('own')).toBe(1);
    },
  );
});

describe('the figures of its lock', () => {
  it('a client may hold it for 45 s while it starts a daemon, but others give up after 30 s', async () => {
    expect(LONGEST_START_MS).toBe(45_000);
    expect(MS.lock).toBe(30_000);
    const { events } = await runOnce(
      scenarioOf(
        {
          start: [{ program: 'stranger', foreign: true }, { program: 'host' }],
          machine: { files: { [BIND_LOCK]: '1001\n' } },
          settleMs: MS.lock + 5_000,
        },
        { ...MERGED, looks: RARE_LOOKS },
      ),
    );
    const gaveUpMs = markedMs(events, 'timeout')!;
    expect(gaveUpMs).toBeGreaterThan(MS.lock);
    expect(gaveUpMs).toBeLessThan(MS.lock + 2 * RARE_LOOKS.lockPollMs);
  });

  it.each([
    ['empty', ''],
    ['malformed', 'who knows\n'],
  ])('one that is %s is broken after a second', async (_, text) => {
    const machine = { files: { [BIND_LOCK]: text } };
    const { events } = await runOnce(scenarioOf({ start: ['host'], machine }, MERGED));
    const boundMs = markedMs(events, 'own')!;
    expect(boundMs).toBeGreaterThan(MS.malformed);
    expect(boundMs).toBeLessThan(MS.malformed + 2 * LOOKS.lockPollMs);
  });

  it('shared with the host, it lets the client wait its ten seconds in vain, and the host after that', async () => {
    const built = MCPORTER.find(({ id }) => id === 'mcporter/before/shared-lock')!;
    const { hash: _, programs, ...rest } = built;
    const { events } = await runOnce({ ...rest, programs, hash: '', invariants: [] });
    const strandedMs = markedMs(events, 'stranded')!;
    expect(strandedMs).toBeGreaterThanOrEqual(MS.ready);
    expect(strandedMs).toBeLessThan(MS.ready + 2 * RARE_LOOKS.pollMs);
    expect(markedMs(events, 'own')).toBeGreaterThan(strandedMs);
  });
});

describe('mcporter on the protocol', () => {
  const built = (name: string): Scenario => MCPORTER.find(({ id }) => id === `mcporter/ours/${name}`)!;

  it.each(['foreground-x5', 'detached-x5', 'cold-start-x10'])(
    '%s: one daemon, without a fault',
    async (name) => {
      const { run, failure } = await runOnce(built(name));
      expect(failure).toBeNull();
      expect(survivorsOf(run.world)).toHaveLength(1);
      expect(run.world.marks.get('own')).toBeGreaterThanOrEqual(1);
      expect(new Set(run.world.currentClaims.map(({ process }) => process.name)).size).toBe(1);
    },
  );

  it('the configuration of the daemon that is left is the newest', async () => {
    const { run, events } = await runOnce(built('stale-config'));
    const edited = events.find(({ op, args }) => op === 'open' && args.path === CONFIG)!;
    const survivor = survivorsOf(run.world)[0]!;
    const started = events.find(({ op, process }) => op === 'start' && process === survivor.name)!;
    expect(started.atMs).toBeGreaterThan(edited.atMs);
  });
});
