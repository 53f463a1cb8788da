import { describe, expect, it } from 'vitest';
import { Watch } from '../../src/model/health.ts';
import { parseClaim, Surrender } from '../../src/model/index.ts';
import { Stops } from '../../src/model/stops.ts';
import { longestLookMs } from '../../src/model/timing.ts';
import { nextToken, untilPast } from '../../src/model/token.ts';
import fc from '../fc.ts';
import { claimText, NONCE, run, TIMING } from './helpers.ts';

const HEAD = { generation: 3, claim: parseClaim(claimText()) };
const UNREADABLE = { generation: 3, claim: null };
const LONGEST_LOOK_MS = longestLookMs(TIMING);

/** Looks in vain at each of these times. */
function silentAt(watch: Watch, ...timesMs: number[]): Watch {
  for (const timeMs of timesMs) watch.silent(timeMs);
  return watch;
}

describe('watching a silent owner', () => {
  it('is overdue exactly when its boot grace has expired', () => {
    const watch = silentAt(new Watch(HEAD, TIMING), 0, 800, 1_600, 2_400);
    expect(watch.isOverdue(TIMING.bootGraceMs - 1)).toBe(false);
    expect(watch.isOverdue(TIMING.bootGraceMs)).toBe(true);
  });

  it('after an answer, is overdue when its lease has expired', () => {
    const watch = new Watch(HEAD, TIMING);
    watch.answered();
    silentAt(watch, 0, 400, 800);
    expect(watch.isOverdue(TIMING.leaseMs - 1)).toBe(false);
    expect(watch.isOverdue(TIMING.leaseMs)).toBe(true);
  });

  it('an answer resets the count', () => {
    const watch = silentAt(new Watch(HEAD, TIMING), 0, 800, 1_600);
    watch.answered();
    expect(watch.isOverdue(1_000_000)).toBe(false);
    silentAt(watch, 2_000);
    expect(watch.isSilentFor(0, 2_000)).toBe(false);
  });

  it('a minimum number of probes must have failed, however long it takes', () => {
    const watch = silentAt(new Watch(HEAD, TIMING), 0, 1_000);
    expect(watch.isSilentFor(500, 1_000)).toBe(false);
    expect(silentAt(watch, 1_001).isSilentFor(500, 1_001)).toBe(true);
  });

  it('time in which the watcher was stopped does not count', () => {
    const watch = silentAt(new Watch(HEAD, TIMING), 0, 800, 1_600, 1_600 + LONGEST_LOOK_MS + 1);
    expect(watch.isOverdue(1_600 + LONGEST_LOOK_MS + 1)).toBe(false);
    const steady = silentAt(new Watch(HEAD, TIMING), 0, 800, 1_600, 1_600 + LONGEST_LOOK_MS);
    expect(steady.isOverdue(1_600 + LONGEST_LOOK_MS)).toBe(true);
  });

  it('is never overdue before the watched time has passed', () => {
    const gap = fc.integer({ min: 0, max: 3 * LONGEST_LOOK_MS });
    fc.assert(
      fc.property(fc.array(fc.record({ gap, answers: fc.boolean() }), { maxLength: 40 }), (looks) => {
        const watch = new Watch(HEAD, TIMING);
        let nowMs = 0;
        let sinceMs: number | null = null;
        let failures = 0;
        let lastMs: number | null = null;
        for (const look of looks) {
          nowMs += look.gap;
          if (look.answers) {
            watch.answered();
            sinceMs = null;
            failures = 0;
            continue;
          }
          watch.silent(nowMs);
          if (lastMs !== null && nowMs - lastMs > LONGEST_LOOK_MS) {
            sinceMs = null;
            failures = 0;
          }
          lastMs = nowMs;
          sinceMs ??= nowMs;
          failures++;
          const expected = failures >= TIMING.failedProbes && nowMs - sinceMs >= TIMING.challengeMs;
          expect(watch.isSilentFor(TIMING.challengeMs, nowMs)).toBe(expected);
        }
      }),
    );
  });

  it.each([
    ['deaf', TIMING.leaseMs],
    ['leaving', TIMING.bootGraceMs],
    ['busy', TIMING.hangMs],
  ] as const)('that is %s has a grace of its own', (silence, graceMs) => {
    const watch = new Watch(HEAD, TIMING);
    for (let nowMs = 0; nowMs < graceMs; nowMs += 200) {
      watch.silent(nowMs, silence);
      expect(watch.isOverdue(nowMs)).toBe(false);
    }
    watch.silent(graceMs, silence);
    expect(watch.isOverdue(graceMs)).toBe(true);
  });

  it('whose silence is of another kind than before has the new grace from then on, and at most that of a hang', () => {
    const watch = silentAt(new Watch(HEAD, TIMING), 0, 400);
    for (let nowMs = 800; nowMs <= 2_000; nowMs += 400) watch.silent(nowMs, 'busy');
    watch.silent(2_400, 'deaf');
    expect(watch.isOverdue(2_400 + TIMING.leaseMs - 1)).toBe(false);
    expect(watch.isOverdue(2_400 + TIMING.leaseMs)).toBe(true);
    for (let nowMs = 2_800; nowMs < TIMING.hangMs; nowMs += 400)
      watch.silent(nowMs, nowMs % 800 === 0 ? 'deaf' : 'leaving');
    watch.silent(TIMING.hangMs, 'leaving');
    expect(watch.isOverdue(TIMING.hangMs)).toBe(true);
  });

  it('belongs to one claim and its generation', () => {
    const watch = new Watch(HEAD, TIMING);
    expect(watch.isOf({ ...HEAD })).toBe(true);
    expect(watch.isOf({ ...HEAD, generation: 4 })).toBe(false);
    expect(watch.isOf(UNREADABLE)).toBe(false);
    expect(watch.isOf({ ...HEAD, claim: parseClaim(claimText({ nonce: 'f'.repeat(16) })) })).toBe(false);
    expect(new Watch(UNREADABLE, TIMING).isOf(UNREADABLE)).toBe(true);
    expect(new Watch(UNREADABLE, TIMING).isOf({ ...UNREADABLE, generation: 4 })).toBe(false);
  });
});

