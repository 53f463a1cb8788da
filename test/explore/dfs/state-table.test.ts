import { describe, expect, it } from 'vitest';
import { ABSENT, StateTable } from '../../../src/explore/dfs/state-table.ts';

const nameOf = (i: number) => ({
  a: Math.imul(i, 0x9e3779b1),
  b: Math.imul(i, 0x85ebca6b),
  c: i,
  d: ~i,
});

describe('a table of states', () => {
  it('keeps its states and their values when it grows', () => {
    const table = new StateTable();
    const { bytes } = table;
    const MANY = 20_000;
    for (let i = 0; i < MANY; i++) table.set(nameOf(i), i);
    expect(table.size).toBe(MANY);
    for (let i = 0; i < MANY; i++) if (table.get(nameOf(i)) !== i) throw new Error(`state ${i} is lost`);
    expect(table.get(nameOf(MANY))).toBe(ABSENT);
    expect(table.bytes).toBeGreaterThan(bytes);
  });

  it('distinguishes names that differ in one part only, also where they belong in the same slot', () => {
    const table = new StateTable();
    const parts = [0, 1, 1 << 25, -1];
    const names = parts.flatMap((a) =>
      parts.flatMap((b) => parts.flatMap((c) => parts.map((d) => ({ a, b, c, d })))),
    );
    for (const [i, name] of names.entries()) table.set(name, i);
    expect(table.size).toBe(names.length);
    expect(names.map((name) => table.get(name))).toEqual(names.map((_, i) => i));
  });

  it('changes the value of a state that it has', () => {
    const table = new StateTable();
    table.set(nameOf(1), 0);
    table.set(nameOf(1), 7);
    expect([table.size, table.get(nameOf(1))]).toEqual([1, 7]);
    table.clear();
    expect([table.size, table.get(nameOf(1))]).toEqual([0, ABSENT]);
  });

  it('says when it is full, and still finds what it has', () => {
    const MOST = 1 << 13;
    const table = new StateTable(MOST);
    let added = 0;
    while (!table.isFull) table.set(nameOf(added), added++);
    expect(table.bytes).toBe(MOST * 20);
    expect(table.size).toBe(added);
    expect(added).toBeGreaterThan(MOST * 0.85);
    expect(added).toBeLessThan(MOST * 0.95);
    expect(table.get(nameOf(1))).toBe(1);
    table.clear();
    expect(table.isFull).toBe(false);
  });
});
