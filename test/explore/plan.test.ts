// In which order levels are explored, and which are not.
import { describe, expect, it } from 'vitest';
import { type Axes, Plan, type Point } from '../../src/explore/plan.ts';

const AXES: Axes = {
  faults: [0, 1, 2, 4],
  matchedFaults: 4,
  preemptions: [0, 1, 2, Number.POSITIVE_INFINITY],
  busyMs: [0, 300],
  unmatched: [false],
};

type Short = readonly [faults: number, preemptions: number, busyMs: number];

/** Each fault makes a level ten times as large, and so on. */
function edgesOf({ faults, preemptions, busyMs, unmatched }: Point): number {
  return 100 * 10 ** (faults + Math.min(preemptions, 4) / 2 + busyMs / 300 + (unmatched ? 3 : 0));
}

/** All levels, in time that is simulated: an edge takes a microsecond. */
function follow(axes: Axes, budgetMs: number, fails: (point: Point) => boolean = () => false): Short[] {
  const plan = new Plan(axes);
  const points: Short[] = [];
  for (let leftMs = budgetMs; leftMs > 0; ) {
    const point = plan.next(leftMs);
    if (point === null) break;
    points.push([point.faults, point.preemptions, point.busyMs]);
    const edges = edgesOf(point);
    leftMs -= edges / 1_000;
    if (leftMs < 0 || fails(point)) plan.failed(point);
    else plan.completed(point, { edges, ms: edges / 1_000 });
  }
  return points;
}

describe('a plan', () => {
  const all = follow(AXES, Number.POSITIVE_INFINITY);

  it('begins with the smallest level, and each one comes after those that it contains', () => {
    expect(all[0]).toEqual([0, 0, 0]);
    for (const [i, [faults, preemptions, busyMs]] of all.entries()) {
      const later = all.slice(i + 1);
      expect(later.every(([f, p, b]) => f > faults || p > preemptions || b > busyMs)).toBe(true);
    }
  });

  it('has a look with a fault and a preemption before all faults, and all faults before many preemptions and busy time', () => {
    const at = (...short: Short): number => all.findIndex((each) => each.join() === short.join());
    expect(at(1, 1, 0)).toBeLessThan(at(4, 0, 0));
    expect(at(4, 0, 0)).toBeLessThan(at(4, 1, 0));
    expect(at(4, 1, 0)).toBeLessThan(at(0, Number.POSITIVE_INFINITY, 0));
    expect(at(4, 1, 0)).toBeLessThan(at(0, 0, 300));
    expect(all.at(-1)).toEqual([4, Number.POSITIVE_INFINITY, 300]);
  });

  it('does not explore what a level contains that was completed', () => {
    const axes = { ...AXES, faults: [4], preemptions: [1] };
    expect(follow(axes, Number.POSITIVE_INFINITY)).toEqual([
      [4, 1, 0],
      [4, 1, 300],
    ]);
  });

  it('does not explore what contains a level that failed', () => {
    const some = follow(
      AXES,
      Number.POSITIVE_INFINITY,
      ({ faults, preemptions }) => faults >= 2 || preemptions >= 2,
    );
    expect(some.filter(([faults]) => faults >= 2)).toEqual([[2, 0, 0]]);
    expect(some.filter(([, preemptions]) => preemptions >= 2)).toEqual([[0, 2, 0]]);
  });

  it('leaves out a level that does not fit in what is left, and goes on with smaller ones', () => {
    // All faults without a preemption are 1,000 ms.
    const some = follow(AXES, 1_100);
    expect(some).toContainEqual([4, 0, 0]);
    expect(some).not.toContainEqual([4, 1, 0]);
    expect(some).toContainEqual([0, 0, 300]);
  });

  it('ends when nothing fits by far', () => {
    const plan = new Plan(AXES);
    const point = plan.next(1_000)!;
    plan.completed(point, { edges: 1_000_000, ms: 1_000 });
    expect(plan.next(1)).toBeNull();
    expect(plan.next(10_000)).not.toBeNull();
  });

  it('begins a level while only small ones are known, whose time is that of code that is not warm', () => {
    const plan = new Plan(AXES);
    plan.completed(plan.next(5_000)!, { edges: 141, ms: 2_500 });
    const next = plan.next(2_500)!;
    expect(next).toMatchObject({ faults: 0, preemptions: 1 });
    plan.completed(next, { edges: 1_000, ms: 2_000 });
    expect(plan.next(500)).toBeNull();
  });

  it('comes to faults that are not matched when all others were explored', () => {
    const axes = { ...AXES, faults: [0, 1, 2, 3], matchedFaults: 2, unmatched: [false, true] };
    const plan = new Plan({ ...axes, preemptions: [0], busyMs: [0] });
    const points: Point[] = [];
    for (let point = plan.next(1e9); point !== null; point = plan.next(1e9)) {
      points.push(point);
      plan.completed(point, { edges: 1, ms: 1 });
    }
    expect(points.map(({ faults, unmatched }) => [faults, unmatched])).toEqual([
      [0, false],
      [1, false],
      [2, false],
      [1, true],
      [3, true],
    ]);
  });
});
