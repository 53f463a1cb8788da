import { expect, test } from 'vitest';
import { recordRun } from '../../src/check/attempt.ts';
import { explore, ScheduleTree } from '../../src/explore/index.ts';
import { wordsOf } from '../../src/explore/machine-words.ts';
import { pageNodes } from '../../src/report/page/index.ts';
import { ReplayedChoices, type Run } from '../../src/run/index.ts';
import { bounded } from '../../src/scenario/index.ts';
import { decodeToken } from '../../src/schedule/index.ts';
import { CHOICE_KINDS } from '../../src/sim/index.ts';
import { SCENARIOS } from '../../src/systems/index.ts';
import { Outline } from '../../viewer/outline.ts';
import { commandOf, machineAt, tokenOf } from '../../viewer/tree-run.ts';

async function treeOf(id: string, budget = {}) {
  const scenario = bounded(SCENARIOS.find((each) => each.id === id)!, {
    contenders: 2,
    crashes: 1,
    stops: 0,
    losses: 0,
    busyMs: 0,
  });
  const tree = new ScheduleTree();
  const report = await explore(scenario, { ...budget, tree });
  return { tree, report, scenario };
}

const ends = (nodes: readonly { end: string | null }[]) => nodes.filter(({ end }) => end !== null).length;

test('each run ends at one leaf, and the last of them is the violation', async () => {
  const { tree, report } = await treeOf('model/naive/cold-start');
  expect(report.violations).toHaveLength(1);
  expect(ends(tree.nodes) + tree.abandoned).toBe(report.executions);
  expect(tree.nodes.findLast(({ end }) => end !== null)!.end).toBe('violated');
  expect(tree.nodes.filter(({ end }) => end === 'violated')).toHaveLength(1);
  for (const [at, { parent }] of tree.nodes.entries()) expect(parent).toBeLessThan(at);
  const inner = new Set(tree.nodes.map(({ parent }) => parent));
  for (const [at, { end }] of tree.nodes.entries()) expect(end === null).toBe(inner.has(at));
});

test('says who goes on, and what strikes whom', async () => {
  const { tree } = await treeOf('model/naive/cold-start');
  const labels = tree.nodes.map(({ label }) => label);
  expect(labels).toContain('worker#1 unlink /state/lock');
  expect(labels).toContain('↯ kill worker#1');
  expect(labels).toContain('↯ kill worker#2');
});

test('what goes without a choice between is one node; no run and no decision is lost', async () => {
  const { tree, report } = await treeOf('model/lock/cold-start', { maxExecutions: 500 });
  const { nodes, ...page } = pageNodes(tree, CHOICE_KINDS);
  const outline = new Outline({ ...page, nodes });
  expect(nodes.length).toBeLessThan(tree.nodes.length);
  expect(ends(outline.nodes)).toBe(ends(tree.nodes));
  const labels = (all: readonly (string | null)[]) => all.filter((label) => label !== null).sort();
  expect(labels(outline.nodes.flatMap((node) => node.labels))).toEqual(
    labels(tree.nodes.map(({ label }) => label)),
  );
  for (const [at, [parent]] of nodes.entries()) expect(parent).toBeLessThan(at);
  expect(report).toMatchObject({ executions: 500, complete: false });
  expect(outline.runs[0]! + tree.abandoned).toBe(500);
  expect(outline.seen.length).toBeLessThan(100);
  const last = nodes.length - 1;
  outline.reveal(last);
  expect(outline.seen).toContain(last);
  // What repeats is there once: some 60 bytes for a step, with its state and its choices.
  expect(JSON.stringify({ ...page, nodes }).length / tree.nodes.length).toBeLessThan(60);
});

test.each([
  ['model/naive/cold-start', {}],
  ['model/naive/lost-metadata', {}],
  ['model/lock/cold-start', { maxExecutions: 60 }],
])('each leaf of %s has the token of its run, and the machine as it is there', async (id, budget) => {
  const { tree, scenario } = await treeOf(id, budget);
  const replay = { ...tree.scenario!, command: ['replay ', ' --from x.mjs'] as const };
  const page = {
    ...{ scenario: id, facts: [], complete: true, commands: [] },
    ...{ ...pageNodes(tree, CHOICE_KINDS), replay },
  };
  const outline = new Outline(page);
  for (const [at, { end, labels }] of outline.nodes.entries()) {
    if (end === null) continue;
    const way = outline.wayTo(at);
    const token = tokenOf(page, way)!;
    expect(commandOf(page, way)).toBe(`replay ${token} --from x.mjs`);
    const { schedule, hash } = decodeToken(token);
    expect(hash).toBe(scenario.hash);
    const here = machineAt(page, way).filter(({ words }) => words !== null);
    const wanted = JSON.stringify(here.map(({ what, words }) => [what, words]));
    const passed = new Set<string>();
    const look = (run: Run) => passed.add(JSON.stringify([...wordsOf(run)].sort(byName)));
    const { run } = await recordRun(scenario, new ReplayedChoices(schedule), look);
    look(run);
    if (end !== 'joins') expect(run.failure === null ? 'passed' : 'violated').toBe(end);
    // A fault is no step: what it leaves is only seen after the operation that follows it.
    if (!labels.at(-1)!.startsWith('↯')) expect(passed).toContain(wanted);
  }
});

const byName = ([a]: readonly [string, string], [b]: readonly [string, string]): number => (a < b ? -1 : 1);
