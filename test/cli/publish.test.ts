/** What a check prints besides its documents. */
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { parseReporter } from '../../src/cli/parse.ts';
import { Publisher } from '../../src/cli/publish.ts';
import { type CheckedScenario, PLAIN, table } from '../../src/report/index.ts';
import { PASSED, reportWith, scenarioWith } from '../report/evidence.ts';
import { inFolder } from './folder.ts';

const unsure = {
  ...PASSED,
  id: 'a/b/unsure',
  verdict: 'inconclusive' as const,
  ok: false,
  reason: 'nothing ran',
};
const failed = scenarioWith({});

/** What the streams get when a report is published. */
function published(scenarios: CheckedScenario[], reporter: string): string {
  vi.stubEnv('GITHUB_ACTIONS', undefined);
  let text = '';
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((part) => {
      text += String(part);
      return true;
    }),
  );
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const reporters = parseReporter('default').slice(1);
  try {
    const options = {
      reporters: parseReporter(reporter, reporters),
      json: false,
      outputFile: undefined,
      shard: null,
    };
    new Publisher({ ...options, quiet: true }).publish(reportWith({ scenarios }));
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return text;
}

describe('with --quiet and only a file as report', () => {
  test.each([
    ['one line when scenarios fail', [failed, PASSED], '1 of 2 scenarios failed: '],
    [
      'one line when some are inconclusive too',
      [failed, unsure],
      '1 of 2 scenarios failed, 1 inconclusive: ',
    ],
    ['one line when one is inconclusive', [unsure], '1 of 1 scenario inconclusive: '],
    ['one line when there was nothing to check', [], 'nothing was checked: '],
  ])('%s', (_, scenarios, said) => {
    const path = join(inFolder(), 'out.xml');
    expect(published(scenarios, `junit=${path}`)).toBe(`${said}${path}\n`);
  });

  test('nothing when all are as expected', () => {
    expect(published([PASSED], `junit=${join(inFolder(), 'out.xml')}`)).toBe('');
  });
});

test.each([
  [[unsure], '1 scenario inconclusive · seed 42'],
  [[unsure, PASSED], '1 scenario inconclusive, 1 as expected · seed 42'],
  [[failed, unsure, PASSED], '1 scenario failed, 1 inconclusive, 1 as expected · seed 42'],
  [[PASSED], '1 scenario as expected · seed 42'],
])('the last line of the table, case %#', (scenarios, line) => {
  expect(table(reportWith({ scenarios }), { colors: PLAIN }).split('\n').at(-1)).toBe(line);
});
