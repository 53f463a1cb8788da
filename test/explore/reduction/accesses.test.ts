import { describe, expect, it } from 'vitest';
import { AccessTable, NO_ACCESS } from '../../../src/explore/reduction/accesses.ts';
import { CellSets, NO_CELLS } from '../../../src/explore/reduction/cell-sets.ts';
import fc from '../../fc.ts';

const cells = fc.uniqueArray(fc.nat(100), { maxLength: 12 });

describe('sets of cells', () => {
  it('are as sets of numbers', () => {
    const sets = new CellSets();
    fc.assert(
      fc.property(cells, cells, fc.nat(100), (a, b, cell) => {
        const [one, other] = [sets.of(a), sets.of(b)];
        const sorted = (all: Iterable<number>) => [...new Set(all)].sort((x, y) => x - y);
        expect(sets.cellsOf(one)).toEqual(sorted(a));
        expect(sets.cellsOf(sets.union(one, other))).toEqual(sorted([...a, ...b]));
        expect(sets.cellsOf(sets.intersection(one, other))).toEqual(
          sorted(a.filter((each) => b.includes(each))),
        );
        expect(sets.intersect(one, other)).toBe(a.some((each) => b.includes(each)));
        expect(sets.has(one, cell)).toBe(a.includes(cell));
        expect(sets.cellsOf(sets.without(one, cell))).toEqual(sorted(a.filter((each) => each !== cell)));
      }),
    );
  });

  it('have the same number if they are equal', () => {
    const sets = new CellSets();
    expect(sets.of([40, 3])).toBe(sets.of([3, 40, 3]));
    expect(sets.union(sets.of([3]), sets.of([40]))).toBe(sets.of([3, 40]));
    expect(sets.without(sets.of([40]), 40)).toBe(NO_CELLS);
  });
});

describe('accesses', () => {
  const table = new AccessTable();
  const of = (reads: number[], writes: number[] = [], counts: number[] = []) =>
    table.number({
      reads: table.sets.of(reads),
      writes: table.sets.of(writes),
      counts: table.sets.of(counts),
    });
  const none = NO_CELLS;
  const all = table.sets.of([1, 2, 3]);

  it.each([
    ['two reads', of([1]), of([1]), all, false],
    ['a read and a write', of([1]), of([], [1]), none, true],
    ['a write and a read of another cell', of([2]), of([], [1]), all, false],
    ['two writes that something reads later', of([], [1]), of([], [1]), all, true],
    ['two writes that nothing reads later', of([], [1]), of([], [1]), table.sets.of([2]), false],
    ['two counts', of([], [], [1]), of([], [], [1]), all, false],
    ['a count and a read', of([], [], [1]), of([1]), none, true],
    ['a count and a write that something reads later', of([], [], [1]), of([], [1]), all, true],
    ['a count and a write that nothing reads later', of([], [], [1]), of([], [1]), none, false],
    ['nothing and a write', NO_ACCESS, of([], [1]), all, false],
  ])('conflict or not: %s', (_, a, b, live, expected) => {
    expect(table.conflict(a, b, live)).toBe(expected);
    expect(table.conflict(b, a, live)).toBe(expected);
  });

  it('are united part by part', () => {
    expect(table.union(of([1], [2]), of([3], [2], [4]))).toBe(of([1, 3], [2], [4]));
    expect(table.reading(of([1], [2], [3]))).toBe(of([1]));
  });
});
