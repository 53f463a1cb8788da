import { describe, expect, it } from 'vitest';
import { FaultTargetingChoices } from '../../src/schedule/fault-targeting.ts';
import type { EnabledSet } from '../../src/sim/index.ts';

const SEEDS = 400;
const CHANCES = 500;
/** What one of them is about to do, in turn; the others only look. */
const PROCESSES = [4, 5, 6, 7];
const WRITER = 6;

const operations = new Map([
  ['write /claim', { times: [], changes: true, conflicts: new Set(['stat /claim']) }],
  ['stat /claim', { times: [], changes: false, conflicts: new Set(['write /claim']) }],
]);
const ESTIMATES = { choices: 1, profile: { steps: [], operations, contestedChoices: 1 } };

const waiting = (writes: boolean): EnabledSet => ({
  count: () => PROCESSES.length,
  processOf: (i) => PROCESSES[i]!,
  sequenceOf: (i) => (writes ? i : PROCESSES.length + i),
  nameOf: (i) => (writes && PROCESSES[i] === WRITER ? 'write /claim' : 'stat /claim'),
});

/** Whom the faults of a run hit, when all chances to strike are alike. */
function hitsOf(seed: number, candidates: EnabledSet): number[] {
  const choices = new FaultTargetingChoices(seed, ESTIMATES);
  const hits: number[] = [];
  for (let chance = 0; chance < CHANCES; chance++) {
    if (choices.choose(3, 'fault', candidates) === 0) continue;
    hits.push(PROCESSES[choices.choose(PROCESSES.length, 'target', waiting(false))]!);
  }
  return hits;
}

describe('targeted faults', () => {
  const seeds = Array.from({ length: SEEDS }, (_, seed) => seed);

  it('strike, in most runs, when a process is about to change something, and usually hit that process', () => {
    // Of those that are not aimed, a fifth has no faults.
    const quiet = seeds.filter((seed) => hitsOf(seed, waiting(false)).length === 0);
    expect(quiet.length / SEEDS).toBeGreaterThan(0.6);
    expect(quiet.length / SEEDS).toBeLessThan(0.75);
    const hits = quiet.flatMap((seed) => hitsOf(seed, waiting(true)));
    expect(hits.length).toBeGreaterThan(SEEDS);
    // 0.6 are meant for it, and of the others it gets its share.
    expect(hits.filter((process) => process === WRITER).length / hits.length).toBeCloseTo(0.6 + 0.4 / 4, 1);
    expect(new Set(hits)).toEqual(new Set(PROCESSES));
  });

  it('strike anywhere in the other runs', () => {
    const loud = seeds.filter((seed) => hitsOf(seed, waiting(false)).length > 0);
    const hits = loud.flatMap((seed) => hitsOf(seed, waiting(true)));
    expect(hits.filter((process) => process === WRITER).length / hits.length).toBeCloseTo(1 / 4, 1);
  });
});
