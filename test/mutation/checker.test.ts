import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkerMutants, type Mutant, mutantsIn, runCheckerMutants } from '../../src/mutation/index.ts';
import { itIsAList } from './lists.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const MUTANTS = checkerMutants();

describe('the mutants of the checker', () => {
  itIsAList(MUTANTS, resolve(ROOT, 'src/mutation/checker'));

  it('are of all that judges, and of recorded tokens', () => {
    const folders = new Set(MUTANTS.map(({ module }) => module.split('/')[0]));
    expect([...folders].sort()).toEqual([
      'check',
      'explore',
      'guest',
      'judge',
      'lockstep',
      'project',
      'report',
      'run',
      'scenario',
      'schedule',
      'sim',
      'simulate',
      'storm',
    ]);
  });

  it('are each killed by one test, which exists', () => {
    const wrong = MUTANTS.flatMap(({ name, killedBy }) =>
      killedBy.length === 1 && exists(killedBy[0]!) ? [] : [`${name}: ${killedBy.join()}`],
    );
    expect(wrong).toEqual([]);
  });

  it('whose tests do not exist are noticed', () => {
    expect(exists('test/mutation/nowhere.test.ts > a test')).toBe(false);
    expect(exists(['test/explore/plan.test.ts', 'a plan', 'nothing'].join(' > '))).toBe(false);
    expect(exists('test/sim/state.test.ts > two states differ by the umask')).toBe(true);
  });
});

/** By file, patterns of all texts in it: with what stands for values of a table, such as `%s`. */
const texts = new Map<string, readonly RegExp[]>();

/** Whether all words of a test's name are texts of its file. The names of the tests of a table are made of several. */
function exists(test: string): boolean {
  const [file = '', ...names] = test.split(' > ');
  try {
    const known = texts.get(file) ?? textsIn(readFileSync(resolve(ROOT, file), 'utf8'));
    texts.set(file, known);
    return names.length > 0 && names.every((name) => known.some((pattern) => pattern.test(name)));
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return false;
    throw error;
  }
}

function textsIn(source: string): RegExp[] {
  const literals = source.matchAll(/'((?:[^'\\\n]|\\.)+)'|"((?:[^"\\\n]|\\.)+)"|`((?:[^`\\]|\\.)+)`/g);
  return [...literals].flatMap(([, single, double, template]) => {
    const text = (single ?? double ?? template!).replaceAll(/\\(.)/g, '$1');
    const parts = text.split(/%[sdoi]|\$\{[^}]*\}|\$[a-z]+/);
    // A name that is only a value of a table is a text by itself.
    if (!/\w/.test(parts.join(''))) return [];
    const pattern = parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.+');
    return new RegExp(`^${pattern}$`);
  });
}

describe('the runner', () => {
  const PLAN = 'test/explore/plan.test.ts > a plan > ends when nothing fits by far';
  const FILE = 'src/mutation/checker/here.diff';

  const mutant = (module: string, test: string, from: string, to: string): Mutant[] =>
    mutantsIn(`--- src/${module}\nthe rule\nkilled by ${test}\n- ${from}\n+ ${to}\n`, FILE);
  const run = (...[module, test, from, to]: Parameters<typeof mutant>) =>
    runCheckerMutants(mutant(module, test, from, to), { workers: 1, root: ROOT });

  it('tells mutants that an assertion notices from those that none does', async () => {
    const exitCode = process.exitCode;
    const rule = '?? candidates.find(({ ms }) => ms <= leftMs * HOPELESS);';
    const results = await runCheckerMutants(
      [
        ...mutant('explore/plan.ts', PLAN, rule, '?? candidates[0];'),
        ...mutant('explore/plan.ts', PLAN, rule, `${rule} // nothing`),
        // An error is no failed assertion.
        ...mutant('explore/plan.ts', PLAN, rule, "; throw new Error('broken');"),
      ],
      { workers: 1, root: ROOT },
    );
    expect(results).toMatchObject([
      { mutant: 'here/the-rule', source: 'src/explore/plan.ts', test: PLAN, killed: true },
      { killed: false, message: 'the test passes' },
      { killed: false, message: 'broken' },
    ]);
    expect(results[0]!.message).toMatch(/^expected /);
    expect(process.exitCode).toBe(exitCode);
  });

  it.each<[string, Parameters<typeof mutant>, string]>([
    [
      'a patch that does not fit',
      ['explore/plan.ts', PLAN, 'nowhere', ''],
      'replaces text that is in src/explore/plan.ts 0 times',
    ],
    [
      'a test that does not import the module',
      ['report/wrap.ts', PLAN, 'export function wrap(', 'export function wrap('],
      'it does not import src/report/wrap.ts',
    ],
    [
      'a test that does not exist',
      ['explore/plan.ts', `${PLAN} at all`, 'HOPELESS);', 'HOPEFUL);'],
      'there is no such test',
    ],
  ])('refuses %s', async (_, given, message) => {
    const error = await run(...given).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'MutantError', message: expect.stringContaining(message) });
  });

  it('ends at once when it is interrupted', async () => {
    const signal = AbortSignal.abort();
    const mutants = mutant('explore/plan.ts', PLAN, 'HOPELESS);', 'HOPEFUL);');
    expect(await runCheckerMutants(mutants, { workers: 1, root: ROOT, signal })).toEqual([]);
  });
});
