import { describe, expect, test } from 'vitest';
import { judgeNothingFound, NOTHING_RAN } from '../../src/check/index.ts';
import {
  type CheckReport,
  checkJson,
  exitCodeOf,
  githubAnnotations,
  githubInert,
  githubSummary,
  junit,
  mergeReports,
  mermaid,
  PLAIN,
  readBlob,
  table,
  writeBlob,
} from '../../src/report/index.ts';
import { NAIVE, PASSED, reportWith, scenarioWith, WHOLE } from './evidence.ts';

const expected = scenarioWith({ expects: 'violation', ok: true });
const inconclusive = scenarioWith({
  id: 'a/b/inconclusive',
  verdict: 'inconclusive',
  reason: 'never reached: a takeover',
  firstViolationAtRun: null,
  violations: [],
  evidence: [],
  sometimes: { 'a takeover': 0 },
});
const nondeterministic = { ...inconclusive, verdict: 'nondeterministic' as const, reason: 'it ran two ways' };
const notFound = { ...PASSED, expects: 'violation' as const, ok: false };

const thrown = scenarioWith({
  ...{ id: 'a/b/thrown', verdict: 'inconclusive', ok: false, firstViolationAtRun: null },
  ...{ violations: [], evidence: [], reason: 'the check threw RangeError: too far (dist/x.js:1)' },
  error: {
    name: 'RangeError',
    message: 'too \u001b far',
    file: '/dist/x.js',
    line: 1,
    stack: ['at x \u001b (/dist/x.js:1:1)'],
  },
});

describe('the table', () => {
  const lines = (report = reportWith()) => table(report, { colors: PLAIN }).split('\n');

  test('a row for each scenario, then the violation, its replay line last', () => {
    const text = lines();
    expect(text.slice(0, 7)).toEqual([
      'scenario                expects  verdict      runs  first violation  steps/s  seconds',
      'model/naive/cold-start  pass     ✗ violated     33           run 33    2,830     0.50',
      'model/lock/cold-start   pass     ✓ passed    1,000                     2,830     0.50',
      '',
      '✗ model/naive/cold-start: at most one owner is violated',
      '  2 owners at once: daemon#3 and daemon#1',
      '  in 2 processes, 0 faults, 2 switches, 18 steps',
    ]);
    expect(text.slice(-6)).toEqual([
      '  again: npx one-survivor replay os1:model/naive/cold-start:45565e1c:AAEEAQUCAQEBAQ:1e6ee308',
      '',
      'bounds   runs end after 13 s of simulated time · faults strike for 3 s · no faults · an operation',
      '         takes 20 µs · up to 300 ms pass while a process could run, in the first 8 s',
      '',
      '1 scenario failed, 1 as expected · seed 42',
    ]);
  });

  test('what could hide a violation: bounds, assumptions, what was omitted and not exercised', () => {
    const exercised = [{ invariant: 'no act', requires: 'an act', optional: true, runs: 0 }];
    const limited = {
      ...PASSED,
      ...{ exercised, assumed: ['one thing', 'another'], omitted: ['the start of "x"'] },
      struck: { kill: 3, stop: 0 },
      bounds: { ...PASSED.bounds!, operationUs: 0, faults: { kill: 1, stop: 2 } },
    };
    const text = (scenarios: CheckReport['scenarios']) =>
      lines(reportWith({ scenarios })).join(' ').replace(/\s+/g, ' ');
    const alone = text([limited]);
    for (const part of [
      'at most 1 kill, 2 stop in a run',
      'an operation takes no time',
      'assumed one thing; another',
      'omitted the start of "x"',
      'not met what "no act" requires, which is optional',
      'unstruck faults that struck in no run: stop',
    ])
      expect(alone).toContain(part);
    // The reason of the verdict says it.
    expect(text([{ ...limited, ok: false }])).not.toContain('omitted the start');
    const many = text([limited, PASSED]);
    expect(many).toContain('an operation takes no time to 20 µs');
    expect(many).toContain('not met what "no act" requires, which is optional in 1 scenario');
  });

  test('an expected violation is summarized, but shown if it is the only scenario', () => {
    expect(lines(reportWith({ scenarios: [expected, PASSED] })).join('\n')).not.toContain('violated here');
    expect(lines(reportWith({ scenarios: [expected, PASSED] })).join('\n')).toContain('replay os1:');
    expect(lines(reportWith({ scenarios: [expected] })).join('\n')).toContain('violated here');
  });

  test('reports what was not found, not run or inconclusive, and why', () => {
    const text = lines(
      reportWith({ scenarios: [notFound, inconclusive], left: ['a/b/c'], interrupted: true }),
    ).join('\n');
    expect(text).toContain('expects a violation, and none was found\n  in 1,000 runs');
    expect(text).toContain('? a/b/inconclusive: inconclusive\n  never reached: a takeover');
    expect(text).toContain('not run: a/b/c');
    expect(text).toContain('interrupted: results so far');
  });
});

