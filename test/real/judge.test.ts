import { describe, expect, it } from 'vitest';
import { CLOCK_ERROR_MS, judge, type ProcessTrace, type TraceRecord } from '../../src/real/index.ts';

type Line = readonly [atMs: number, ...rest: [mark: string, token?: number]] | TraceRecord;

/** A process with marks at these times, or other lines. */
function witness(pid: number, lines: readonly Line[], endedMs: number | null = null): ProcessTrace {
  const name = `daemon#${pid}`;
  return { name, pid, startTicks: pid * 10, endedMs, lines: lines.map((line) => lineOf(pid, line)) };
}

function lineOf(pid: number, line: Line): TraceRecord {
  if (!Array.isArray(line)) return { ...(line as TraceRecord), pid };
  const [atMs, name, token] = line as [number, string, number?];
  return { askedMs: atMs, atMs, pid, op: 'mark', args: { name, data: token === undefined ? {} : { token } } };
}

function op(atMs: number, name: string, args: object, outcome: Partial<TraceRecord> = {}): TraceRecord {
  return { askedMs: atMs, atMs, pid: 0, op: name, args: { ...args }, ...outcome };
}

function complaints(...witnesses: ProcessTrace[]): string[] {
  return judge(witnesses).verdicts.flatMap(({ name, complaint }) =>
    complaint === null ? [] : [`${name}: ${complaint}`],
  );
}

const TWO = ['at most one owner: 2 owners at once: daemon#1 and daemon#2'];

describe('at most one owner', () => {
  it('holds for one after the other', () => {
    const judgement = judge([
      witness(
        1,
        [
          [10, 'own'],
          [20, 'act'],
          [30, 'release'],
        ],
        50,
      ),
      witness(2, [
        [5, 'lost'],
        [31, 'own'],
        [32, 'act'],
      ]),
    ]);
    expect(judgement).toMatchObject({ holds: true, lines: 6 });
    expect(judgement.owners.map(({ name }) => name)).toEqual(['daemon#2']);
    expect(judgement.marks.get('act')).toBe(2);
    expect(judgement.verdicts.map(({ name }) => name)).toEqual([
      'at most one owner',
      'no act of a former owner',
      'fencing tokens only rise',
      'no fencing token is granted twice',
      'nothing foreign is signalled',
      'nothing unproven is signalled',
    ]);
  });

  it('is violated by two at once, also if they never act', () => {
    const { holds, verdicts } = judge([witness(1, [[10, 'own']]), witness(2, [[11, 'own']])]);
    expect(holds).toBe(false);
    expect(verdicts[0]).toEqual({
      name: 'at most one owner',
      complaint: '2 owners at once: daemon#1 and daemon#2',
      exercised: true,
      requires: 'a process marked "own"',
      atMs: 11,
    });
  });

  it('counts a claim as superseded by a higher token, and equal tokens as two', () => {
    expect(complaints(witness(1, [[10, 'own', 1]]), witness(2, [[11, 'own', 2]]))).toEqual([]);
    expect(complaints(witness(1, [[10, 'own', 2]]), witness(2, [[11, 'own', 2]]))).toEqual([
      'at most one owner: 2 owners at once: daemon#1 (token 2) and daemon#2 (token 2)',
      'no fencing token is granted twice: token 2 was granted to daemon#2, and to daemon#1 before',
    ]);
  });

  it('reports invariants that were not exercised', () => {
    const { holds, verdicts } = judge([witness(1, [[10, 'own']])]);
    const exercised = verdicts.filter((verdict) => verdict.exercised).map(({ name }) => name);
    expect({ holds, exercised }).toEqual({ holds: true, exercised: ['at most one owner'] });
  });

  it('is not violated by a process that has exited before its parent observed it', () => {
    const exited = witness(1, [[10, 'own'], op(20, 'exit', { code: 0 })], 40);
    expect(complaints(exited, witness(2, [[30, 'own']]))).toEqual([]);
  });
});

describe('the end of a process that was killed', () => {
  const killed = witness(1, [[10, 'own']], 40);

  it('counts from when its parent saw it', () => {
    expect(complaints(killed, witness(2, [[41, 'own']]))).toEqual([]);
    expect(complaints(killed, witness(2, [[39, 'own']]))).toEqual(TWO);
  });

  it.each([
    ['it is gone', op(30, 'processInfo', { pid: 1 }, { error: 'ESRCH' })],
    ['it is a zombie', op(30, 'processInfo', { pid: 1 }, { result: { startTicks: 10, state: 'zombie' } })],
    [
      'its PID is another’s',
      op(30, 'processInfo', { pid: 1 }, { result: { startTicks: 11, state: 'running' } }),
    ],
    [
      'it cannot be signalled',
      op(30, 'kill', { pid: 1, signal: 'SIGTERM', startTicks: 10 }, { error: 'ESRCH' }),
    ],
  ])('counts from when any process learned that %s', (_, line) => {
    expect(complaints(killed, witness(2, [line, [31, 'own']]))).toEqual([]);
    expect(complaints(killed, witness(2, [[31, 'own']]), witness(3, [line]))).toEqual([]);
    expect(complaints(killed, witness(2, [[29, 'own'], line]))).toEqual(TWO);
  });

  it.each([
    ['a look at it', op(30, 'processInfo', { pid: 1 }, { result: { startTicks: 10, state: 'stopped' } })],
    ['a look at somebody else', op(30, 'processInfo', { pid: 7 }, { error: 'ESRCH' })],
    ['a signal to who bore its PID earlier', op(30, 'kill', { pid: 1, startTicks: 9 }, { error: 'ESRCH' })],
    ['what was said before its last line', op(5, 'processInfo', { pid: 1 }, { error: 'ESRCH' })],
  ])('is not proven by %s', (_, line) => {
    expect(complaints(killed, witness(2, [line, [31, 'own']]))).toEqual(TWO);
  });

  it('is never if it runs on', () => {
    const gone = op(30, 'processInfo', { pid: 1 }, { error: 'ESRCH' });
    expect(complaints(witness(1, [[10, 'own']]), witness(2, [gone, [31, 'own']]))).toEqual(TWO);
  });
});

