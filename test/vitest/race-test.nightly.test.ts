import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../cli/run.ts';
import { recordedIn, runVitest, startVitest, vitestProject } from './project.ts';

const RACE = `import { raceTest } from 'one-survivor/vitest';
import { looksThenLeaps } from './violates.mjs';

raceTest('one owner', looksThenLeaps, { seed: 7, runs: 500, from: './violates.mjs' });
`;
/** The fixture with the guard that it lacks. */
const mend = (text: string): string =>
  text.replace("'/lock', '');", "'/lock', '', { flag: 'wx' }).catch(() => ports.process.exit(0));");

describe('raceTest', () => {
  it('replays recorded tokens first, until the bug is fixed', async () => {
    const cwd = vitestProject({ 'race.test.mjs': RACE });
    const first = await runVitest(cwd);
    const [recorded] = recordedIn(cwd);
    // Of one run with another seed the search alone would hardly find it.
    const second = await runVitest(cwd, [], { ONE_SURVIVOR_SEED: '8', ONE_SURVIVOR_RUNS: '1' });
    expect(first.results['one owner']!.race.token).toBe(recorded!.token);
    expect(second.results['one owner']!.race).toMatchObject({ token: recorded!.token, runs: 0, seed: 8 });
    expect(second.results['one owner']!.error).toContain('found by a token of .one-survivor/tokens');
    expect(recordedIn(cwd)).toHaveLength(1);

    const file = join(cwd, 'violates.mjs');
    writeFileSync(file, mend(readFileSync(file, 'utf8')));
    const third = await runVitest(cwd);
    expect(third.code).toBe(0);
    expect(third.results['one owner']).toMatchObject({
      state: 'passed',
      race: { verdict: 'passed', runs: 500 },
    });
    expect(recordedIn(cwd)).toHaveLength(1);
  });

  it('environment variables override its options', async () => {
    const cwd = vitestProject({
      'race.test.mjs': `import { raceTest } from 'one-survivor/vitest';
import passes from './passes.mjs';
import { looksThenLeaps } from './violates.mjs';

raceTest('sound', passes, { seed: 7, runs: 500 });
raceTest('broken', looksThenLeaps, { record: false });
`,
    });
    const asked = await runVitest(cwd, [], { ONE_SURVIVOR_SEED: '21', ONE_SURVIVOR_RUNS: '40' });
    expect(asked.results.sound!.race).toMatchObject({ verdict: 'passed', seed: 21, runs: 40 });
    const again = await runVitest(cwd, [], { ONE_SURVIVOR_SEED: '21', ONE_SURVIVOR_RUNS: '40' });
    expect(again.results.broken!.error).toBe(asked.results.broken!.error);
    expect(recordedIn(cwd)).toEqual([]);

    // Without a file to name, the replay line is one of this test.
    const [, token = ''] =
      /again: ONE_SURVIVOR_TOKEN=(\S+) npx vitest run race\.test\.mjs -t '\^broken\$'\n/.exec(
        asked.results.broken!.error!,
      ) ?? [];
    const replayed = await runVitest(cwd, ['race.test.mjs'], { ONE_SURVIVOR_TOKEN: token });
    expect(replayed.results.broken!.error).toContain('replayed from a token');
    expect(replayed.results.broken!.race).toMatchObject({
      token,
      seed: null,
      invariant: 'at most one owner',
    });
    expect(replayed.results.sound!.race).toMatchObject({ runs: 500 });

    const wrong = await runVitest(cwd, [], { ONE_SURVIVOR_RUNS: 'many' });
    expect(wrong.results.sound!.error).toMatch(/^ONE_SURVIVOR_RUNS: got "many"; accepted: a whole number/);
    // What is wrong is not in this package: the test is pointed at, or nothing.
    expect(wrong.text).toMatch(/SettingsError: ONE_SURVIVOR_RUNS[^\n]*\n ❯ race\.test\.mjs:5:1/);
    expect(wrong.text).not.toMatch(/dist\/vitest|settings\.js/);
    const cut = await runVitest(cwd, ['-t', 'sound'], { ONE_SURVIVOR_TOKEN: token.slice(0, -3) });
    expect(cut.text).toMatch(
      /TokenError: [^\n]* is damaged: its checksum does not match[^\n]*\n ❯ race\.test\.mjs:5:1/,
    );
  });

  it('reports a violation that cannot be recorded, and outdated tokens', async () => {
    const cwd = vitestProject({ 'race.test.mjs': RACE, '.one-survivor': 'a file' });
    const unreadable = (await runVitest(cwd)).results['one owner']!;
    expect(unreadable.error).toMatch(/is violated[\s\S]*\n {2}not recorded in \S+tokens: /);
    expect(unreadable.annotations[0].message).toMatch(/tokens\.json cannot be read: ENOTDIR/);
    rmSync(join(cwd, '.one-survivor'));
    await runVitest(cwd);
    const [recorded] = recordedIn(cwd);
    const file = join(cwd, 'violates.mjs');
    writeFileSync(file, readFileSync(file, 'utf8').replace('count: 3', 'count: 2'));
    const { annotations } = (await runVitest(cwd)).results['one owner']!;
    expect(annotations[0].message).toMatch(
      /^1 recorded token of another definition of fixture\/broken\/violates: skipped.*tokens update violates\.mjs$/,
    );
    expect(recordedIn(cwd)).toHaveLength(2);
    const { code } = await run(cwd, ['tokens', 'update', 'violates.mjs']);
    expect(code).toBe(0);
    expect(recordedIn(cwd).map(({ token }) => token)).not.toContain(recorded!.token);
    expect((await runVitest(cwd)).results['one owner']!.annotations[0].message).not.toContain('skipped');
  });

  it('attaches the trace to the result', async () => {
    const cwd = vitestProject({ 'race.test.mjs': RACE });
    const { results } = await runVitest(cwd);
    const { race, annotations } = results['one owner']!;
    expect(race).toMatchObject({
      scenario: 'fixture/broken/violates',
      verdict: 'violated',
      seed: 7,
      invariant: 'at most one owner',
      token: expect.stringMatching(/^os1:/),
      traceHash: expect.stringMatching(/^[0-9a-f]{16}$/),
      again: expect.stringContaining('npx one-survivor replay os1:'),
    });
    expect(annotations).toMatchObject([
      { type: 'one-survivor', attachment: { contentType: 'application/json' } },
      { type: 'one-survivor', attachment: { contentType: 'text/html' } },
    ]);
    const trace = JSON.parse(Buffer.from(annotations[0].attachment.body, 'base64').toString());
    expect(trace).toMatchObject({ token: race.token, traceHash: race.traceHash, verdict: 'violated' });
    expect(trace.critical).toMatchObject({ first: { step: expect.any(Number) } });
    expect(trace.events.filter(({ op }: { op: string }) => op === 'mark')).toHaveLength(2);
  });

  it('fails if a check is inconclusive, and passes if a known bug is found', async () => {
    const cwd = vitestProject({
      'race.test.mjs': `import { scenario } from 'one-survivor';
import { raceTest } from 'one-survivor/vitest';
import neverFound from './never-found.mjs';
import nondeterministic from './nondeterministic.mjs';
import sometimesThrows from './sometimes-throws.mjs';
import unreached from './unreached.mjs';
import { looksThenLeaps } from './violates.mjs';

raceTest('unreached', unreached, { runs: 10 });
raceTest('throws', sometimesThrows, { runs: 10 });
raceTest('never found', neverFound, { runs: 10 });
raceTest('unstable', nondeterministic, { runs: 10 });
const { start, invariants, programs } = looksThenLeaps;
const known = scenario({
  ...{ id: 'fixture/broken/known', expects: 'violation', start, invariants },
  programs: Object.fromEntries(programs),
});
raceTest('known', known, { runs: 500 });
`,
    });
    const { code, results } = await runVitest(cwd);
    expect(code).toBe(1);
    expect(results.unreached!.error).toMatch(/: inconclusive\n {2}never reached: a takeover happened\b/);
    expect(results.throws!.error).toMatch(
      /: inconclusive\n {2}the check threw TypeError: marks is not iterable.*sometimes-throws\.mjs:9\)\n/,
    );
    expect(results.throws!.error).toContain('hint: code that is called outside a run');
    expect(results['never found']!.error).toMatch(/: expects a violation, and none was found\n/);
    expect(results.unstable!.error).toMatch(/: nondeterministic\n/);
    expect(results.known).toMatchObject({ state: 'passed', race: { verdict: 'violated' } });
    expect(recordedIn(cwd)).toEqual([]);
  });

  it('searches with several threads, with the result of one', async () => {
    const cwd = vitestProject({
      'race.test.mjs': `import { raceTest } from 'one-survivor/vitest';
import rare from './rare.mjs';

const from = './rare.mjs';
raceTest('one', rare, { seed: 6, runs: 2_000, record: false, from });
raceTest('three', rare, { seed: 6, runs: 2_000, record: false, from, workers: 3 });
raceTest('nameless', rare, { seed: 6, runs: 2_000, record: false, workers: 3 });
`,
    });
    const { text, results } = await runVitest(cwd);
    const threads = new Set([...text.matchAll(/loaded in thread (\d+)/g)].map(([, thread]) => thread));
    expect(threads.size).toBe(3);
    const { one, three, nameless } = results;
    expect(one!.race).toMatchObject({ verdict: 'violated', runs: expect.any(Number) });
    expect(one!.race.runs).toBeGreaterThan(100);
    expect(three!.race).toEqual(one!.race);
    expect(nameless!.race.runs).toBe(one!.race.runs);
    const notes = nameless!.annotations.map(({ message }) => message);
    expect(notes[0]).toMatch(/^one thread instead of 3: the option from, /);
    // Threads are asked for in the environment, too.
    const asked = await runVitest(cwd, ['-t', 'one'], { ONE_SURVIVOR_WORKERS: '2' });
    expect(asked.text).toMatch(/loaded in thread [1-9]/);
    expect(asked.results.one!.race).toEqual(one!.race);
  });

  it('ends a search that takes too long before the timeout of vitest, and says so', async () => {
    const cwd = vitestProject({
      'race.test.mjs': `import { raceTest } from 'one-survivor/vitest';
import passes from './passes.mjs';

raceTest('long', passes, { seed: 7, runs: 10_000_000, timeoutMs: 4_000 });
`,
    });
    const { results } = await runVitest(cwd);
    expect(results.long!.error).toMatch(/: inconclusive\n {2}the time was up after \d+ of 10000000 runs\n/);
  });

  it('has skip, only and todo', async () => {
    const cwd = vitestProject({
      'race.test.mjs': `import { raceTest } from 'one-survivor/vitest';
import passes from './passes.mjs';

raceTest.only('this', passes, { runs: 5 });
raceTest('not this', passes, { runs: 5 });
raceTest.skip('nor this', passes, { runs: 5 });
raceTest.todo('one day');
`,
    });
    const { code, results } = await runVitest(cwd);
    expect(code).toBe(0);
    const states = Object.fromEntries(Object.entries(results).map(([name, { state }]) => [name, state]));
    expect(states).toEqual({
      this: 'passed',
      'not this': 'skipped',
      'nor this': 'skipped',
      'one day': 'skipped',
    });
  });

  it.each(['threads', 'vmForks', 'vmThreads'])('works in the pool %s', async (pool) => {
    const cwd = vitestProject({
      'race.test.mjs': `${RACE}import passes from './passes.mjs';
raceTest('sound', passes, { seed: 7, runs: 50 });
`,
    });
    const { code, results } = await runVitest(cwd, ['--pool', pool]);
    expect(code).toBe(1);
    expect(results['one owner']!.race).toMatchObject({ verdict: 'violated', invariant: 'at most one owner' });
    expect(results.sound!.race).toMatchObject({ verdict: 'passed', runs: 50 });
  });

  it('uses real time despite fake timers, and restores them', async () => {
    const cwd = vitestProject({
      'race.test.mjs': `import { quietRun, raceTest } from 'one-survivor/vitest';
import { expect, test, vi } from 'vitest';
import passes from './passes.mjs';

vi.useFakeTimers({ now: 42_000 });
test('quiet', async () => expect((await quietRun(passes)).verdict).toBe('passed'), 20_000);
raceTest('sound', passes, { budgetMs: 200, timeoutMs: 20_000 });
test('fake again', () => expect([vi.isFakeTimers(), Date.now()]).toEqual([true, 42_000]));
`,
    });
    const { code, results, text } = await runVitest(cwd);
    expect(code, text).toBe(0);
    expect(results.sound!.race).toMatchObject({ verdict: 'passed' });
  });

  it('works in concurrent shards, each of which records its findings', async () => {
    const cwd = vitestProject({
      'one.test.mjs': RACE,
      'two.test.mjs': `import { raceTest } from 'one-survivor/vitest';
import notInTheEnd from './not-in-the-end.mjs';

raceTest('in the end', notInTheEnd, { seed: 7, runs: 500 });
`,
    });
    const shard = (which: string) =>
      startVitest(cwd, ['run', `--shard=${which}`]).then(({ exitCode, all }) => ({
        exitCode,
        text: String(all),
      }));
    const shards = await Promise.all([shard('1/2'), shard('2/2')]);
    for (const { exitCode, text } of shards) {
      expect(exitCode).toBe(1);
      expect(text).toMatch(/Tests {2}1 failed \(1\)/);
    }
    const ids = recordedIn(cwd).map(({ token }) => token.split(':')[1]);
    expect(ids.sort()).toEqual(['fixture/broken/not-in-the-end', 'fixture/broken/violates']);
  });

  it('works in watch mode: fixing the lock makes the test pass', async () => {
    const cwd = vitestProject({ 'race.test.mjs': RACE });
    const watching = startVitest(cwd, ['--watch'], {}, { stdin: 'pipe' });
    let text = '';
    watching.all!.on('data', (data) => {
      text += data;
    });
    const says = (pattern: RegExp) => expect.poll(() => text, { timeout: 100_000 }).toMatch(pattern);
    try {
      await says(/Tests {2}1 failed[\s\S]*Watching for file changes/);
      // Writing down the token is no change of the project's: nothing runs again by itself.
      expect(text.match(/Tests {2}/g)).toHaveLength(1);
      const file = join(cwd, 'violates.mjs');
      const fixed = mend(readFileSync(file, 'utf8'));
      // Who says that it watches has only begun to: what is written first may be written too early to be seen.
      await expect
        .poll(
          () => {
            if (!text.includes('RERUN')) writeFileSync(file, fixed);
            return text;
          },
          { timeout: 100_000, interval: 3_000 },
        )
        .toContain('RERUN');
      await says(/RERUN[\s\S]*Tests {2}1 passed/);
    } finally {
      watching.kill('SIGKILL');
      await watching;
    }
  });
});