test('an exception from inside is shown with its stack, which is to be reported', () => {
  const text = table(reportWith({ scenarios: [thrown] }), { colors: PLAIN });
  expect(text).toContain(
    '! a/b/thrown: its check ended with an error\n  the check threw RangeError: too far',
  );
  expect(text).toContain('Please report it with these lines:\n    at x \\x1b (/dist/x.js:1:1)');
  expect(junit(reportWith({ scenarios: [thrown] }))).toContain('at x \\x1b (/dist/x.js:1:1)</error>');
});

test('every reporter notes that shrinking was cut short', () => {
  const note = 'shrinking was cut short: the time was up';
  const cut = scenarioWith({ evidence: [{ ...NAIVE, notes: [note] }] });
  const report = reportWith({ scenarios: [cut] });
  expect(table(report, { colors: PLAIN })).toContain(`note: ${note}`);
  expect(junit(report)).toContain(`note: ${note}`);
  expect(githubSummary(report)).toContain(`Note: ${note}.`);
});

test('exit codes: interruption, violations, then inconclusive verdicts', () => {
  const code = (...scenarios: (typeof PASSED)[]) => exitCodeOf(reportWith({ scenarios }));
  expect(code(PASSED, expected)).toBe(0);
  expect(code(PASSED, scenarioWith())).toBe(1);
  expect(code(notFound)).toBe(1);
  expect(code(inconclusive, PASSED)).toBe(3);
  expect(code()).toBe(3);
  expect(code(nondeterministic, inconclusive)).toBe(4);
  expect(code(nondeterministic, scenarioWith())).toBe(1);
  expect(code(thrown, PASSED)).toBe(2);
  expect(code(thrown, inconclusive)).toBe(2);
  expect(code(thrown, nondeterministic)).toBe(4);
  expect(code(thrown, scenarioWith())).toBe(1);
  expect(exitCodeOf(reportWith({ scenarios: [thrown], interrupted: true }))).toBe(130);
  expect(exitCodeOf(reportWith({ interrupted: true }))).toBe(130);
});

test('JSON has the fields that CI relies on', () => {
  const { scenarios, ...rest } = JSON.parse(checkJson(reportWith()));
  expect(rest).toMatchObject({ version: '0.1.0', node: 'v20.20.2', seed: 42, ok: false });
  expect(scenarios[0]).toMatchObject({
    id: 'model/naive/cold-start',
    expects: 'pass',
    verdict: 'violated',
    runs: 33,
    steps: 1415,
    seconds: 0.5,
    firstViolationAtRun: 33,
    violations: [
      {
        invariant: 'at most one owner',
        token: 'os1:model/naive/cold-start:45565e1c:AAEEAQUCAQEBAQ:1e6ee308',
        message: '2 owners at once: daemon#3 and daemon#1',
        contenders: 2,
        faults: 0,
        switches: 2,
        steps: 18,
      },
    ],
    sometimes: { 'a contender lost': 31 },
  });
});

