import { mkdirSync, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Json, json, onceSaid, project, run, start } from './run.ts';

const SEED = ['--seed', '1', '--workers', '1'];
const ZOMBIE = 'identity/a-zombie-is-gone';

/** A folder for temporary files that nobody else uses. */
function temporaryIn(cwd: string): string {
  const folder = join(cwd, 'temporary');
  mkdirSync(folder);
  return folder;
}

describe('mutants', () => {
  test('a guard that is gone is missed: by which scenario, with a token that shows it', async () => {
    const cwd = project();
    const TMPDIR = temporaryIn(cwd);
    const { code, data } = await json(cwd, ['mutants', ZOMBIE, ...SEED], { TMPDIR });
    expect(code).toBe(0);
    expect(data).toEqual([
      {
        guard: ZOMBIE,
        about: 'a zombie is gone',
        killed: true,
        by: {
          scenario: 'model/found/zombie',
          invariant: 'exactly one owner that serves',
          message: 'owners: none',
          token: expect.stringMatching(/^os1:model\/found\/zombie:/),
        },
        runs: 1,
      },
    ]);
    const { token } = data[0].by;
    const without = await json(cwd, ['replay', token, '--mutant', ZOMBIE], { TMPDIR });
    expect(without.code).toBe(1);
    expect(without.data).toMatchObject({ token, verdict: 'violated', invariant: data[0].by.invariant });
    expect((await json(cwd, ['replay', token])).data.verdict).toBe('passed');
    expect(readdirSync(TMPDIR).filter((name) => name.includes('mutants'))).toEqual([]);
  });

  test('globs; the lines to replay them are those that work', async () => {
    const cwd = project();
    const { code, out } = await run(cwd, ['mutants', 'eviction/sig*', ...SEED]);
    expect(code).toBe(0);
    expect(out).toContain('✓ all of 2 mutants killed');
    const lines = [...out.matchAll(/npx one-survivor (replay \S+ --mutant \S+)$/gm)].map(([, line]) => line!);
    expect(lines).toHaveLength(2);
    for (const line of lines) expect((await run(cwd, line.split(' '))).code).toBe(1);
  });

  test('the same seed gives the same, whatever the number of threads', async () => {
    const cwd = project();
    const of = async (workers: string): Promise<Json> => {
      const { data } = await json(cwd, ['mutants', 'reaper/*', '--seed', '7', '--workers', workers]);
      // The copies lie in a folder of another name each time.
      return JSON.parse(JSON.stringify(data).replaceAll(/one-survivor-mutants-\w+/g, 'copies'));
    };
    expect(await of('2')).toEqual(await of('1'));
  });

  test('one that survives is an error', async () => {
    // In one run few schedules are seen.
    const { code, out } = await run(project(), [
      ...['mutants', 'generations/a-claim-is-on-the-disk-when-it-is-published', '--runs', '1'],
      ...SEED,
    ]);
    expect(code).toBe(1);
    expect(out).toContain('removed, and no scenario failed');
  });

  test.each([
    [['mutants', 'eviction/nope'], 'no guard is called "eviction/nope"'],
    [['replay', 'os1:x', '--mutant', 'nope'], 'no guard is called "nope"'],
    [['replay', 'os1:x', '--mutant', ZOMBIE, '--from', 'passes.mjs'], 'leave --from out'],
  ])('usage: %j', async (args, text) => {
    const { code, err } = await run(project(), args);
    expect(code).toBe(2);
    expect(err).toContain(text);
  });

  test('Ctrl-C before anything is known does not say that all are killed', async () => {
    const ended = start(project(), ['mutants', ...SEED]);
    onceSaid(ended.stdout!, /seed/, () => ended.kill('SIGINT'));
    const { exitCode, stdout } = await ended;
    expect(exitCode).toBe(130);
    expect(stdout).not.toContain('✓ all of');
    expect(stdout).toMatch(/\d+ of \d+ mutants tried/);
    expect(stdout).toContain('interrupted: this is what is known so far');
  });

  test('Ctrl-C: what is known so far, and 130; nothing is left behind', async () => {
    const cwd = project();
    const TMPDIR = temporaryIn(cwd);
    const copied = watch(TMPDIR);
    const ended = start(cwd, ['mutants', '--json', ...SEED], { TMPDIR });
    const isCopy = (name: unknown): boolean => String(name).includes('mutants');
    const seen: string[] = [];
    copied.on('change', (_, name) => {
      if (isCopy(name) && seen.push(String(name)) === 1) ended.kill('SIGINT');
    });
    const { exitCode, stdout } = await ended;
    copied.close();
    expect(seen).not.toEqual([]);
    expect(exitCode).toBe(130);
    expect(Array.isArray(JSON.parse(String(stdout)))).toBe(true);
    expect(readdirSync(TMPDIR).filter((name) => name.includes('mutants'))).toEqual([]);
  });
});