describe('replayTest', () => {
  it('replays a schedule, and passes if it ends as the scenario expects', async () => {
    const cwd = vitestProject({ 'race.test.mjs': RACE });
    const { results } = await runVitest(cwd);
    const { token } = results['one owner']!.race;
    writeFileSync(
      join(cwd, 'replay.test.mjs'),
      `import { replayTest } from 'one-survivor/vitest';
import { looksThenLeaps } from './violates.mjs';

replayTest('${token}', looksThenLeaps);
replayTest('${token}'.replace('violates', 'unknown'), () => undefined);
`,
    );
    const broken = await runVitest(cwd, ['replay']);
    const name = `replay fixture/broken/violates ${token.slice(-8)}`;
    expect(broken.results[name]!.error).toMatch(
      /"at most one owner" is violated[\s\S]*replayed from a token/,
    );
    const unknown = broken.results[name.replace('violates', 'unknown')]!;
    expect(unknown.error).toMatch(/there is no scenario "fixture\/broken\/unknown"/);
    const file = join(cwd, 'violates.mjs');
    writeFileSync(file, mend(readFileSync(file, 'utf8')));
    const fixed = await runVitest(cwd, ['replay', '-t', 'violates']);
    expect(fixed.results[name]).toMatchObject({ state: 'passed', race: { verdict: 'passed', token } });
  });
});
