import type { CheckedScenario, CheckReport, Evidence } from '../../src/report/index.ts';
import type { TraceEvent } from '../../src/run/index.ts';

type Row = [
  step: number,
  atMs: number,
  process: string,
  op: string,
  args: TraceEvent['args'],
  result: unknown,
];

export function events(...rows: Row[]): TraceEvent[] {
  return rows.map(([step, atMs, process, op, args, result]) => ({ step, atMs, process, op, args, result }));
}

export function start(process: string, pid: number, step = 0, atMs = 0): Row {
  return [step, atMs, process, 'start', { pid, ppid: 1, command: ['daemon'] }, null];
}

const lock = '/state/lock';
const self = (pid: number) => ({
  pid,
  ppid: 1,
  uid: 0,
  startTicks: 100000,
  bootId: 'b',
  pidNamespace: 'p',
  hostname: 'm',
});

/** The naive lock, broken in two switches. */
export const NAIVE: Evidence = evidenceWith({
  events: events(
    start('daemon#1', 1001),
    start('daemon#3', 1003),
    [2, 0.04, 'daemon#1', 'mkdir', { path: '/state', mode: 0o777 }, null],
    [3, 0.06, 'daemon#1', 'self', {}, self(1001)],
    [4, 0.08, 'daemon#1', 'open', { path: lock, flags: 'wx', mode: 0o666 }, 3],
    [6, 0.12, 'daemon#3', 'mkdir', { path: '/state', mode: 0o777 }, { error: 'EEXIST' }],
    [
      7,
      0.14,
      'daemon#3',
      'stat',
      { path: '/state' },
      { kind: 'directory', size: 4096, nlink: 2, mtimeMs: 0 },
    ],
    [8, 0.16, 'daemon#3', 'self', {}, self(1003)],
    [9, 0.18, 'daemon#3', 'open', { path: lock, flags: 'wx', mode: 0o666 }, { error: 'EEXIST' }],
    [10, 0.2, 'daemon#3', 'open', { path: lock, flags: 'r', mode: 0o666 }, 3],
    [11, 0.22, 'daemon#3', 'read', { fd: 3, length: 65536, position: null }, ''],
    [12, 0.24, 'daemon#3', 'close', { fd: 3 }, null],
    [13, 0.26, 'daemon#3', 'unlink', { path: lock }, null],
    [14, 0.28, 'daemon#3', 'open', { path: lock, flags: 'wx', mode: 0o666 }, 3],
    [15, 0.3, 'daemon#3', 'write', { fd: 3, data: '1003', position: null }, 4],
    [16, 0.32, 'daemon#3', 'close', { fd: 3 }, null],
    [16, 0.32, 'daemon#3', 'mark', { name: 'own', data: {} }, null],
    [17, 0.34, 'daemon#1', 'write', { fd: 3, data: '1001', position: null }, 4],
    [18, 0.36, 'daemon#1', 'close', { fd: 3 }, null],
    [18, 0.36, 'daemon#1', 'mark', { name: 'own', data: {} }, null],
  ),
});

export function evidenceWith(rest: Partial<Evidence>): Evidence {
  return {
    token: 'os1:model/naive/cold-start:45565e1c:AAEEAQUCAQEBAQ:1e6ee308',
    scenario: 'model/naive/cold-start',
    verdict: 'violated',
    invariant: 'at most one owner',
    message: '2 owners at once: daemon#3 and daemon#1',
    kind: 'always',
    traceHash: '8a91fca5945f7afd',
    critical: null,
    events: [],
    notes: [],
    ...rest,
  };
}

export function scenarioWith(rest: Partial<CheckedScenario> = {}): CheckedScenario {
  const { invariant, message, token } = NAIVE;
  return {
    id: 'model/naive/cold-start',
    from: null,
    expects: 'pass',
    verdict: 'violated',
    ok: false,
    runs: 33,
    steps: 1415,
    seconds: 0.5,
    firstViolationAtRun: 33,
    violations: [
      {
        ...{ invariant: invariant!, message: message!, token },
        ...{ faults: 0, contenders: 2, switches: 2, steps: 18, critical: null },
        starts: { of: 2, idle: [], leftOut: [] },
      },
    ],
    sometimes: { 'a contender lost': 31 },
    ...{ exercised: [], started: [], struck: {}, spawned: {}, unawaitedSleepMs: 0, omitted: [], assumed: [] },
    bounds: {
      ...{ faultsForMs: 3_000, busyUntilMs: 8_000, endsAtMs: 13_000, maxSteps: 50_000 },
      ...{ operationUs: 20, busyMs: 300, faults: {} },
    },
    reason: null,
    evidence: [NAIVE],
    ...rest,
  };
}