describe('the time for which an owner has been stopped', () => {
  it('is that between the first and the last look', () => {
    const stops = new Stops(LONGEST_LOOK_MS);
    expect([stops.isNow, stops.forMs]).toEqual([false, 0]);
    for (const nowMs of [100, 500, 900]) stops.seen(NONCE, nowMs);
    expect([stops.isNow, stops.forMs]).toEqual([true, 800]);
  });

  it.each<[string, (stops: Stops) => void, number]>([
    ['the owner has gone on in between', (stops) => stops.ended(), 900],
    ['another owner is looked at', (stops) => stops.seen('f'.repeat(16), 800), 900],
    ['the watcher has not run in between', () => {}, 501 + LONGEST_LOOK_MS],
  ])('begins again if %s', (_, happens, nowMs) => {
    const stops = new Stops(LONGEST_LOOK_MS);
    for (const beforeMs of [100, 500]) stops.seen(NONCE, beforeMs);
    happens(stops);
    stops.seen(NONCE, nowMs);
    expect(stops.forMs).toBe(0);
  });

  it('goes on over the longest gap that there is between two looks', () => {
    const stops = new Stops(LONGEST_LOOK_MS);
    for (const nowMs of [100, 500, 500 + LONGEST_LOOK_MS]) stops.seen(NONCE, nowMs);
    expect(stops.forMs).toBe(400 + LONGEST_LOOK_MS);
  });
});

describe('surrender', () => {
  it('happens at the second failure in a row', () => {
    const surrender = new Surrender();
    expect(surrender.failed()).toBe(false);
    expect(surrender.failed()).toBe(true);
  });

  it('never happens if a success follows each failure', () => {
    const surrender = new Surrender();
    for (let i = 0; i < 10; i++) {
      expect(surrender.failed()).toBe(false);
      surrender.succeeded();
    }
  });
});

describe('fencing tokens', () => {
  const WALL_MS = 1_000_000;

  const tokensOf = async (previous: (number | null)[], wallMs = WALL_MS) => {
    const { lines } = await run(
      async (ports, log) => {
        for (const token of previous) log(await nextToken(token, ports));
      },
      { machine: { wallMs, busyMs: 0 } },
    );
    return lines as number[];
  };

  it('are at least the clock, and higher than the previous one', async () => {
    expect(await tokensOf([null, 1, WALL_MS + 500, WALL_MS * 2])).toEqual([
      WALL_MS,
      WALL_MS,
      WALL_MS + 501,
      WALL_MS * 2 + 1,
    ]);
  });

  it('count up while the clock stands still', async () => {
    const { lines } = await run(
      async (ports, log) => {
        let token: number | null = null;
        for (let i = 0; i < 4; i++) {
          token = await nextToken(token, ports);
          log(token);
        }
      },
      { machine: { wallMs: WALL_MS, operationUs: 0, busyMs: 0 } },
    );
    expect(lines).toEqual([WALL_MS, WALL_MS + 1, WALL_MS + 2, WALL_MS + 3]);
  });

  it('continue from the previous one if the clock was set back', async () => {
    expect(await tokensOf([WALL_MS + 1_000_000_000])).toEqual([WALL_MS + 1_000_000_001]);
  });

  it('an owner waits until the clock has passed its token, unless the token is far ahead', async () => {
    const { lines } = await run(
      async (ports, log) => {
        const nowMs = await ports.clock.wallMs();
        await untilPast(nowMs + 5, ports);
        log((await ports.clock.wallMs()) > nowMs + 5);
        const beforeMs = await ports.clock.monotonicMs();
        await untilPast((await ports.clock.wallMs()) + 1_000_000, ports);
        log((await ports.clock.monotonicMs()) - beforeMs < 1);
      },
      { machine: { wallMs: WALL_MS, busyMs: 0 } },
    );
    expect(lines).toEqual([true, true]);
  });
});
