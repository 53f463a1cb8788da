import { expect, test } from 'vitest';
import { explore, ScheduleTree } from '../../src/explore/index.ts';
import { pageNodes } from '../../src/report/page/index.ts';
import { bounded } from '../../src/scenario/index.ts';
import { SCENARIOS } from '../../src/systems/index.ts';
import { Outline } from '../../viewer/outline.ts';

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
  return { tree, report };
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
  const nodes = pageNodes(tree.nodes);
  expect(nodes.length).toBeLessThan(tree.nodes.length);
  expect(ends(nodes)).toBe(ends(tree.nodes));
  const labels = (all: readonly (string | null)[]) => all.filter((label) => label !== null).sort();
  expect(labels(nodes.flatMap((node) => node.labels))).toEqual(labels(tree.nodes.map(({ label }) => label)));
  for (const [at, { parent }] of nodes.entries()) expect(parent).toBeLessThan(at);
  const outline = new Outline({ scenario: '', facts: [], complete: false, commands: [], left: 0, nodes });
  expect(report).toMatchObject({ executions: 500, complete: false });
  expect(outline.runs[0]! + tree.abandoned).toBe(500);
  expect(outline.seen.length).toBeLessThan(100);
  const last = nodes.length - 1;
  outline.reveal(last);
  expect(outline.seen).toContain(last);
});
