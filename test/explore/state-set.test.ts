import { describe, expect, it } from 'vitest';
import { StateSet } from '../../src/explore/state-set.ts';

describe('a set of states', () => {
  it('keeps what it has when it grows', () => {
    const set = new StateSet();
    const { bytes } = set;
    const MANY = 20_000;
    const name = (i: number): [number, number] => [Math.imul(i, 0x9e3779b1), Math.imul(i, 0x85ebca6b)];
    const add = (): number =>
      Array.from({ length: MANY }, (_, i) => set.add(...name(i + 1))).filter(Boolean).length;
    expect(add()).toBe(MANY);
    expect(set.size).toBe(MANY);
    expect(add()).toBe(0);
    expect(set.size).toBe(MANY);
    expect(set.bytes).toBeGreaterThan(bytes);
  });

  it('tells names apart that differ in one half only, also where they fall on the same slot', () => {
    const set = new StateSet();
    const halves = [0, 1, 2, 1 << 13, 1 << 25, -1, 1 << 31];
    const names = halves.flatMap((high) => halves.map((low) => [high, low] as const));
    // Two zeros are another name.
    const [, ...others] = names;
    for (const [high, low] of others) expect(set.add(high, low)).toBe(true);
    for (const [high, low] of others) expect(set.add(high, low)).toBe(false);
    expect(set.size).toBe(others.length);
  });

  it('knows the name of two zeros too, and nothing once it is cleared', () => {
    const set = new StateSet();
    expect(set.add(0, 0)).toBe(true);
    expect(set.add(0, 0)).toBe(false);
    set.clear();
    expect(set.size).toBe(0);
    expect(set.add(0, 0)).toBe(true);
  });

  it('says when it is full, and still tells then what it has', () => {
    const MOST = 1 << 13;
    const set = new StateSet(MOST);
    let added = 0;
    while (!set.isFull) set.add(++added, Math.imul(added, 0x9e3779b1));
    expect(set.bytes).toBe(MOST * 8);
    expect(set.size).toBe(added);
    expect(added).toBeGreaterThan(MOST * 0.85);
    expect(added).toBeLessThan(MOST * 0.95);
    expect(set.add(1, Math.imul(1, 0x9e3779b1))).toBe(false);
    set.clear();
    expect(set.isFull).toBe(false);
  });
});
