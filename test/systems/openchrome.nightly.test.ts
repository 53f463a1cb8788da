import { describe, expect, it } from 'vitest';
import { search } from '../../src/check/index.ts';
import { DEGRADED_ERROR, INITIALISE_WITHIN_MS, Surrender } from '../../src/model/index.ts';
import type { Scenario } from '../../src/scenario/index.ts';
import { after } from '../../src/systems/openchrome/after.ts';
import { before, oneThenAll, refused } from '../../src/systems/openchrome/before.ts';
import { LIMITS, TAKEOVER_MS } from '../../src/systems/openchrome/constants.ts';
import { everyHostLearnsWhy, oneOfAllIsServed } from '../../src/systems/openchrome/invariants.ts';
import { prompt } from '../../src/systems/openchrome/ours/family.ts';
import { FALLBACK, HEADLESS, MANAGED } from '../../src/systems/openchrome/programs/launcher.ts';
import { OPENCHROME } from '../../src/systems/openchrome/scenarios.ts';
import { scenarioOf, times } from '../../src/systems/vocabulary/index.ts';
import { type Ran, runOnce } from '../check/helpers.ts';
import { claimed } from '../claims/claims.ts';

function find(id: string): Scenario {
  return OPENCHROME.find((candidate) => candidate.id === `openchrome/${id}`)!;
}

describe('what is known to be wrong', () => {
  const known = OPENCHROME.filter(({ expects }) => expects === 'violation');

  it('the bugs of the seed show in the first run already', async () => {
    for (const scenario of known.filter(({ id }) => id.startsWith('openchrome/before/'))) {
      const { found } = await search(scenario, { seed: 1, runs: 1 });
      expect([scenario.id, found?.failure.invariant]).toEqual([scenario.id, scenario.violates]);
    }
  });

  it('all nine known bugs are included, and more', () => {
    const names = known.map(({ id }) => id).filter((id) => id.startsWith('openchrome/after/'));
    expect(names).toHaveLength(26);
  });
});

/** One run in the dull order, with what it says. */
async function dull(id: string): Promise<Ran> {
  const ran = await runOnce(find(id));
  expect(ran.failure).toBeNull();
  return ran;
}

/** When something was said. */
function saidAt({ events }: Ran, mark: string, by?: string): number[] {
  return events
    .filter(({ op, args, process }) => op === 'mark' && args.name === mark && (by ?? process) === process)
    .map(({ atMs }) => atMs);
}