describe('no act of a former owner', () => {
  it('is violated without a claim, after a release, and under a superseded token', () => {
    expect(complaints(witness(1, [[10, 'act']]))).toEqual([
      'no act of a former owner: daemon#1 acted as the owner without a claim',
    ]);
    expect(
      complaints(
        witness(1, [
          [10, 'own'],
          [11, 'release'],
          [12, 'act'],
        ]),
      ),
    ).toEqual(['no act of a former owner: daemon#1 acted as the owner without a claim']);
    expect(
      complaints(
        witness(1, [
          [10, 'own', 1],
          [12, 'act'],
        ]),
        witness(2, [[11, 'own', 2]]),
      ),
    ).toEqual(['no act of a former owner: daemon#1 acted under token 1 after token 2 was granted']);
  });
});

describe('clocks that differ', () => {
  const little = CLOCK_ERROR_MS / 2;
  const much = CLOCK_ERROR_MS * 2;

  it('cause no violation as long as they differ only slightly', () => {
    const next = witness(2, [[20, 'own', 2]]);
    expect(
      complaints(
        witness(1, [
          [10, 'own', 1],
          [20 + little, 'act'],
        ]),
        next,
      ),
    ).toEqual([]);
    expect(
      complaints(
        witness(1, [
          [10, 'own', 1],
          [20 + much, 'act'],
        ]),
        next,
      ),
    ).toHaveLength(1);
    const heir = witness(2, [[20, 'own']]);
    expect(
      complaints(
        witness(1, [
          [10, 'own'],
          [20 + little, 'release'],
        ]),
        heir,
      ),
    ).toEqual([]);
    expect(
      complaints(
        witness(1, [
          [10, 'own'],
          [20 + much, 'release'],
        ]),
        heir,
      ),
    ).toEqual(TWO);
    expect(complaints(witness(1, [[10, 'own']], 20 + little), heir)).toEqual([]);
    expect(complaints(witness(1, [[10, 'own']], 20 + much), heir)).toEqual(TWO);
  });

  it('never change the order of one process’s own lines', () => {
    const quick = witness(1, [
      [10, 'own'],
      [10 + little / 2, 'act'],
      [10 + little, 'release'],
    ]);
    expect(complaints(quick)).toEqual([]);
    expect(
      complaints(
        witness(1, [
          [10, 'own'],
          [10 + little / 2, 'release'],
          [10 + little, 'act'],
        ]),
      ),
    ).toHaveLength(1);
  });
});

describe('signals', () => {
  const spawned = op(5, 'spawn', { command: ['helper'], detached: false }, { result: 70 });
  const signal = (pid: number, startTicks: number | null, more: Partial<TraceRecord> = {}) =>
    op(10, 'kill', { pid, signal: 'SIGTERM', startTicks }, more);

  it.each<[string, TraceRecord]>([
    ['another of the run, by its start time', signal(2, 20)],
    ['an own child by its PID', signal(70, null)],
    ['itself', signal(1, null)],
    ['no process', signal(99, null, { error: 'ESRCH' })],
    ['no process: it only asks', op(10, 'kill', { pid: 99, signal: 0, startTicks: null })],
  ])('may go to %s', (_, line) => {
    expect(complaints(witness(1, [spawned, line]), witness(2, []))).toEqual([]);
  });

  it('may not go to strangers', () => {
    expect(complaints(witness(1, [signal(99, 990)]))).toEqual([
      'nothing foreign is signalled: daemon#1 sent SIGTERM to a stranger (PID 99), which is foreign',
    ]);
  });

  it('may go to a process younger than one that ended, which may not have recorded its child', () => {
    const heir = witness(2, [op(30, 'kill', { pid: 99, signal: 'SIGKILL', startTicks: 15 })]);
    expect(complaints(witness(1, [[10, 'own']], 20), heir)).toEqual([]);
    expect(complaints(witness(1, [[10, 'own'], op(20, 'exit', { code: 0 })], 40), heir)).toEqual([]);
    expect(complaints(witness(1, [[10, 'own']], 40), heir)).toHaveLength(1);
    const older = witness(2, [op(30, 'kill', { pid: 99, signal: 'SIGKILL', startTicks: 9 })]);
    expect(complaints(witness(1, [[10, 'own']], 20), older)).toHaveLength(1);
    const stranger = { ...witness(99, []), startTicks: 15, foreign: true };
    expect(complaints(witness(1, [[10, 'own']], 20), heir, stranger)).toEqual([
      'nothing foreign is signalled: daemon#2 sent SIGKILL to daemon#99 (PID 99), which is foreign',
    ]);
  });

  it('may not go to a PID alone, nor to a child after it was reaped', () => {
    const reaped = op(7, 'wait', { pid: 70 }, { result: { code: 0, signal: null } });
    const unproven = 'nothing unproven is signalled: daemon#1 sent SIGTERM to PID';
    expect(complaints(witness(1, [signal(2, null)]), witness(2, []))).toEqual([
      `${unproven} 2 without proof of whose it is (daemon#2)`,
    ]);
    expect(complaints(witness(1, [spawned, reaped, signal(70, null)]))).toEqual([
      `${unproven} 70 without proof of whose it is (child of daemon#1)`,
    ]);
  });
});
