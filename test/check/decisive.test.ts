/** A pair of events is named only if their order alone decides. */
import { describe, expect, it } from 'vitest';
import { recordRun } from '../../src/check/attempt.ts';
import { criticalSwap } from '../../src/check/critical.ts';
import { keepsOrder } from '../../src/check/decisive.ts';
import type { Program } from '../../src/ports/index.ts';
import { always } from '../../src/scenario/index.ts';
import { type Action, ActionReplayer } from '../../src/schedule/action-log.ts';
import { scenarioOf } from './helpers.ts';

const step = (process: number): Action => ({ kind: 'step', process, rank: 0 });
const NO_CIRCUMSTANCES = { absent: [], optional: [], machine: [] };
const fault: Action = { kind: 'fault', choice: 1, targets: [] };
const advance: Action = { kind: 'advance', busy: false };

describe('two logs have what they have in common in the same order', () => {
  it.each<[string, boolean, Action[], Action[]]>([
    ['the same log', true, [step(0), step(1), fault], [step(0), step(1), fault]],
    ['one goes on for longer', true, [step(0), step(1)], [step(0), step(1), step(0), step(2)]],
    ['steps do not happen any more', true, [step(0), step(1), step(1), step(2)], [step(0), step(1), step(2)]],
    ['time passes elsewhere', true, [step(0), advance, step(1)], [step(0), step(1), advance]],
    ['two steps have changed places', false, [step(0), step(1), step(2)], [step(1), step(0), step(2)]],
    ['a fault strikes later', false, [fault, step(0)], [step(0), fault]],
  ])('%s: %s', (_, same, expected, actual) => {
    expect(keepsOrder(expected, actual)).toBe(same);
  });

  it('unless a step happens only later', () => {
    expect(keepsOrder([step(0), step(1), step(0)], [step(0), step(0), step(1)])).toBe(false);
  });
});

describe('a pair of events', () => {
  const makes =
    (path: string): Program =>
    async ({ fs }) => {
      await fs.mkdir(path);
    };
  const looks: Program = async ({ fs, mark }) => {
    const { nlink } = await fs.stat('/d');
    if (nlink > 2) mark(`sees ${nlink - 2}`);
  };
  const seesNone = always('sees none', ({ marks }) => [...marks.keys()][0] ?? null);

  it.each<[string, string, string, boolean]>([
    ['named if what is between them makes no difference', '/elsewhere', 'sees 1', true],
    ['not named if another order has to change too', '/d/b', 'sees 2', false],
  ])('is %s', async (_, other, message, isNamed) => {
    const programs = { a: makes('/d/a'), b: makes(other), looks };
    const scenario = scenarioOf(programs, { machine: { files: { '/d': null } }, invariants: [seesNone] });
    // All begin; then each has its operation.
    const log = [0, 1, 2, 0, 1, 2].map(step);
    const { run, schedule } = await recordRun(scenario, new ActionReplayer(log, NO_CIRCUMSTANCES));
    expect(run.failure).toMatchObject({ message });
    const swap = await criticalSwap(scenario, schedule, seesNone.name);
    expect(swap !== null).toBe(isNamed);
  });
});