describe('the figures', () => {
  it('a half-zombie is taken over within 2 s of the contender’s start: three probes, 500 ms apart (#1477)', async () => {
    const ran = await dull('after/half-zombie');
    const [probed] = [saidAt(ran, 'probed', 'serve#3')];
    expect(probed).toHaveLength(LIMITS.probes);
    expect(probed[1]! - probed[0]!).toBeCloseTo(LIMITS.probeEveryMs, 0);
    const [evictedAt] = saidAt(ran, 'evict', 'serve#3');
    expect(evictedAt! - 125_000).toBeGreaterThan(2 * LIMITS.probeEveryMs);
    expect(evictedAt! - 125_000).toBeLessThanOrEqual(TAKEOVER_MS);
  });

  it('the grace is the launch budget plus 60 s: before that the owner is not probed', async () => {
    expect(LIMITS.graceMs).toBe(120_000);
    const ran = await dull('after/half-zombie');
    expect(saidAt(ran, 'probed', 'serve#2')).toEqual([]);
    expect(saidAt(ran, 'lost', 'serve#2')).toHaveLength(1);
  });

  it('on ours a half-zombie is taken over within 2 s too', async () => {
    const ran = await dull('ours/half-zombie');
    const [ownedAt] = saidAt(ran, 'own', 'serve#2');
    expect(ownedAt! - 4_500).toBeLessThanOrEqual(TAKEOVER_MS);
    expect(saidAt(ran, 'fenced', 'serve#1')).toHaveLength(1);
  });

  it('two relaunches in a row, ten seconds apart, and exit 70 (#1478)', async () => {
    const ran = await dull('after/self-release');
    const failedAt = saidAt(ran, 'relaunch-failed');
    expect(failedAt).toHaveLength(LIMITS.failuresToRelease);
    expect(failedAt[1]! - failedAt[0]!).toBeGreaterThanOrEqual(LIMITS.watchdogMs);
    const session = ran.run.world.processes.find(({ name }) => name === 'serve#2')!;
    expect(session.exitCode).toBe(70);
    const surrender = new Surrender();
    expect([surrender.failed(), surrender.failed()]).toEqual([false, true]);
  });

  it('of two starts one survives; each of the others ends with 2, or, if its host listens, explains itself', async () => {
    const before = await runOnce(find('before/unexplained'));
    const refused = before.run.world.processes.find(({ exitCode }) => exitCode === 2);
    expect(refused?.command[0]).toBe('serve');
    const after = await dull('after/explained');
    expect(after.run.world.marks.get('host-served')).toBe(1);
    expect(after.run.world.marks.get('host-told')).toBe(2);
    expect(DEGRADED_ERROR).toBe(-32_000);
    expect(INITIALISE_WITHIN_MS).toBe(10_000);
  });

  it('three Chromes: on the base port, 100 above it, and the headless one’s', () => {
    expect([MANAGED, FALLBACK, HEADLESS].map(({ tcpPort }) => tcpPort)).toEqual([9_222, 9_322, 9_666]);
  });

  it('all three are reaped, in after and in ours; the one that was attached to lives', async () => {
    for (const id of ['after/reaper', 'ours/reaper']) {
      const { run } = await dull(id);
      expect(run.world.marks.get('reaped')).toBe(claimed('openchrome-19', 'chromes'));
      const attached = run.world.processes.find(({ foreign, command }) => foreign && command[0] === 'chrome');
      expect(attached?.alive).toBe(true);
    }
  });

  it('a broker is searched eleven times, 300 ms apart', async () => {
    const looks = saidAt(await dull('after/broker'), 'broker-look').slice(0, LIMITS.brokerLooks);
    expect(looks).toHaveLength(11);
    expect(looks[1]! - looks[0]!).toBeCloseTo(LIMITS.brokerLookEveryMs, 0);
    expect(looks[10]! - looks[0]!).toBeCloseTo(10 * LIMITS.brokerLookEveryMs, 0);
  });
});

describe.each(Array.from({ length: claimed('openchrome-1', 'mostSessions') - 1 }, (_, i) => i + 2))(
  'of %i sessions of one registration',
  (count) => {
    /** As many schedules, the same each time. */
    const SEEDS = [1, 2, 3, 4, 5];

    it('all but one end before the handshake, in every schedule, and none is served later', async () => {
      const scenario = scenarioOf('test/before/sessions', before, refused(count));
      for (const seed of SEEDS) {
        const { found } = await search(scenario, { seed, runs: 1 });
        expect(found?.failure.message).toBe(`${count - 1} of ${count} sessions ended before the handshake`);
      }
    });

    it('after the fixes one serves, and all others learn why not, in every schedule', async () => {
      const scenario = scenarioOf('test/after/sessions', after, {
        ...oneThenAll(count),
        invariants: [oneOfAllIsServed, everyHostLearnsWhy],
      });
      for (const seed of SEEDS) expect((await search(scenario, { seed, runs: 1 })).found).toBeNull();
    });

    it('on ours one serves when all start at once, and all others learn why not, in every schedule', async () => {
      const scenario = scenarioOf('test/ours/sessions', prompt, {
        start: [times(count, 'host')],
        faultsForMs: 0,
        settleMs: 6_000,
        invariants: [oneOfAllIsServed, everyHostLearnsWhy],
      });
      for (const seed of SEEDS) expect((await search(scenario, { seed, runs: 1 })).found).toBeNull();
    });
  },
);
