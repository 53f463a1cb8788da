import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { ENVIRONMENT, run } from '../cli/run.ts';
import { recordedIn, runVitest, vitestProject } from './project.ts';

const RACE = `import { raceTest } from 'one-survivor/vitest';
import { looksThenLeaps } from './violates.mjs';

raceTest('one owner', looksThenLeaps, { seed: 7, runs: 500, from: './violates.mjs' });
`;
describe('raceTest', () => {
  it('shows verdict, timeline, the two events that decide, a replay line that replays, and a hint', async () => {
    const cwd = vitestProject({ 'race.test.mjs': RACE });
    const { code, text, results } = await runVitest(cwd);
    expect(code).toBe(1);
    const { error, annotations } = results['one owner']!;
    expect(error).toMatch(
      /^fixture\/broken\/violates: "at most one owner" is violated\n {2}2 owners at once: /,
    );
    expect(error).toMatch(
      /\n {2}in 2 processes, 0 faults, \d+ switch(es)?, \d+ steps\n {2}found in run \d+ of seed 7\n/,
    );
    expect(error).toMatch(/★ own {2}\(violates\.mjs:\d+\)\n {15}✗ violated here: at most one owner/);
    expect(error).toMatch(
      /decided by the order of ① [\s\S]* and ②\s[\s\S]*:\s+swapped,\s+the\s+invariant\s+holds/,
    );
    expect(error).toMatch(/hint: another process ran between/);
    expect(error).toContain('recorded in .one-survivor/tokens: replayed first from now on');
    // The failure is where the test is written.
    expect(text).toMatch(/❯ race\.test\.mjs:4:1/);
    expect(text).toContain('raceTest(');

    const [, command = ''] = /again: npx one-survivor (.*)/.exec(error!) ?? [];
    expect(command).toMatch(/^replay os1:\S+ --from violates\.mjs$/);
    // The lines of the program, and a page to step through the run with the same command.
    expect(error).toMatch(/\(violates\.mjs:\d+\)/);
    const { attachment, message } = annotations.find((each) => each.attachment?.contentType === 'text/html');
    expect(message).toBe(`a page to step through the run: at most one owner: npx one-survivor ${command}`);
    const page = Buffer.from(attachment.body, 'base64').toString();
    expect(page).toMatch(/^<!doctype html>/i);
    expect(page).toContain(command.replaceAll('"', ''));

    const again = await run(cwd, command.split(' '));
    expect(again.code).toBe(1);
    expect(again.out).toContain('✗ violated here: at most one owner');
    expect(recordedIn(cwd)).toEqual([{ token: command.split(' ')[1], invariant: 'at most one owner' }]);
  });

  it('a replay line works where it is pasted: from is relative to the test, or only this test runs', async () => {
    const cwd = vitestProject({
      'tests/deep/two words.test.mjs': `import { raceTest } from 'one-survivor/vitest';
import { describe } from 'vitest';
import { looksThenLeaps } from '../../violates.mjs';

raceTest('named', looksThenLeaps, { seed: 7, runs: 500, record: false, from: '../../violates.mjs' });
describe("it's (a suite)", () => {
  raceTest('unnamed $1', looksThenLeaps, { seed: 7, runs: 500, record: false });
});
raceTest('unnamed $1', looksThenLeaps, { seed: 7, runs: 500, record: false });
`,
    });
    const { results } = await runVitest(cwd);
    const [, command = ''] = /again: npx one-survivor (.*)/.exec(results.named!.error!) ?? [];
    expect(command).toMatch(/^replay os1:\S+ --from violates\.mjs$/);
    expect((await run(cwd, command.split(' '))).code).toBe(1);

    const [, line = ''] = /again: (ONE_SURVIVOR_TOKEN=.*)/.exec(results['unnamed $1']!.error!) ?? [];
    const pasted = `npx() { shift; "${process.execPath}" node_modules/vitest/vitest.mjs "$@"; }\n${line}`;
    const { stdout, stderr, exitCode } = await execa('bash', ['-c', pasted], {
      cwd,
      reject: false,
      env: ENVIRONMENT,
      extendEnv: false,
    });
    expect(exitCode).toBe(1);
    expect(`${stdout}${stderr}`).toContain('replayed from a token');
    expect(stdout).toMatch(/Tests +1 failed \| 2 skipped \(3\)/);
  });
});
