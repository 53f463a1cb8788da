/** Violations are recorded as soon as they are found, so that SIGKILL does not lose them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { check } from '../../src/check/index.ts';
import { TokensOfCheck } from '../../src/cli/project-tokens.ts';
import { TOKENS_FOLDER } from '../../src/project/folder.ts';
import { readRecordedToken } from '../../src/project/recorded-token.ts';
import { scenario } from '../../src/scenario/index.ts';
import { NAIVE } from '../../src/systems/naive/scenarios.ts';

test('a violation is on disk before the check ends, and gets its log at the end', async () => {
  const project = mkdtempSync(join(tmpdir(), 'one-survivor-tokens-'));
  onTestFinished(() => rmSync(project, { recursive: true, force: true }));
  const known = NAIVE.find(({ id }) => id === 'model/naive/cold-start')!;
  const { programs, start, invariants } = known;
  const broken = scenario({
    id: 'fixture/tokens/broken',
    programs: Object.fromEntries(programs),
    start,
    invariants,
  });
  const report = await check(broken, { seed: 1, runs: 1_000 });
  expect(report.verdict).toBe('violated');
  const notes: string[] = [];
  const tokens = new TokensOfCheck(project, [], { writes: true, onNote: (note) => notes.push(note) });
  const recorded = () =>
    readdirSync(join(project, TOKENS_FOLDER)).map((name) =>
      readRecordedToken(readFileSync(join(project, TOKENS_FOLDER, name), 'utf8')),
    );
  tokens.recordAtOnce(report);
  expect(recorded()).toMatchObject([{ token: report.violations[0]!.token, log: null }]);
  await tokens.record([report], [{ scenario: broken, url: '', from: null }]);
  expect(recorded()).toHaveLength(1);
  expect(recorded()[0]!.log!.actions.length).toBeGreaterThan(3);
  expect(notes).toEqual([expect.stringMatching(/^1 recorded in .*: the next check replays it first$/)]);
});
