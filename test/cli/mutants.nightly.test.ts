import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shell, Tarball } from './packed.ts';
import { type Json, json, onceSaid, project, run, start } from './run.ts';

const SEED = ['--seed', '1', '--workers', '1'];
const ZOMBIE = 'identity/a-zombie-is-gone';

describe('mutants', () => {
  test('which scenario kills it, with a token that shows it', async () => {
    const cwd = project();
    const { code, data } = await json(cwd, ['mutants', ZOMBIE, ...SEED]);
    expect(code).toBe(0);
    expect(data).toEqual([
      {
        guard: ZOMBIE,
        about: 'a zombie is gone',
        killed: true,
        by: {
          scenario: 'model/found/zombie',
          invariant: 'one survivor',
          message: 'there is no survivor',
          token: expect.stringMatching(/^os1:model\/found\/zombie:/),
        },
        runs: 1,
      },
    ]);
    const { token } = data[0].by;
    const mutated = await json(cwd, ['replay', token, '--mutant', ZOMBIE]);
    expect(mutated.code).toBe(1);
    expect(mutated.data).toMatchObject({ token, verdict: 'violated', invariant: data[0].by.invariant });
    expect((await json(cwd, ['replay', token])).data.verdict).toBe('passed');
  });

  test('a mutant that crashes: where in its source', async () => {
    const { data } = await json(project(), ['mutants', 'json/what-is-no-json-is-no-claim', ...SEED]);
    expect(data[0].by.message).toMatch(/SyntaxError: .*, at \S+\/src\/model\/json\.ts:\d+:\d+$/);
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

  test('equal seeds give equal results for any number of threads', async () => {
    const cwd = project();
    const of = async (workers: string): Promise<Json> =>
      (await json(cwd, ['mutants', 'reaper/*', '--seed', '7', '--workers', workers])).data;
    expect(await of('2')).toEqual(await of('1'));
  });

  test('one that survives is an error', async () => {
    // In one run few schedules are seen.
    const { code, out } = await run(project(), [
      ...['mutants', 'generations/a-claims-name-is-on-the-disk-when-it-is-published', '--runs', '1'],
      ...SEED,
    ]);
    expect(code).toBe(1);
    expect(out).toMatch(/^✗ 0 of 1 mutant killed; \S+: no scenario failed$/m);
  });

  test.each([
    [['mutants', 'eviction/nope'], 'there is no mutant "eviction/nope"'],
    [['mutants', '--of', 'checker', 'verdict/nope'], 'there is no mutant "verdict/nope"'],
    [['mutants', '--of', 'checker', '--runs', '5'], 'got --runs with --of checker'],
    [['mutants', '--of', 'checker', '--seed', '5'], 'got --seed with --of checker'],
    [['mutants', '--of', 'nothing'], "'nothing' is invalid"],
    [['replay', 'os1:x', '--mutant', 'nope'], 'there is no mutant "nope"'],
    [['replay', 'os1:x', '--mutant', ZOMBIE, '--from', 'passes.mjs'], 'omit --from'],
  ])('usage: %j', async (args, text) => {
    const { code, err } = await run(project(), args);
    expect(code).toBe(2);
    expect(err).toContain(text);
  });

  test('an early Ctrl-C does not report that all are killed', async () => {
    const ended = start(project(), ['mutants', ...SEED]);
    onceSaid(ended.stdout!, /seed/, () => ended.kill('SIGINT'));
    const { exitCode, stdout } = await ended;
    expect(exitCode).toBe(130);
    expect(stdout).not.toContain('✓ all of');
    expect(stdout).toMatch(/\d+ of \d+ mutants tried/);
    expect(stdout).toContain('interrupted: results so far');
  });

  test('Ctrl-C: what is known so far as JSON, and 130', async () => {
    const ended = start(project(), ['mutants', '--json', ...SEED]);
    onceSaid(ended.stderr!, /seed/, () => ended.kill('SIGINT'));
    const { exitCode, stdout } = await ended;
    expect(exitCode).toBe(130);
    expect(Array.isArray(JSON.parse(String(stdout)))).toBe(true);
  });
});

describe('in a project in which the package is installed', () => {
  let cwd: string;
  beforeAll(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'one-survivor-installed-'));
    const tarball = await Tarball.pack();
    await tarball.install(cwd);
    tarball.remove();
  }, 120_000);
  afterAll(() => rmSync(cwd, { recursive: true, force: true }));

  test.each([
    'mutants',
    `mutants ${ZOMBIE}`,
    'mutants --of checker',
    `replay os1:model/found/zombie:7a5b09f5::4de3b623 --mutant ${ZOMBIE}`,
    `explore model/found/zombie --mutant ${ZOMBIE}`,
  ])('%s says that it needs a clone', async (args) => {
    const { code, out, text } = await shell(cwd, `npx one-survivor ${args}`);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(text).toMatch(/^error: mutants replace single modules .*: clone its repository, run "npm ci"/);
  });
});
