/** What an action of a log stands for, and what is left to chance. */
import { describe, expect, it } from 'vitest';
import { ActionReplayer } from '../../src/schedule/action-log.ts';
import { RandomChoices } from '../../src/schedule/random.ts';
import { STICKY } from '../../src/schedule/strategies/sticky.ts';
import type { EnabledSet } from '../../src/sim/index.ts';

const NONE = { absent: [], optional: [], machine: [] };
/** Processes, one for each operation that could happen. */
const enabled = (...processes: number[]): EnabledSet => ({
  count: () => processes.length,
  processOf: (i) => processes[i]!,
  sequenceOf: (i) => i,
  nameOf: () => '',
});

describe('an action', () => {
  it('is the operation of its process with its rank', () => {
    const replayer = new ActionReplayer([{ kind: 'step', process: 1, rank: 1 }], NONE);
    expect(replayer.choose(4, 'schedule', enabled(0, 1, 1, 0))).toBe(2);
  });

  it('that is a fault hits the process that it hit, wherever that is among the candidates', () => {
    const targets = [{ choice: 0, process: 2 }];
    const replayer = new ActionReplayer([{ kind: 'fault', choice: 1, targets }], NONE);
    expect(replayer.choose(2, 'fault')).toBe(1);
    expect(replayer.choose(3, 'target', enabled(0, 1, 2))).toBe(2);
  });
});

describe('random choices', () => {
  it('preempt at most eight calls, and only if another operation could happen', () => {
    const call = (count: number): EnabledSet => ({
      count: () => count,
      processOf: () => 0,
      sequenceOf: () => 0,
      nameOf: () => 'open /a',
    });
    const counts = Array.from({ length: 200 }, (_, seed) => {
      const choices = new RandomChoices(seed);
      let preempted = 0;
      for (let i = 0; i < 2_000; i++) {
        expect(choices.choose(2, 'preempt', call(1))).toBe(0);
        preempted += choices.choose(2, 'preempt', call(2));
      }
      return preempted;
    });
    expect(new Set(counts)).toEqual(new Set([0, 2, 4, 8]));
  });

  it('leave no required process out', () => {
    for (let seed = 0; seed < 20; seed++) expect(new RandomChoices(seed).choose(2, 'absent')).toBe(0);
  });

  it('draw in many runs only some kinds of fault', () => {
    const FAULTS = 8;
    let most = 0;
    let least = FAULTS;
    for (let seed = 0; seed < 40; seed++) {
      const choices = new RandomChoices(seed);
      const kinds = new Set<number>();
      for (let i = 0; i < 4_000; i++) kinds.add(choices.choose(FAULTS + 1, 'fault'));
      kinds.delete(0);
      most = Math.max(most, kinds.size);
      if (kinds.size > 0) least = Math.min(least, kinds.size);
    }
    expect(most).toBeGreaterThan(4);
    expect(least).toBeLessThan(4);
  });
});

describe('the sticky strategy', () => {
  it('goes on with the same process most of the time, and not always', () => {
    const choices = STICKY.choices(1, { choices: 100 });
    let same = 0;
    for (let i = 0; i < 500; i++) if (choices.choose(4, 'schedule', enabled(0, 1, 2, 3)) === 0) same++;
    expect(same).toBeGreaterThan(350);
    expect(same).toBeLessThan(500);
  });
});
