/** The race in phases, as real processes: the protocol passes, and without one of its guards it does not. */
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';
import { builtPackage } from '../cli/build.ts';

// Mutants are made of compiled modules, and of one source.
const MAIN = join(await builtPackage(), 'dist/cli/main.js');

interface Report {
  readonly ok: boolean;
  readonly phases: readonly { readonly name: string; readonly survivors: readonly string[] }[];
  readonly invariants: readonly {
    readonly name: string;
    readonly exercised: boolean;
    readonly complaint: string | null;
  }[];
}

async function race(...options: string[]): Promise<{ exitCode: number | undefined; report: Report }> {
  const command = [MAIN, 'race', '--starts', '4', ...options, '--json'];
  const { exitCode, stdout } = await execa(process.execPath, command, { reject: false });
  return { exitCode, report: JSON.parse(stdout) as Report };
}

it('the protocol passes in all phases, and each invariant is exercised', async () => {
  const { exitCode, report } = await race('--phases', 'all');
  expect(report.invariants.filter(({ complaint, exercised }) => complaint !== null || !exercised)).toEqual(
    [],
  );
  expect(report.phases.map(({ name, survivors }) => [name, survivors.length])).toEqual([
    ['cold-start', 1],
    ['lose', 1],
    ['kill', 1],
    ['reuse', 1],
    ['stop', 1],
    ['occupy', 0],
  ]);
  expect(exitCode).toBe(0);
});

it('an invariant that nothing touched is not exercised', async () => {
  const { report } = await race('--phases', 'cold-start');
  expect(report.phases).toHaveLength(1);
  const names = report.invariants.filter(({ exercised }) => !exercised).map(({ name }) => name);
  expect(names).toContain('an owner is evicted only after a challenge that it left unanswered');
  expect(names).not.toContain('one survivor');
});

const table: string[] = [];
afterAll(() => console.log(table.join('\n')));

describe('a guard that is missing is noticed', () => {
  it.each([
    ['no second look', 'claiming/a-number-that-had-been-collected-is-not-won'],
    ['the owner never looks again', 'ownership/who-owns-goes-on-looking'],
    ['a signal by PID alone', 'eviction/a-signal-names-a-process-not-a-pid'],
    ['former owners are not ended', 'settlement/former-owners-are-ended'],
    ['EADDRINUSE is ignored', 'take-endpoint/who-could-not-listen-does-not-own'],
    ['no reaping', 'settlement/orphans-are-reaped-before-owning'],
    ['no release record', 'daemon/who-stops-releases'],
    // Not `a-silent-owner-is-challenged-not-superseded`: the contender then challenges the owner before it ends it.
    ['no challenge', 'judge/a-challenge-stands-for-its-time'],
    ['owning before the way is clear', 'settlement/the-endpoint-is-taken-before-owning'],
    ['a constant token', 'token/each-owner-has-a-token-of-its-own'],
  ])('%s: %s', async (breakage, mutant) => {
    const { exitCode, report } = await race('--mutant', mutant);
    const found = report.invariants.filter(({ complaint }) => complaint !== null);
    table.push(`${breakage.padEnd(34)}${found.map(({ name }) => name).join('; ') || 'not noticed'}`);
    expect(found).not.toEqual([]);
    expect(exitCode).toBe(1);
  });
});
