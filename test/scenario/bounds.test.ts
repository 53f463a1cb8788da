// A scenario within bounds: which processes and faults remain, and the id that tells.
import { describe, expect, it } from 'vitest';
import {
  bounded,
  boundsOf,
  findBounded,
  type ScenarioOptions,
  type Start,
  scenario,
  withFault,
} from '../../src/scenario/index.ts';

const idle = async (): Promise<void> => {};
const none = { contenders: 1, crashes: 0, stops: 0, losses: 0, busyMs: 0 };

function made(options: Partial<ScenarioOptions>) {
  return scenario({
    id: 'a/b/c',
    programs: { a: idle, b: idle },
    start: [{ program: 'a' }],
    invariants: [],
    ...options,
  });
}

const START: Start[] = [
  { program: 'a', argv: ['x'], count: 3 },
  { program: 'b', foreign: true, atMs: 5 },
  { program: 'b', uid: 7, count: 2 },
  { program: 'a', phase: 'settle' },
];

describe('the starts of a scenario within bounds', () => {
  const within = (start: Start[], contenders: number) =>
    bounded(made({ start }), { ...none, contenders }).start;

  it('are all of them, as they are written', () => {
    expect(boundsOf(made({ start: START })).contenders).toBe(6);
    expect(within(START, 6)).toEqual(START);
  });

  it('are the first of them in the order of the entries, and all that are foreign', () => {
    expect(within(START, 4)).toEqual([START[0], START[1], { ...START[2], count: 1 }]);
    expect(within(START, 1)).toEqual([{ ...START[0], count: 1 }, START[1]]);
  });

  it('are more of each entry in turn where there are to be more', () => {
    expect(within(START, 9).map(({ count = 1 }) => count)).toEqual([4, 1, 3, 2]);
    expect(within([{ program: 'a', count: 2 }], 5)).toEqual([{ program: 'a', count: 5 }]);
  });

  it('never increase the count of an entry with a fixed PID', () => {
    const start = [{ program: 'a', pidNamespace: 'c', pid: 1 }, { program: 'b' }];
    expect(within(start, 4).map(({ count = 1 }) => count)).toEqual([1, 3]);
  });

  it('are without a foreign child whose parent does not start', () => {
    const start = [{ program: 'a' }, { program: 'b' }, { program: 'a', foreign: true, parent: 'b' }];
    expect(() => within(start, 1)).not.toThrow();
    expect(within(start, 1)).toEqual([{ program: 'a' }]);
    expect(within(start, 2)).toEqual(start);
  });
});

describe('the faults of a scenario within bounds', () => {
  const faults = { kill: 2, 'tear-state': { max: 3, under: '/d' }, 'roll-back-state': {}, reboot: 0 };
  const whole = made({ faults });

  it('are all of them, each as often as it allows', () => {
    const bounds = boundsOf(whole);
    expect(bounds).toEqual({ ...none, crashes: 2, faults: { 'tear-state': 3, 'roll-back-state': 2 } });
    const small = bounded(whole, bounds);
    expect(small.id).toBe('a/b/c+contenders=1+crashes=2+tear-state=3+roll-back-state=2');
    expect(small.faults).toEqual({
      kill: { max: 2 },
      'tear-state': { max: 3, under: '/d' },
      'roll-back-state': { max: 2 },
    });
    expect(findBounded(small.id, () => whole)).toEqual(small);
  });

  it('are found by the ID in any order', () => {
    const one = withFault(withFault(none, 'reboot', 1), 'eio', 2);
    const other = withFault(withFault(none, 'eio', 2), 'reboot', 1);
    expect(bounded(whole, one).id).toBe(bounded(whole, other).id);
    expect(findBounded('a/b/c+contenders=1+reboot=1+eio=2', () => whole)?.faults).toEqual({
      reboot: { max: 1 },
      eio: { max: 2 },
    });
    expect(findBounded('a/b/c+contenders=1+eio=2+reboot=1', () => whole)).toBeUndefined();
    expect(findBounded('a/b/c+contenders=1+unheard-of=1', () => whole)).toBeUndefined();
  });

  it('are refused where their number makes no sense', () => {
    expect(() => bounded(whole, withFault(none, 'reboot', -1))).toThrow(
      'reboot is -1: expected a whole number from 0 to 1000000',
    );
  });
});
