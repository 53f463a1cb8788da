// What `ports.mark` refuses: data that no trace can hold, and tokens that no invariant can compare.
import { describe, expect, it } from 'vitest';
import { check, type ScenarioReport } from '../../src/check/index.ts';
import { noTokenTwice } from '../../src/scenario/index.ts';
import { scenarioOf } from '../check/helpers.ts';

function marking(name: string, data: unknown): Promise<ScenarioReport> {
  const program = async ({ mark }: { mark: (name: string, data: never) => void }) =>
    mark(name, data as never);
  return check(scenarioOf({ program }, { invariants: [noTokenTwice] }), {
    seed: 1,
    runs: 3,
    isolation: false,
  });
}

const cyclic: Record<string, unknown> = {};
cyclic.inner = { cyclic };

describe('a mark', () => {
  it.each<[unknown, string]>([
    [cyclic, 'inner.cyclic contains itself'],
    [{ done: () => {} }, 'done is a function'],
    [{ by: Symbol('me') }, 'by is a symbol'],
    [{ size: 7n }, 'size is a bigint'],
    [7, 'its data is 7'],
    [null, 'its data is null'],
  ])('whose data cannot be written down is a mistake of its program: %#', async (data, mistake) => {
    const { violations } = await marking('said', data);
    expect(violations).toMatchObject([{ invariant: 'no program crashes' }]);
    expect(violations[0]!.message).toContain(`TypeError: mark "said": ${mistake}: expected plain data`);
    expect(violations[0]!.at).toMatch(/^test\/run\/marks\.test\.ts:/);
  });

  it.each<[unknown, string]>([
    ['1', '"1"'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [true, 'true'],
  ])('of an owner has no token that is %j', async (token, shown) => {
    const { violations } = await marking('own', { token });
    expect(violations[0]!.message).toContain(`mark "own": token is ${shown}: expected a number, or null`);
  });

  it('may hold the same data twice, and an owner need not have a token', async () => {
    const part = { a: 1 };
    expect((await marking('said', { one: part, two: part })).violations).toEqual([]);
    for (const data of [{}, { token: null }, { token: undefined }, { token: 1 }])
      expect((await marking('own', data)).violations).toEqual([]);
  });
});
