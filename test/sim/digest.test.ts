import { describe, expect, it } from 'vitest';
import { CellTable, StateHasher, StringInterner } from '../../src/sim/index.ts';

const texts = new StringInterner();

function nameOf(values: Iterable<number>): string {
  const hasher = new StateHasher(texts);
  for (const value of values) hasher.number(value);
  const { a, b, c, d } = hasher.name();
  return `${a} ${b} ${c} ${d}`;
}

describe('names of states', () => {
  it('differ where anything differs', () => {
    const names = new Set<string>();
    let told = 0;
    for (let length = 1; length <= 4; length++) {
      for (let at = 0; at < 20 ** length; at += length) {
        names.add(nameOf(Array.from({ length }, (_, i) => Math.floor(at / 20 ** i) % 20)));
        told++;
      }
    }
    expect(names.size).toBe(told);
  });

  it('that differ stay different, in each part, however much is added alike afterwards', () => {
    const COUNT = 100_000;
    const parts = Array.from({ length: 4 }, () => new Set<number>());
    for (let i = 0; i < COUNT; i++) {
      const hasher = new StateHasher(texts);
      hasher.number(i);
      for (let k = 0; k < 100; k++) hasher.number(k % 3);
      const { a, b, c, d } = hasher.name();
      for (const [at, part] of [a, b, c, d].entries()) parts[at]!.add(part);
    }
    // Of so many numbers of 32 bits about one pair is alike by chance. Sums that forget have hundreds.
    for (const part of parts) expect(part.size).toBeGreaterThan(COUNT - 15);
  });

  it('continue from a fingerprint as from the data it was made of', () => {
    const before = new StateHasher(texts);
    before.text('before');
    const [one, other] = [new StateHasher(texts), new StateHasher(texts)];
    for (const hasher of [one, other]) hasher.fingerprint(before.name());
    one.number(1);
    other.number(1);
    expect(one.name()).toEqual(other.name());
    expect(one.name()).not.toEqual(before.name());
  });

  it('do not depend on the order of parts, but on which there are, how often, and what they hold', () => {
    const cells = new CellTable();
    const name = (...parts: (readonly [string, number])[]) => {
      const hasher = new StateHasher(texts, cells);
      for (const [cell, value] of parts) {
        hasher.part(cells.of(cell));
        hasher.number(value);
      }
      return JSON.stringify(hasher.name());
    };
    expect(name(['a', 1], ['b', 2])).toBe(name(['b', 2], ['a', 1]));
    const others = [
      name(['a', 1], ['b', 2]),
      name(['a', 2], ['b', 1]),
      name(['a', 1]),
      name(['a', 1], ['a', 1]),
      name(['a', 2], ['a', 2]),
      name(['a', 1], ['b', 2], ['b', 2]),
      name(),
    ];
    expect(new Set(others).size).toBe(others.length);
  });

  it('are made of the same parts whether each is hashed or all of a record at once', () => {
    const cells = new CellTable();
    const whole = new StateHasher(texts, cells);
    const part = whole.fresh();
    for (const [hasher, values] of [
      [whole, [1, 2]],
      [part, [3]],
    ] as const)
      for (const value of values) {
        hasher.part(cells.of(`cell ${value}`));
        hasher.number(value);
      }
    const all = new StateHasher(texts, cells);
    for (const value of [3, 1, 2]) {
      all.part(cells.of(`cell ${value}`));
      all.number(value);
    }
    const sum = new StateHasher(texts, cells);
    sum.add(whole.name());
    sum.add(part.name());
    expect(sum.name()).toEqual(all.name());
  });
});
