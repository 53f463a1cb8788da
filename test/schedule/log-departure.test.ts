// Where a run departs from a recorded log.
import { describe, expect, it } from 'vitest';
import { departureOf, type NamedAction, type NamedLog } from '../../src/schedule/index.ts';

const step = (process: string, operation: string): NamedAction => ({ kind: 'step', process, operation });
const logOf = (actions: readonly NamedAction[], rest: Partial<NamedLog> = {}): NamedLog => ({
  ...{ actions, idle: [], leftOut: [], machine: [] },
  ...rest,
});
const TIME: NamedAction = { kind: 'time', busy: false };
const BUSY: NamedAction = { kind: 'time', busy: true };
const kill = (...targets: (string | number)[]): NamedAction => ({ kind: 'fault', fault: 'kill', targets });
const LOG = logOf([step('a', 'begin'), TIME, step('a', 'open /lock'), kill('a')]);

describe('a run', () => {
  it('follows its log, also if it goes on after it', () => {
    expect(departureOf(LOG, LOG)).toBe(null);
    expect(departureOf(LOG, logOf([...LOG.actions, step('b', 'begin')], { machine: [1] }))).toBe(null);
  });

  it.each([
    [[step('a', 'begin'), TIME, step('b', 'open /lock')], 2, '"a open /lock", the run has "b open /lock"'],
    [[step('a', 'begin'), TIME, step('a', 'mkdir /d')], 2, '"a open /lock", the run has "a mkdir /d"'],
    [[step('a', 'begin'), step('a', 'open /lock')], 2, '"time passes", the run has "a open /lock"'],
    [[step('a', 'begin'), BUSY], 2, '"time passes", the run has "time passes although a process could run"'],
    [[...LOG.actions.slice(0, 3), kill('b')], 3, '"the fault kill a", the run has "the fault kill b"'],
    [LOG.actions.slice(0, 3), 3, '"the fault kill a", the run ends'],
  ])('departs from it at the first other action, counted in steps: %j', (actions, number, what) => {
    expect(departureOf(LOG, logOf(actions))).toBe(`from step ${number} on: the log has ${what}`);
  });

  it('departs if other processes take part', () => {
    const { actions } = LOG;
    expect(departureOf({ ...LOG, idle: ['b'] }, LOG)).toBe(
      'from step 1 on: only in the log, b is never scheduled',
    );
    expect(departureOf(LOG, logOf(actions, { leftOut: ['c'] }))).toBe(
      'from step 1 on: only in the run, c is left out',
    );
  });

  it('departs if the machine chooses otherwise', () => {
    const recorded = logOf(LOG.actions, { machine: [0, 2] });
    expect(departureOf(recorded, logOf(LOG.actions, { machine: [0, 1] }))).toMatch(
      /^in choice 2 of the machine.*has 2, the run has 1$/,
    );
    expect(departureOf(recorded, logOf(LOG.actions, { machine: [0] }))).toMatch(/the run has none$/);
  });
});
