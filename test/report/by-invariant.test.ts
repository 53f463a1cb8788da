import { describe, expect, it } from 'vitest';
import { groupsByInvariant } from '../../src/report/by-invariant.ts';
import { byInvariant, PLAIN } from '../../src/report/index.ts';
import { SCENARIOS } from '../../src/systems/index.ts';

const of = (id: string, names: readonly string[], violates?: string) => ({
  id,
  expects: violates === undefined ? ('pass' as const) : ('violation' as const),
  violates,
  invariants: names.map((name) => ({ kind: 'always' as const, name })),
});

describe('a list by invariant', () => {
  const listed = [
    of('a/x/1', ['at most one owner', 'shared', 'own', 'one survivor']),
    of('b/x/1', ['shared', 'another', 'one survivor of all'], 'shared'),
  ];

  it('begins with one survivor, then what is built in, shared, and of one system', () => {
    expect(
      groupsByInvariant(listed).map(({ title, invariants }) => [title, invariants.map(({ name }) => name)]),
    ).toEqual([
      ['One survivor', ['one survivor', 'one survivor of all']],
      ['Built-in invariants', ['at most one owner']],
      ['Shared by several systems', ['shared']],
      ['Only of a', ['own']],
      ['Only of b', ['another']],
    ]);
  });

  it('says which scenarios check an invariant, and which expect its violation', () => {
    const [shared] = groupsByInvariant(listed)[2]!.invariants;
    expect(shared).toEqual({
      ...{ name: 'shared', kind: 'always' },
      ...{ scenarios: ['a/x/1', 'b/x/1'], violatedIn: ['b/x/1'] },
    });
    expect(byInvariant(listed, PLAIN)).toMatch(
      /always +shared +2 scenarios: a, b {2}violated, as expected, in 1/,
    );
  });

  it('has each invariant of the built-in scenarios once', () => {
    const names = SCENARIOS.flatMap(({ invariants }) =>
      invariants.map(({ kind, name }) => `${kind} ${name}`),
    );
    const grouped = groupsByInvariant(SCENARIOS).flatMap(({ invariants }) =>
      invariants.map(({ kind, name }) => `${kind} ${name}`),
    );
    expect(grouped.sort()).toEqual([...new Set(names)].sort());
  });

  it('an unused list is empty', () => expect(byInvariant([], PLAIN)).toBe(''));
});
