import { expect, test } from 'vitest';
import { pageHtml, pageReport } from '../../src/report/page/index.ts';
import { NAIVE, PASSED, reportWith, scenarioWith } from '../report/evidence.ts';
import { HOSTILE, recordedPage } from './pages.ts';

const ASSETS = { script: '', style: '' };

test('a report has its scenarios, with what is not as expected and why', () => {
  const { page } = pageReport(
    reportWith({ scenarios: [scenarioWith(), PASSED], left: ['a/b/c'] }),
    new Map(),
  );
  expect(page.scenarios.map(({ id, verdict, ok }) => [id, verdict, ok])).toEqual(
    [scenarioWith(), PASSED].map(({ id, verdict, ok }) => [id, verdict, ok]),
  );
  expect(page.left).toEqual(['a/b/c']);
  expect(page.facts.join()).toContain('seed ');
});

test('a violation has its command and its run: the recorded one, or else its events', async () => {
  const { traces } = await recordedPage('model/naive/cold-start');
  const scenario = scenarioWith();
  const [violation] = scenario.violations;
  const recorded = pageReport(reportWith({ scenarios: [scenario] }), new Map([[violation!.token, traces]]));
  expect(recorded.runs).toEqual([traces]);
  expect(recorded.page.scenarios[0]!.violations[0]).toMatchObject({
    run: 0,
    invariant: violation!.invariant,
    command: expect.stringContaining(violation!.token),
  });
  const merged = pageReport(reportWith({ scenarios: [scenario] }), new Map());
  const [run] = merged.runs[0]!;
  expect(run!.rows.length).toBeGreaterThan(0);
  expect(run!.frames).toEqual([]);
  expect(run!.notes.join()).toContain('this report has only the events of the run');
  expect(NAIVE.events.length).toBeGreaterThanOrEqual(run!.rows.length);
});

test('runs are in elements of their own, from which nothing can break out', async () => {
  const { traces } = await recordedPage('model/naive/cold-start');
  const hostile = traces.map((trace) => ({ ...trace, message: HOSTILE.join('') }));
  const html = pageHtml({ version: '1', traces: [] }, ASSETS, [hostile, hostile]);
  expect(html.match(/<script/g)).toHaveLength(4);
  const [, json] = /<script type="application\/json" id="run-1">([^<]*)<\/script>/.exec(html)!;
  expect(JSON.parse(json!)).toEqual(JSON.parse(JSON.stringify(hostile)));
});

test('beyond so many characters further runs are left out of the page, and their commands stay', async () => {
  const { traces } = await recordedPage('model/naive/cold-start');
  const scenario = scenarioWith();
  const [violation] = scenario.violations;
  const two = scenarioWith({ violations: [violation!, { ...violation!, token: 'os1:a/b/c:0:1:2' }] });
  const { page, runs } = pageReport(
    reportWith({ scenarios: [{ ...two, evidence: [...two.evidence, ...two.evidence] }] }),
    new Map([
      [violation!.token, traces],
      ['os1:a/b/c:0:1:2', traces],
    ]),
    1.5 * JSON.stringify(traces).length,
  );
  expect(runs).toEqual([traces]);
  const [first, second] = page.scenarios[0]!.violations;
  expect([first!.run, second!.run]).toEqual([0, null]);
  expect(second!.command).toContain('os1:a/b/c:0:1:2');
});
