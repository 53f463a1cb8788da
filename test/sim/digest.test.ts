import { describe, expect, it } from 'vitest';
import { StateHasher, StringInterner } from '../../src/sim/index.ts';

const texts = new StringInterner();

function nameOf(values: Iterable<number>): string {
  const digest = new StateHasher(texts);
  for (const value of values) digest.number(value);
  const { a, b } = digest.name();
  return `${a} ${b}`;
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

  it('that differ stay different, in both halves, however much is told alike afterwards', () => {
    const COUNT = 100_000;
    const halves = [new Set<number>(), new Set<number>()];
    for (let i = 0; i < COUNT; i++) {
      const digest = new StateHasher(texts);
      digest.number(i);
      for (let k = 0; k < 100; k++) digest.number(k % 3);
      const { a, b } = digest.name();
      halves[0]!.add(a);
      halves[1]!.add(b);
    }
    // Of so many numbers of 32 bits about one pair is alike by chance. Sums that forget have hundreds.
    for (const half of halves) expect(half.size).toBeGreaterThan(COUNT - 15);
  });

  it('go on from a name as from what it was made of', () => {
    const before = new StateHasher(texts);
    before.text('before');
    const [one, other] = [new StateHasher(texts), new StateHasher(texts)];
    for (const digest of [one, other]) {
      digest.become(before.name());
      digest.number(1);
    }
    expect(one.name()).toEqual(other.name());
    other.number(0);
    expect(other.name()).not.toEqual(one.name());
  });

  it('do not depend on the order of what has none', () => {
    const part = (value: number): StateHasher => {
      const digest = new StateHasher(texts);
      digest.number(value);
      return digest;
    };
    const name = (...values: number[]) => {
      const digest = new StateHasher(texts);
      digest.unordered(values.map(part));
      return digest.name();
    };
    expect(name(1, 2, 3)).toEqual(name(3, 1, 2));
    expect(name(1, 2, 3)).not.toEqual(name(1, 2, 2));
    expect(name(1, 1)).not.toEqual(name(2, 2));
  });
});
