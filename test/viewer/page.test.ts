import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { type PageData, type PageTrace, pageHtml, pageJson } from '../../src/report/page/index.ts';
import { laneOf } from '../../viewer/lane.ts';
import { Machines } from '../../viewer/machine.ts';
import fc from '../fc.ts';
import { chattyScenario, HOSTILE, hostileScenario, pageOf, recordedPage } from './pages.ts';

/** All that must not be in a page as it is. */
const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
const ASSETS = { script: 'globalThis.ours = 1;', style: 'body { color: red }' };

const naive = await recordedPage('model/naive/cold-start');
const [failing, passing] = naive.traces as [PageTrace, PageTrace];

test('two traces: the failing run, and the run in which the critical events are swapped', () => {
  expect(naive.traces).toHaveLength(2);
  expect(failing).toMatchObject({ verdict: 'violated', invariant: 'at most one owner', kind: 'always' });
  expect(passing).toMatchObject({ verdict: 'passed', invariant: null, broken: null });
  const texts = (trace: PageTrace) => trace.pair.map((at) => trace.rows[at]!.text);
  expect(texts(failing)[0]).toMatch(/^read \/state\/lock → ""/);
  expect(texts(failing)[1]).toMatch(/^write \/state\/lock ← /);
  expect(failing.pair[0]).toBeLessThan(failing.pair[1]!);
  expect(texts(passing)[1]).toMatch(/^write \/state\/lock ← /);
  expect(passing.pair[1]).toBeLessThan(passing.pair[0]!);
  expect(failing.broken).toBe(failing.rows.length - 1);
});

test('each row that a call has made has what stops a debugger in it, and where the program asked', () => {
  expect(failing.breakCommand).toMatch(
    /^node --inspect-brk node_modules\/one-survivor\/dist\/cli\/main\.js replay os1:model\/naive\/cold-start:\S+ --break-at$/,
  );
  const { rows } = failing;
  const calls = rows.filter(({ breakAt }) => breakAt !== undefined);
  expect(
    rows.filter(({ breakAt }) => breakAt === undefined).every(({ op }) => /^(start|end)$/.test(op)),
  ).toBe(true);
  expect(new Set(calls.map(({ breakAt }) => breakAt)).size).toBe(calls.length);
  for (const { step, op, breakAt } of calls) expect(breakAt).toBe(op === 'mark' ? `${step}:mark` : `${step}`);
  expect(passing.rows.filter(({ breakAt, at }) => breakAt !== undefined && at === undefined)).toEqual([]);
});

test('finds the file of the claim, and shows its content at each row', () => {
  expect(failing.claims[0]).toBe('/state/lock');
  const contents = laneOf(failing, '/state/lock').map(({ path, text }) => (path === null ? 'none' : text));
  expect(contents.slice(0, 5)).toEqual(['none', '', 'none', '', expect.stringMatching(/^\d+$/)]);
  for (const { row, text } of laneOf(failing, '/state/lock')) {
    const files = new Machines(failing).at(failing.rows[row]!.frame).files;
    expect(files.get('/state/lock') ?? null).toBe(text);
  }
});

test('the claim is the file that an owner uses before its mark, not a file that is written repeatedly', async () => {
  const { traces } = await pageOf(chattyScenario);
  expect(traces[0]!.claims).toEqual(['/state/own', '/state/beat', '/state/stale']);
});

test('the machine at a row does not depend on the row before', () => {
  const forward = new Machines(failing);
  const back = new Machines(failing);
  const seen = failing.rows.map(({ frame }) => forward.at(frame));
  for (const [at, { frame }] of [...failing.rows.entries()].reverse())
    expect(back.at(frame)).toEqual(seen[at]);
  expect(seen.at(-1)!.processes.filter(({ owns }) => owns)).toHaveLength(2);
});

test('times at which a process is stopped or ended are marked', async () => {
  const { traces } = await recordedPage('model/naive/stopped-owner');
  const statuses = traces[0]!.actors.flatMap((actor) => actor.statuses.map(([, status]) => status));
  expect(statuses).toContain('stopped');
  expect(statuses).toContain('unborn');
  const fault = traces[0]!.rows.find(({ shape }) => shape === 'fault')!;
  expect(traces[0]!.actors[fault.to!]!.name).toMatch(/^daemon#/);
});

test('arrows of probes and spawns point at their targets', async () => {
  const { traces } = await recordedPage('claude-mem/before/storm');
  const { rows, actors } = traces[0]!;
  const arrows = rows.filter(({ to }) => to !== null).map(({ op, to }) => `${op} ${actors[to!]!.name}`);
  expect(arrows).toContain('request worker#1');
  expect(arrows).toContain('spawn worker#1');
});

test('no trace can end the element that contains it', async () => {
  const html = pageHtml(await pageOf(hostileScenario), ASSETS);
  expect(html.match(/<\/script/gi)).toHaveLength(2);
  expect(html.match(/<script/gi)).toHaveLength(2);
  expect(html).not.toMatch(/<(?:img|svg|!--)/i);
  expect(UNSAFE.test(html)).toBe(false);
});

test('any data survives embedding in the page', () => {
  const text = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary' }));
  fc.assert(
    fc.property(fc.array(text, { minLength: 3, maxLength: 3 }), ([a, b, c]) => {
      const row = { ...failing.rows[0]!, text: a!, args: b! };
      const traces = [{ ...failing, scenario: a!, message: b!, command: c!, rows: [row], frames: [] }];
      const data: PageData = { version: c!, traces };
      const html = pageHtml(data, ASSETS);
      expect(UNSAFE.test(html)).toBe(false);
      const [, json] = /<script type="application\/json" id="data">([^<]*)<\/script>/.exec(html)!;
      expect(JSON.parse(json!)).toEqual(JSON.parse(JSON.stringify(data)));
      expect(json).toBe(pageJson(data));
      expect(html.match(/<[a-z]+/g)).toEqual(pageHtml(naive, ASSETS).match(/<[a-z]+/g));
    }),
  );
});

test('a browser only runs our script, and makes no requests', () => {
  const html = pageHtml(naive, ASSETS);
  const hash = createHash('sha256').update(ASSETS.script).digest('base64');
  expect(html).toContain(`default-src 'none'; script-src 'sha256-${hash}'`);
  expect(html).not.toMatch(/https?:|unsafe-|\bsrc=/);
});
