// Tokens that older versions have printed: they stay readable for two minor versions (decision 44).
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { emptySchedule, type Schedule } from '../../src/run/index.ts';
import { decodeToken } from '../../src/schedule/index.ts';
import { CHOICE_KINDS } from '../../src/sim/index.ts';

interface Printed {
  readonly token: string;
  readonly scenario: string;
  readonly hash: string;
  readonly schedule: Schedule;
}

const FOLDER = new URL('../../fixtures/tokens/', import.meta.url);
/** One file per version, written once and never changed: what the tokens meant to the version that printed them. */
const versions = readdirSync(FOLDER).map((name) => ({
  version: name.replace('.json', ''),
  printed: JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as Printed[],
}));

describe.each(versions)('the tokens of version $version', ({ printed }) => {
  it.each(printed)('mean what they meant: $scenario', ({ token, ...meant }) => {
    expect(decodeToken(token)).toEqual({ ...meant, schedule: { ...emptySchedule(), ...meant.schedule } });
  });

  it('have choices of every kind that the version had, and both formats', () => {
    const had = CHOICE_KINDS.filter((kind) => kind in printed[0]!.schedule);
    const kinds = had.filter((kind) =>
      printed.some(({ schedule }) => schedule[kind].some((choice) => choice !== 0)),
    );
    expect(kinds).toEqual(had);
    expect(had).toEqual(CHOICE_KINDS.slice(0, had.length));
    expect([...new Set(printed.map(({ token }) => token.slice(0, 4)))].toSorted()).toEqual(['os1:', 'os2:']);
  });
});

it('the tokens of the last two minor versions are kept', () => {
  expect(versions.map(({ version }) => version)).toContain('0.1.0');
});
