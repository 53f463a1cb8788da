// Mistakes in invariants: each is named, and none lets a check pass that asked nothing.
import { describe, expect, it } from 'vitest';
import { check, type ScenarioReport } from '../../src/check/index.ts';
import { always, eventually, type Invariant, sometimes } from '../../src/scenario/index.ts';
import { scenarioOf } from '../check/helpers.ts';

const program = async ({ mark }: { mark: (name: string) => void }): Promise<void> => mark('own');

function checked(invariant: unknown): Promise<ScenarioReport> {
  const scenario = scenarioOf({ program }, { invariants: [invariant as Invariant] });
  return check(scenario, { seed: 1, runs: 3, isolation: false });
}

const fine = () => null;

describe('an invariant', () => {
  it.each<[string, () => unknown, string]>([
    [
      'nothing',
      () => undefined,
      'the invariant returned undefined: expected a string or null. Is a return missing?',
    ],
    ['false', () => false, 'the invariant returned false: expected a string or null'],
  ])('that returns %s does not hold', async (_, returns, message) => {
    for (const kind of [always, eventually]) {
      const { violations } = await checked(kind('it', returns as () => null));
      expect(violations).toMatchObject([{ invariant: 'it', message }]);
    }
  });

  it.each([
    ['a promise', async () => false],
    ['undefined', () => undefined],
    ['1', () => 1],
  ])('is not exercised by what answers with %s', async (got, answers) => {
    const says = `returned ${got}: expected true or false`;
    const met = await checked(always('it', fine, { requires: { what: 'x', met: answers as () => never } }));
    expect(met).toMatchObject({ verdict: 'inconclusive', ok: false });
    expect(met.reason).toContain(`${says}, in what "it" requires`);
    const reached = await checked(sometimes('it', answers as () => never));
    expect(reached.reason).toContain(`${says}, in sometimes "it"`);
  });

  it.each<[unknown, string]>([
    [
      always('it', fine, { require: 'own' } as object),
      'invariants[0]: "require" is not known; did you mean requires? Accepted: when, requires',
    ],
    [
      eventually('it', fine, { whne: 'step' } as object),
      'invariants[0]: "whne" is not known; did you mean when? Accepted: when, requires',
    ],
    [always('it', fine, { when: 'chagne' as 'change' }), 'invariants[0].when: got "chagne", expected'],
    [
      always('it', fine, { requires: 7 as never }),
      'invariants[0].requires: got 7, expected the name of a mark, or { what, met }',
    ],
    [
      always('it', fine, { requires: { what: 'x' } as never }),
      'invariants[0].requires.met: got undefined, expected a function',
    ],
    [
      always('it', fine, { requires: { what: 'x', met: () => true, optoinal: true } as never }),
      'invariants[0].requires: "optoinal" is not known; did you mean optional? Accepted: what, met, optional',
    ],
    [{ kind: 'alwyas', name: 'it', check: fine }, 'invariants[0].kind: got "alwyas", expected'],
    [{ kind: 'always', name: 'it', check: fine }, 'the invariant "it" has no when: make it with always(…)'],
    [
      always('it', undefined as never),
      'the invariant "it" has no check: expected always("it", (world) => …), where the function returns what is wrong, or null',
    ],
    [
      eventually('it', undefined as never),
      'the invariant "it" has no check: expected eventually("it", (world) => …)',
    ],
    [
      sometimes('it', undefined as never),
      'the invariant "it" has no happened: expected sometimes("it", \'mark\')',
    ],
    [always('', fine), 'invariants[0].name: got "", expected a non-empty string'],
  ])('that is described wrongly is refused: %#', (invariant, message) => {
    expect(() => scenarioOf({ program }, { invariants: [invariant as Invariant] })).toThrow(message);
  });
});
