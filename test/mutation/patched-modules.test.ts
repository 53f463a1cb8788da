import { describe, expect, it } from 'vitest';
import type * as oneSurvivor from '../../src/index.ts';
import { MutantError, type Patch } from '../../src/mutation/index.ts';
import type { Program } from '../../src/ports/index.ts';
import { builtMutation } from './built.ts';

type OneSurvivor = typeof oneSurvivor;

const { importPatched } = await builtMutation();

/** Files are created although they exist: a bug of the simulation. */
const NOT_EXCLUSIVE = patch(
  'sim/vfs/open.ts',
  'if ((flags & O_EXCL) !== 0) return EEXIST;',
  'if (false) return EEXIST;',
);
/** What was not reached does not matter: a bug of the checker. */
const EASILY_PASSED = patch('check/verdict.ts', "verdict: 'inconclusive', ok,", "verdict: 'passed', ok,");
const UNCHANGED = patch('check/verdict.ts', "verdict: 'inconclusive', ok,", "verdict: 'inconclusive', ok,");

function patch(module: string, from: string, to: string): Patch {
  return { name: `test/${slug(from + to)}`, module, from, to, writtenIn: 'this file' };
}

/** A name of its own for each. */
function slug(text: string): string {
  return text.replace(/[^a-zA-Z]+/g, '-');
}

const daemon: Program = async (ports) => {
  try {
    await ports.fs.writeFile('/lock', 'ours', { flag: 'wx' });
    ports.mark('own');
    await ports.clock.sleep(10);
    ports.mark('release');
  } catch {
    ports.mark('lost');
  }
  return 0;
};

/** The verdict on a lock, by a checker as it is with a patch. */
async function verdictWith(used: Patch, wanted = 'lost') {
  const { atMostOneOwner, check, scenario, sometimes } = (await importPatched(
    used,
    'index.ts',
  )) as OneSurvivor;
  const lock = scenario({
    id: 'test/mutation/lock',
    programs: { daemon },
    start: [{ program: 'daemon', count: 2 }],
    invariants: [atMostOneOwner, sometimes('it is reached', wanted)],
  });
  const { verdict, violations } = await check(lock, { seed: 1, runs: 50, isolation: false });
  return { verdict, invariant: violations[0]?.invariant };
}

describe('a module with a patch', () => {
  it('of the simulation: other runs', async () => {
    expect(await verdictWith(UNCHANGED)).toEqual({ verdict: 'passed', invariant: undefined });
    expect(await verdictWith(NOT_EXCLUSIVE)).toEqual({
      verdict: 'violated',
      invariant: 'at most one owner',
    });
    // Beside each other, in one thread.
    expect(await verdictWith(UNCHANGED)).toEqual({ verdict: 'passed', invariant: undefined });
  });

  it('of the checker: another verdict', async () => {
    expect((await verdictWith(UNCHANGED, 'never')).verdict).toBe('inconclusive');
    expect((await verdictWith(EASILY_PASSED, 'never')).verdict).toBe('passed');
  });

  it('shares the modules that do not import it, and belongs to those that do', async () => {
    const load = (entry: string, of: Patch) => importPatched(of, entry);
    expect(await load('sim/vfs/open.ts', EASILY_PASSED)).toBe(await load('sim/vfs/open.ts', UNCHANGED));
    expect(await load('check/check.ts', EASILY_PASSED)).not.toBe(await load('check/check.ts', UNCHANGED));
    const { check } = await load('index.ts', EASILY_PASSED);
    expect((await load('check/check.ts', EASILY_PASSED)).check).toBe(check);
  });

  it('has the lines and columns of its source', async () => {
    const throwing = patch('check/verdict.ts', "if (expects === 'violation')", "throw new Error('here');");
    const { judgeNothingFound } = await importPatched(throwing, 'check/verdict.ts');
    const stack = (): string => {
      try {
        (judgeNothingFound as (...args: unknown[]) => void)({}, 1, {});
        return 'not thrown';
      } catch (error) {
        return (error as Error).stack!;
      }
    };
    expect(stack()).toMatch(/check\/verdict\.\S+:24:9\b/);
  });
});

describe('an error', () => {
  it.each([
    ['the text is not there', patch('check/verdict.ts', 'nowhere', ''), 'in src/check/verdict.ts 0 times'],
    ['it is no TypeScript', patch('check/verdict.ts', 'gapsOf(coverage, runs)', ''), 'is no TypeScript'],
    ['there is no such file', patch('check/nowhere.ts', 'a', 'b'), 'there is no file src/check/nowhere.ts'],
  ])('%s', async (_, wrong, message) => {
    const error = await importPatched(wrong, 'index.ts').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: MutantError.name, message: expect.stringContaining(message) });
  });
});
