import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PAGE_ENDS } from '../../src/report/page/data.ts';
import { json, project, run } from './run.ts';

async function tokenOf(cwd: string): Promise<string> {
  const { data } = await json(cwd, ['check', 'violates.mjs', '--seed', '1', '--no-record']);
  return data.scenarios[0].violations[0].token;
}

test('replay --html writes a self-contained page, and still prints the timeline', async () => {
  const cwd = project();
  const token = await tokenOf(cwd);
  const args = ['replay', token, '--from', 'violates.mjs', '--html', 'made/page.html'];
  const { code, out, err } = await run(cwd, args);
  expect(code).toBe(1);
  expect(out).toContain('✗ violated here: at most one owner');
  expect(err).toContain('page: made/page.html');
  const html = readFileSync(join(cwd, 'made/page.html'), 'utf8');
  const data = JSON.parse(/id="data">([^<]*)</.exec(html)![1]!);
  expect(data.traces[0]).toMatchObject({
    token,
    scenario: 'fixture/broken/violates',
    verdict: 'violated',
    command: `npx one-survivor replay ${token} --from violates.mjs`,
  });
  expect(data.traces[1]?.verdict).toBe('passed');
  expect(html).toContain('prefers-color-scheme: dark');
  expect(html).not.toMatch(/https?:/);
});

test('replay --format: one document on stdout or in a file', async () => {
  const cwd = project();
  const again = ['replay', await tokenOf(cwd), '--from', 'violates.mjs'];
  const perfetto = await run(cwd, [...again, '--format', 'perfetto']);
  expect(perfetto.code).toBe(1);
  expect(JSON.parse(perfetto.out).traceEvents.length).toBeGreaterThan(5);
  const mermaid = await run(cwd, [...again, '--format', 'mermaid', '--output-file', 'made/run.mmd']);
  expect(mermaid.out).toBe('');
  expect(readFileSync(join(cwd, 'made/run.mmd'), 'utf8')).toMatch(/^sequenceDiagram\n/);
  const events = await run(cwd, [...again, '--format', 'json']);
  expect(events.out).toBe((await run(cwd, [...again, '--json'])).out);
});

test('explore --html writes the tree of schedules', async () => {
  const cwd = project();
  const args = ['explore', 'model/naive/cold-start', '--html', 'tree.html', '--json'];
  const { code, out, err } = await run(cwd, args);
  expect(code).toBe(0);
  expect(err).toContain('page: tree.html');
  const { scenarios } = JSON.parse(out);
  const { tree } = JSON.parse(/id="data">([^<]*)</.exec(readFileSync(join(cwd, 'tree.html'), 'utf8'))![1]!);
  const ends = tree.nodes.map(([, end]: [number, number]) => PAGE_ENDS[end]).filter(Boolean);
  expect(ends.length).toBeGreaterThan(10);
  expect(ends.at(-1)).toBe('violated');
  expect(tree.commands).toEqual([`npx one-survivor replay ${scenarios[0].violations[0].token}`]);
});

test('replay reports unsupported options', async () => {
  const cwd = project();
  const again = ['replay', await tokenOf(cwd), '--from', 'violates.mjs'];
  for (const [args, why] of [
    [['--format', 'svg'], '--format got "svg"; accepted: json, perfetto, mermaid'],
    [['--json', '--format', 'mermaid'], 'two documents'],
    [['--output-file', 'x'], '--output-file takes a document'],
    [['--html', '/dev/null/page.html'], 'cannot be written'],
  ] as const) {
    const { code, err } = await run(cwd, [...again, ...args]);
    expect(code).toBe(2);
    expect(err).toContain(why);
  }
});