test('JUnit: violations are failures, inconclusive verdicts are errors, scenarios not run are skipped', () => {
  const xml = junit(reportWith({ scenarios: [scenarioWith(), PASSED, nondeterministic], left: ['x/y/z'] }));
  expect(xml).toContain('tests="4" failures="1" errors="1" time="1.500" skipped="1"');
  expect(xml).toContain('<testcase classname="model.naive" name="cold-start"');
  expect(xml).toContain(
    '<failure type="at most one owner" message="2 owners at once: daemon#3 and daemon#1">',
  );
  expect(xml).toContain('<error type="nondeterministic" message="it ran two ways">');
  expect(xml).toContain('<testcase classname="x.y" name="z" time="0.000"><skipped/></testcase>');
});

describe('GitHub', () => {
  test('annotations', () => {
    expect(
      githubAnnotations(
        reportWith({
          scenarios: [
            scenarioWith({ from: 'a,b:c.mjs' }),
            inconclusive,
            scenarioWith({ source: { file: 'x/y.ts', line: 7 }, from: '../y.ts' }),
          ],
        }),
      ),
    ).toBe(
      '::error title=model/naive/cold-start,file=a%2Cb%3Ac.mjs::at most one owner: 2 owners at once: daemon#3 and daemon#1%0Aagain: npx one-survivor replay os1:model/naive/cold-start:45565e1c:AAEEAQUCAQEBAQ:1e6ee308 --from a,b:c.mjs\n' +
        '::warning title=a/b/inconclusive::inconclusive: never reached: a takeover\n' +
        '::error title=model/naive/cold-start,file=x/y.ts,line=7::at most one owner: 2 owners at once: daemon#3 and daemon#1%0Aagain: npx one-survivor replay os1:model/naive/cold-start:45565e1c:AAEEAQUCAQEBAQ:1e6ee308 --from ../y.ts\n',
    );
    expect(githubAnnotations(reportWith({ scenarios: [PASSED] }))).toBe('');
  });

  test('commands between stop-commands are ignored', () => {
    expect(githubInert('::error::x', 'secret')).toBe('::stop-commands::secret\n::error::x\n::secret::\n');
  });

  test('the summary: the verdicts, and of a counterexample a diagram, the command, every step', () => {
    const summary = githubSummary(reportWith({ scenarios: [scenarioWith(), PASSED] }));
    expect(summary).toContain('| model/naive/cold-start | pass | ❌ violated | 33 | run 33 |');
    expect(summary).toContain('| model/lock/cold-start | pass | ✅ passed | 1,000 |  |');
    const again = scenarioWith({ runs: 0, firstViolationAtRun: null });
    expect(githubSummary(reportWith({ scenarios: [again] }))).toContain('❌ violated | 0 | recorded |');
    expect(summary).toContain(`\`\`\`mermaid\n${mermaid(NAIVE)}\n\`\`\`\n`);
    expect(summary).toContain(`\`\`\`sh\nnpx one-survivor replay ${NAIVE.token}\n\`\`\`\n`);
    expect(summary).toContain('<details><summary>every step</summary>\n\n```text\n');
    expect(summary.match(/^### /gm)).toHaveLength(1);
  });

  test('an expected violation is shown when it is the only scenario', () => {
    expect(githubSummary(reportWith({ scenarios: [expected, PASSED] }))).not.toContain('mermaid');
    expect(githubSummary(reportWith({ scenarios: [expected] }))).toContain('```mermaid\n');
    expect(githubSummary(reportWith({ scenarios: [PASSED] }))).not.toContain('###');
  });

  test('the replay command is kept if the rest does not fit', () => {
    const whole = githubSummary(reportWith());
    const short = githubSummary(reportWith(), whole.length - 1);
    expect(short).not.toContain('mermaid');
    expect(short).toContain(`npx one-survivor replay ${NAIVE.token}`);
  });

  test('the summary stays below its limit, whole sections only', () => {
    const many = reportWith({ scenarios: Array.from({ length: 2_000 }, () => scenarioWith()) });
    const cut = githubSummary(many);
    const size = new TextEncoder().encode(cut).length;
    expect(size).toBeLessThanOrEqual(1024 * 1024);
    expect(size).toBeGreaterThan(1_000_000);
    expect(cut).toMatch(/\n\d+ more are in the log/);
    expect(cut.match(/^```/gm)!.length % 2).toBe(0);
    expect(githubSummary(many, 100)).toBe('');
  });

  test('a code block that its content cannot end', () => {
    const { evidence } = scenarioWith();
    const summary = githubSummary(
      reportWith({ scenarios: [scenarioWith({ evidence: [{ ...evidence[0]!, message: '````' }] })] }),
    );
    expect(summary).toContain('`````text\n');
  });
});

describe('blobs', () => {
  const shard = (index: number, rest = {}) => reportWith({ shard: { index, of: 2 }, ...rest });

  test('are read back unchanged', () => {
    const report = reportWith({
      scenarios: [scenarioWith({ source: { file: 'a.ts', line: 3 } }), PASSED],
    });
    expect(readBlob(writeBlob(report), 'x')).toEqual(report);
    expect(readBlob(writeBlob(WHOLE as CheckReport), 'x')).toEqual(WHOLE);
  });

  test.each([
    ['', 'x.json is not a report: Unexpected end of JSON input'],
    ['null', 'x.json is not a report written by --reporter blob'],
    ['{"blob":9}', 'x.json is a report of format 9; this version reads 2'],
    [writeBlob(reportWith()).replace('"steps":18', '"steps":"18"'), 'scenarios[0].violations[0].steps'],
  ])('%s is rejected', (text, message) => {
    expect(() => readBlob(text, 'x.json')).toThrow(message);
  });

  test('of all shards make one report: the first violation wins, counts add up', () => {
    const later = scenarioWith({ firstViolationAtRun: 50, runs: 25, sometimes: { 'a contender lost': 1 } });
    const merged = mergeReports([
      shard(2, { scenarios: [scenarioWith(), inconclusive] }),
      shard(1, {
        scenarios: [
          later,
          { ...inconclusive, verdict: 'passed', ok: true, reason: null, sometimes: { 'a takeover': 2 } },
        ],
      }),
    ]);
    expect(merged.shard).toBeNull();
    expect(merged.scenarios[0]).toMatchObject({
      firstViolationAtRun: 33,
      runs: 58,
      verdict: 'violated',
      sometimes: { 'a contender lost': 32 },
    });
    expect(merged.scenarios[1]).toMatchObject({
      verdict: 'passed',
      ok: true,
      sometimes: { 'a takeover': 2 },
    });
  });

  test('a violation that one shard of all has found is found', () => {
    const merged = mergeReports([
      shard(1, { scenarios: [{ ...notFound, id: expected.id }] }),
      shard(2, { scenarios: [expected] }),
    ]);
    expect(merged.scenarios).toMatchObject([{ verdict: 'violated', ok: true }]);
  });

  test('with omitted parts are ok only if that is allowed', () => {
    const late = { start: 'late', processes: 0, otherwise: 'it is due at 9 ms, and runs end at 5 ms' };
    const omitting = (index: number, allowOmitted: boolean, rest: Partial<typeof PASSED> = {}) => {
      const known = { ...PASSED, started: [late], ...rest };
      const judged = judgeNothingFound(known, known.runs, { expects: 'pass', allowOmitted });
      return shard(index, { allowOmitted, scenarios: [{ ...known, ...judged }] });
    };
    for (const allowOmitted of [true, false]) {
      const [scenario] = mergeReports([omitting(1, allowOmitted), omitting(2, allowOmitted)]).scenarios;
      expect(scenario).toMatchObject({ verdict: 'inconclusive', ok: allowOmitted });
      expect(scenario?.reason).toContain('late started in none of 2000 runs');
      expect(scenario?.omitted).toHaveLength(1);
    }
    const unreached = { sometimes: { 'a takeover': 0 } };
    expect(mergeReports([omitting(1, true, unreached), omitting(2, true, unreached)]).scenarios[0]?.ok).toBe(
      false,
    );
    const begun = { started: [{ ...late, processes: 3 }] };
    expect(mergeReports([omitting(1, false), omitting(2, false, begun)]).scenarios[0]?.verdict).toBe(
      'passed',
    );
    expect(() => mergeReports([omitting(1, true), omitting(2, false)])).toThrow(
      'allowOmitted is true in one and false in another',
    );
  });

  test('are inconclusive if one was cut short, even before its first run', () => {
    const reason = 'the time was up before the first run';
    const cut = { ...PASSED, verdict: 'inconclusive', ok: false, runs: 0, reason } as const;
    const merged = (part: typeof PASSED) =>
      mergeReports([shard(1, { scenarios: [PASSED] }), shard(2, { scenarios: [part] })]).scenarios[0];
    expect(merged(cut)).toMatchObject({ verdict: 'inconclusive', ok: false, reason });
    // More shards than runs.
    expect(merged({ ...cut, reason: NOTHING_RAN })).toMatchObject({ verdict: 'passed', ok: true });
  });

  test('keep all notes, even if one shard threw before its first run', () => {
    const slept = { ...PASSED, unawaitedSleepMs: 9_000, notes: ['a note'], changed: ['a change'] };
    const [scenario] = mergeReports([
      shard(1, { scenarios: [{ ...thrown, id: slept.id, bounds: null, notes: ['another'] }] }),
      shard(2, {
        scenarios: [{ ...slept, exercised: [{ invariant: 'x', requires: 'y', optional: false, runs: 1 }] }],
      }),
    ]).scenarios;
    expect(scenario).toMatchObject({
      ...{ notes: ['another', 'a note'], changed: ['a change'], exercised: [{ invariant: 'x', runs: 1 }] },
      bounds: { ...PASSED.bounds, unawaitedSleepMs: 9_000 },
    });
  });

  test('an exception in one shard is part of the whole, unless another has found a violation', () => {
    const id = expected.id;
    const merged = (...parts: (typeof PASSED)[]) =>
      mergeReports(parts.map((part, i) => shard(i + 1, { scenarios: [{ ...part, id }] }))).scenarios;
    const { error, reason } = thrown;
    expect(merged(PASSED, thrown)).toMatchObject([{ verdict: 'inconclusive', ok: false, reason, error }]);
    expect(merged(thrown, inconclusive)).toMatchObject([{ verdict: 'inconclusive', reason, error }]);
    expect(merged(thrown, scenarioWith())).toMatchObject([{ verdict: 'violated', error }]);
    const [read] = readBlob(writeBlob(reportWith({ scenarios: [thrown] })), 'x').scenarios;
    expect(read).toEqual(thrown);
  });

  test('that do not belong together are rejected', () => {
    expect(() => mergeReports([])).toThrow('there is no report to merge');
    expect(() => mergeReports([shard(1)])).toThrow('got shard 2/2 0 times');
    expect(() => mergeReports([shard(1), shard(1)])).toThrow('got shard 1/2 2 times');
    expect(() => mergeReports([shard(1), shard(2, { seed: 7 })])).toThrow(
      'seed is 42 in one and 7 in another',
    );
    expect(() => mergeReports([shard(1), reportWith({ shard: { index: 2, of: 3 } })])).toThrow(
      '2 and 3 shards',
    );
  });
});
