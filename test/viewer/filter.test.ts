import { expect, test } from 'vitest';
import type { PageRow, PageTrace } from '../../src/report/page/data.ts';
import { Finder, HIDDEN, NO_FILTER, ONLY, passesOf } from '../../viewer/filter.ts';

/** Reads, closes and marks of two processes; ① and ② are a read and a close, the violation is a mark. */
const rows = [
  ...[row('read', 'plain'), row('read', 'plain'), row('read', 'failed'), row('close', 'plain')],
  ...[row('close', 'plain', 1), row('write', 'plain', 1), row('mark', 'mark', 1)],
];
const trace = {
  ...{ rows, pair: [1, 4], broken: 6 },
  actors: [{ name: 'a#1' }, { name: 'b#1' }],
} as unknown as PageTrace;

function row(op: string, tone: PageRow['tone'], actor = 0): Partial<PageRow> {
  return { op, tone, actor, text: `${op} /lock`, args: '{}', result: '' };
}

const shown = (filter: Partial<typeof NO_FILTER>): number[] =>
  [...rows.keys()].filter(passesOf(trace, { ...NO_FILTER, ...filter }));

test('a filter by kind hides neither the two events that decide nor the violation', () => {
  expect(shown({ hide: new Set(['reads']) })).toEqual([1, 2, 3, 4, 5, 6]);
  expect(shown({ hide: new Set(['closes']) })).toEqual([0, 1, 2, 4, 5, 6]);
  expect(shown({ only: new Set(['errors']) })).toEqual([1, 2, 4, 6]);
  expect(shown({ only: new Set(['faults']) })).toEqual([1, 4, 6]);
  expect(shown({ only: new Set(ONLY), hide: new Set(HIDDEN) })).toEqual([1, 2, 4, 6]);
});

test('a filter by process or path hides them, because it asks for others', () => {
  expect(shown({ without: new Set(['a#1']) })).toEqual([4, 5, 6]);
  expect(shown({ path: '/other' })).toEqual([]);
});

test('a search finds the same whether a text is typed at once, letter by letter, or shortened', () => {
  const finder = new Finder(trace);
  const typed = (text: string) => finder.find(text);
  expect(typed('b#1')).toEqual([4, 5, 6]);
  expect(typed('')).toEqual([]);
  for (const text of ['R', 'RE', 'REA', 'READ ']) typed(text);
  expect(typed('READ /')).toEqual([0, 1, 2]);
  expect(typed('r')).toEqual([0, 1, 2, 5, 6]);
  expect(typed('close')).toEqual([3, 4]);
  // Not what the end of one part and the beginning of the next would be together.
  expect(typed('b#1close')).toEqual([]);
  expect(new Finder(trace).find('close')).toEqual([3, 4]);
});