export const PASSED: CheckedScenario = scenarioWith({
  id: 'model/lock/cold-start',
  verdict: 'passed',
  ok: true,
  runs: 1000,
  firstViolationAtRun: null,
  violations: [],
  evidence: [],
});

/** Every optional field is required, so that a new one does not compile until it is set here. */
type Whole<T> = T extends (infer E)[] | readonly (infer E)[]
  ? Whole<E>[]
  : T extends Record<string, unknown> | object
    ? { [K in keyof T]-?: Whole<Exclude<T[K], undefined>> }
    : T;

const CRITICAL = {
  first: { step: 3, kind: 'step' as const },
  second: { step: 4, kind: 'fault' as const },
  passing: 'os1:x',
};

/** A report in which every optional field is set. */
export const WHOLE: Whole<CheckReport> = {
  ...{ version: '0.1.0', node: 'v20.20.2', seed: 42, strategy: 'portfolio' },
  ...{ runs: 1_000, budgetMs: 5_000, allowOmitted: true, shard: { index: 1, of: 2 } },
  ...{ interrupted: true, left: ['a/b/left'], recorded: { outdated: 2, strict: true } },
  scenarios: [
    {
      ...{ id: 'a/b/c', from: 'races/lock.mjs', source: { file: 'races/lock.mjs', line: 3 } },
      ...{ mutant: 'a/guard', expects: 'pass', verdict: 'violated', ok: false, reason: 'a reason' },
      ...{ runs: 33, steps: 1_415, seconds: 0.5, firstViolationAtRun: 33, foundBy: 'random' },
      ...{ strategies: { random: 33 }, abstractStates: 7 },
      violations: [
        {
          ...{
            invariant: 'at most one owner',
            message: '2 owners',
            at: 'races/lock.mjs:3:4',
            token: 'os1:y',
          },
          ...{ faults: 1, contenders: 2, switches: 3, steps: 18, critical: CRITICAL },
          ...{ starts: { of: 2, idle: ['a#1'], leftOut: ['a#2'] }, cutShort: 'the time was up' },
        },
      ],
      sometimes: { 'a contender lost': 31 },
      exercised: [{ invariant: 'no act', requires: 'an act', optional: true, runs: 1 }],
      started: [{ start: 'a', processes: 5, otherwise: 'runs ended before it was due' }],
      ...{
        struck: { kill: 2 },
        spawned: { daemon: 3 },
        unawaitedSleepMs: 60_000,
        marked: { own: 0, onw: 3 },
        missingFolders: { '/tmp': 2 },
        asked: { daemon: 2 },
        survivors: { least: 1, most: 2 },
        omitted: ['the rest'],
        assumed: ['the best'],
      },
      bounds: {
        ...{
          faultsForMs: 3_000,
          endsAtMs: 13_000,
          maxSteps: 50_000,
          operationUs: 20,
          busyMs: 300,
          busyUntilMs: 8_000,
        },
        ...{ faults: { kill: 1 }, unawaitedSleepMs: 60_000 },
      },
      error: { name: 'RangeError', message: 'too far', file: '/x.js', line: 1, stack: ['at x (/x.js:1:1)'] },
      ...{ unstable: 'os1:z', skipped: ['one token'], changed: ['another'], notes: ['not awaited'] },
      evidence: [
        {
          ...{ token: 'os1:y', scenario: 'a/b/c', verdict: 'violated', invariant: 'at most one owner' },
          ...{ message: '2 owners', at: 'races/lock.mjs:3:4', kind: 'always', traceHash: '8a91fca5945f7afd' },
          ...{ critical: CRITICAL, notes: ['with 1 of 2 starts'] },
          events: events([1, 0.02, 'a#1', 'mark', { name: 'own', data: {} }, null]) as never,
        },
      ],
    },
  ],
};

export function reportWith(rest: Partial<CheckReport> = {}): CheckReport {
  return {
    version: '0.1.0',
    node: 'v20.20.2',
    seed: 42,
    strategy: 'portfolio',
    runs: 1000,
    budgetMs: null,
    allowOmitted: false,
    shard: null,
    interrupted: false,
    scenarios: [scenarioWith(), PASSED],
    left: [],
    ...rest,
  };
}
