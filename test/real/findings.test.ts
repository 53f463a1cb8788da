import { describe, expect, it } from 'vitest';
import { Findings, type ProcessTrace, type TraceRecord } from '../../src/real/index.ts';

const CHALLENGE_MS = 1_000;

type Line = readonly [atMs: number, op: string, args?: object, outcome?: Partial<TraceRecord>];

function trace(name: string, lines: readonly Line[], endedMs: number | null = null): ProcessTrace {
  const pid = Number(name.slice(name.indexOf('#') + 1));
  return {
    ...{ name, pid, startTicks: pid, endedMs },
    lines: lines.map(([atMs, op, args = {}, outcome]) => ({
      ...{ askedMs: atMs, atMs, pid, op, args: { ...args } },
      ...outcome,
    })),
  };
}
const mark = (atMs: number, name: string, data = {}): Line => [atMs, 'mark', { name, data }];

/** What the traces violate; `null` for what was looked at and holds. */
function found(...traces: ProcessTrace[]): Record<string, string | null> {
  const findings = new Findings();
  findings.lookAtTraces(traces, CHALLENGE_MS);
  const exercised = findings.verdicts.filter((verdict) => verdict.exercised);
  return Object.fromEntries(exercised.map(({ name, complaint }) => [name, complaint]));
}

describe('an owner listens before it owns', () => {
  const NAME = 'an owner listens before it owns';
  it('holds for one that does', () => {
    expect(found(trace('daemon#1', [[1, 'listen'], mark(2, 'own')]))).toMatchObject({ [NAME]: null });
  });
  it.each([
    ['not at all', [mark(2, 'own')]],
    ['later', [mark(2, 'own'), [3, 'listen']]],
    ['in vain', [[1, 'listen', {}, { error: 'EADDRINUSE' }], mark(2, 'own')]],
  ] as [string, Line[]][])('is violated by one that listens %s', (_, lines) => {
    expect(found(trace('daemon#1', lines))).toMatchObject({
      [NAME]: 'daemon#1 owned, and did not listen yet',
    });
  });
});

describe('no orphan beside an owner', () => {
  const NAME = 'no orphan beside an owner';
  const dead = trace('daemon#1', [[1, 'spawn', {}, { result: 77 }]], 10);
  const reaps = (ownMs: number): ProcessTrace => {
    const lines: Line[] = [[11, 'listen'], mark(20, 'reaped', { pid: 77 }), mark(ownMs, 'own')];
    return trace('daemon#2', lines.sort(byTime));
  };
  it('holds for an owner that reaped before', () => {
    expect(found(dead, reaps(21))).toMatchObject({ [NAME]: null });
  });
  it('is violated by one that reaped afterwards', () => {
    expect(found(dead, reaps(19))).toMatchObject({
      [NAME]: expect.stringMatching(/^daemon#2 owned while PID 77/),
    });
  });
  it('does not blame an owner for a child that was left behind later', () => {
    expect(found({ ...dead, endedMs: 20 }, reaps(19))).toMatchObject({ [NAME]: null });
  });
});

describe('an owner is evicted only after a challenge', () => {
  const NAME = 'an owner is evicted only after a challenge that it left unanswered';
  const evicts = mark(2_000, 'evict', { pid: 7 });
  it('holds if one stood for its time, of whatever process', () => {
    expect(found(trace('daemon#1', [evicts]), trace('daemon#2', [mark(900, 'challenge')]))).toMatchObject({
      [NAME]: null,
    });
  });
  it.each([
    ['without one', []],
    ['too early', [mark(1_500, 'challenge')]],
  ])('is violated by an eviction %s', (_, lines) => {
    expect(found(trace('daemon#1', [...lines, evicts]))).toMatchObject({
      [NAME]: 'daemon#1 evicts PID 7, without a challenge 1000 ms before',
    });
  });
  const sees = (atMs: number, pid: number, state: string): Line => [
    ...([atMs, 'processInfo', { pid }] as const),
    { result: { state } },
  ];
  it('holds if it was seen to be stopped, whose answer is not awaited', () => {
    const lines = [mark(1_990, 'challenge'), sees(1_995, 7, 'stopped'), evicts];
    expect(found(trace('daemon#1', lines))).toMatchObject({ [NAME]: null });
  });
  it.each([
    ['of a stopped one without a challenge', [sees(1_995, 7, 'stopped')], 0],
    [
      'of one that went on',
      [mark(1_990, 'challenge'), sees(1_991, 7, 'stopped'), sees(1_995, 7, 'sleeping')],
      1_000,
    ],
    ['while another is stopped', [mark(1_990, 'challenge'), sees(1_995, 8, 'stopped')], 1_000],
  ] as [string, Line[], number][])('is violated by an eviction %s', (_, lines, ms) => {
    expect(found(trace('daemon#1', [...lines, evicts]))).toMatchObject({
      [NAME]: `daemon#1 evicts PID 7, without a challenge ${ms} ms before`,
    });
  });
});

it('nothing is exercised by nothing, and each invariant says what it requires', () => {
  const { verdicts } = new Findings();
  expect(verdicts.every(({ exercised, requires }) => !exercised && requires !== null)).toBe(true);
});

it('only the first complaint about a subject counts, and one is enough', () => {
  const findings = new Findings();
  findings.look('one survivor', null);
  expect(findings.violated).toBe(false);
  for (const complaint of ['first', 'second', null]) findings.look('one survivor', complaint);
  expect(findings.violated).toBe(true);
  expect(findings.verdicts[0]).toMatchObject({ name: 'one survivor', complaint: 'first', exercised: true });
});

function byTime([a]: Line, [b]: Line): number {
  return a - b;
}
