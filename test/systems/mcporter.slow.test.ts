import { describe, expect, it } from 'vitest';
import { search } from '../../src/check/index.ts';
import type { TraceEvent } from '../../src/run/index.ts';
import { type Scenario, type Start, sometimes, type World } from '../../src/scenario/index.ts';
import {
  COLD_STARTS,
  LONGEST_START_MS,
  LOOKS,
  MS,
  RARE_LOOKS,
  STARTS,
} from '../../src/systems/mcporter/constants.ts';
import {
  currentConfiguration,
  noneStranded,
  oneDaemonSurvives,
  survivorReachable,
  survivorsOf,
} from '../../src/systems/mcporter/invariants.ts';
import {
  BEFORE,
  BIND_GUARD,
  MERGED,
  mcporter,
  merged,
  unconfigured,
} from '../../src/systems/mcporter/programs/rules.ts';
import { MCPORTER } from '../../src/systems/mcporter/scenarios.ts';
import { BIND_LOCK, CONFIG } from '../../src/systems/mcporter/setup.ts';
import { type Member, scenarioOf as scenarioOfFamily } from '../../src/systems/vocabulary/index.ts';
import { runOnce } from '../check/helpers.ts';

function scenarioOf(member: Member, rules = BEFORE, family = merged): Scenario {
  return scenarioOfFamily('mcporter/test/test', family, { programs: mcporter(rules), ...member });
}

/** What did work before: clients have a lock of their own. Not a scenario of the list, since it finds nothing. */
const IMPLICIT_COLD_START = { program: 'client', count: COLD_STARTS };

/** Which numbers of daemons survive the starts, in so many runs. */
async function survivorsAfter(start: Start, rules = BEFORE, runs = 300): Promise<number[]> {
  const counts = [0, 1, 2, 3, 4, 5, 6];
  const invariants = counts.map((count) =>
    sometimes(`${count}`, (world: World) => survivorsOf(world).length === count),
  );
  const { sometimes: reached } = await search(scenarioOf({ start: [start], invariants }, rules), {
    seed: 1,
    runs,
  });
  return counts.filter((count) => reached[`${count}`]! > 0);
}

/** When a process made a mark first. */
function markedMs(events: readonly TraceEvent[], mark: string, process?: string): number | undefined {
  return events.find(
    (event) =>
      event.op === 'mark' && event.args.name === mark && (process ?? event.process) === event.process,
  )?.atMs;
}

describe('the figures of the pull request', () => {
  it('five foreground starts: two daemons survive among other numbers, and now one', async () => {
    expect(STARTS).toBe(5);
    const start = { program: 'host', count: STARTS };
    expect(await survivorsAfter(start)).toContain(2);
    expect(await survivorsAfter(start, BIND_GUARD)).toEqual([1]);
    expect(await survivorsAfter(start, MERGED)).toEqual([1]);
  });

  it('five detached starts: up to three daemons survive, perhaps more, and now one', async () => {
    const start = { program: 'detached', count: STARTS };
    expect(await survivorsAfter(start)).toEqual(expect.arrayContaining([1, 2, 3]));
    expect(await survivorsAfter(start, BIND_GUARD)).toEqual([1]);
  });

  it('a race of four foreground starts, as in its test: one survives', async () => {
    expect(await survivorsAfter({ program: 'host', count: 4 }, BIND_GUARD)).toEqual([1]);
    expect(await survivorsAfter({ program: 'host', count: 4 })).not.toEqual([1]);
  });

  it('ten clients at once: one daemon before, one now', async () => {
    expect(COLD_STARTS).toBe(10);
    expect(await survivorsAfter(IMPLICIT_COLD_START, BEFORE, 100)).toEqual([1]);
    expect(await survivorsAfter(IMPLICIT_COLD_START, BIND_GUARD, 100)).toEqual([1]);
  });

  it('a frozen daemon is replaced about two seconds after the next start', async () => {
    const start = [
      { program: 'terminal', argv: ['500:SIGSTOP'] },
      { program: 'host', atMs: 1_000 },
    ];
    const { events, run } = await runOnce(scenarioOf({ start }, BIND_GUARD));
    const tookMs = markedMs(events, 'own', 'host#1')! - 1_000;
    expect(tookMs).toBeGreaterThanOrEqual(MS.probe);
    expect(tookMs).toBeLessThan(MS.probe + 500);
    expect(survivorsOf(run.world).map(({ name }) => name)).toEqual(['host#1']);
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
