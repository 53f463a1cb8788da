import { expect, test } from 'vitest';
import { createColors, PLAIN, timeline } from '../../src/report/index.ts';
import { events, evidenceWith, NAIVE, start } from './evidence.ts';

const show = (evidence: Parameters<typeof timeline>[0], width = 80) =>
  `\n${timeline(evidence, { colors: PLAIN, width })}\n`;

test('the naive lock, broken in two switches', () => {
  expect(show(NAIVE)).toBe(`
  step     ms  daemon#1                         daemon#3
               PID 1001                         PID 1003
     2   0.04  mkdir /state                     │
     3   0.06  self → PID 1001                  │
     4   0.08  open wx /state/lock → 3          │
     6   0.12  │                                mkdir /state ✗ EEXIST
     7   0.14  │                                stat /state → directory
     8   0.16  │                                self → PID 1003
     9   0.18  │                                open wx /state/lock ✗ EEXIST
    10   0.20  │                                open r /state/lock → 3
    11   0.22  │                                read /state/lock → ""
    12   0.24  │                                close /state/lock
    13   0.26  │                                unlink /state/lock
    14   0.28  │                                open wx /state/lock → 3
    15   0.30  │                                write /state/lock ← "1003"
    16   0.32  │                                close /state/lock
    16   0.32  │                                ★ own
    17   0.34  write /state/lock ← "1001"       │
    18   0.36  close /state/lock                │
▶   18   0.36  ★ own                            │
               ✗ violated here: at most one owner
               2 owners at once: daemon#3 and daemon#1
`);
});

const FAULTS = evidenceWith({
  kind: 'eventually',
  invariant: 'one survivor',
  message: 'there is no survivor',
  events: events(
    start('daemon#1', 1001),
    [2, 0.04, 'daemon#1', 'mark', { name: 'own', data: { token: 1 } }, null],
    [2, 0.04, 'daemon#1', 'end', {}, { code: null, signal: 'SIGKILL' }],
    [2, 0.04, 'nemesis', 'fault', { fault: 'kill', process: 'daemon#1' }, null],
    start('daemon#2', 1002, 2, 1500),
    [3, 1500.02, 'nemesis', 'fault', { fault: 'stop', process: 'daemon#2', forMs: 'ever' }, null],
    [3, 1500.02, 'nemesis', 'fault', { fault: 'lose-state', path: '/state/lock' }, null],
  ),
});

test('faults come before their effects, ended processes have no lifeline, idle time is shown', () => {
  expect(show(FAULTS, 110)).toBe(`
  step        ms  daemon#1                       daemon#2                       nemesis
                  PID 1001                       PID 1002
     2      0.04  ★ own token=1
     2      0.04  │                                                             ↯ kill daemon#1
     2      0.04  ■ ended by SIGKILL
                  … 1,500 ms pass
     2  1,500.00                                 ● starts, PID 1002
     3  1,500.02                                 │                              ↯ stop daemon#2 for ever
     3  1,500.02                                 ┊                              ↯ lose-state /state/lock
                  the end: the system has settled
                  ✗ not true at the end: one survivor
                  instead: there is no survivor
`);
});

test('without room for columns, processes have lanes', () => {
  expect(show(FAULTS, 80)).toBe(`
  step        ms  daemon#1 PID 1001 · daemon#2 PID 1002 · nemesis
     2      0.04  ●      daemon#1  ★ own token=1
     2      0.04  │   ●  nemesis   ↯ kill daemon#1
     2      0.04  ●      daemon#1  ■ ended by SIGKILL
                  … 1,500 ms pass
     2  1,500.00    ●    daemon#2  ● starts, PID 1002
     3  1,500.02    │ ●  nemesis   ↯ stop daemon#2 for ever
     3  1,500.02    ┊ ●  nemesis   ↯ lose-state /state/lock
                  the end: the system has settled
                  ✗ not true at the end: one survivor
                  instead: there is no survivor
`);
});

test('repeats are shown once', () => {
  const beats = Array.from({ length: 40 }, (_, i): Parameters<typeof events>[number][] => [
    [2 * i + 2, 1000 * (i + 1), 'daemon#1', 'sleep', { ms: 1000 }, null],
    [2 * i + 3, 1000 * (i + 1), 'daemon#1', 'utimes', { path: '/lock', atimeMs: i, mtimeMs: 1000 * i }, null],
  ]);
  const repeated = evidenceWith({
    events: events(start('daemon#1', 1001), ...beats.flat(), [
      90,
      40_001,
      'daemon#1',
      'mark',
      { name: 'act' },
      null,
    ]),
  });
  expect(show(repeated)).toBe(`
  step         ms  daemon#1
                   PID 1001
                   … 1,000 ms pass
     2   1,000.00  slept 1,000 ms
     3   1,000.00  utimes /lock to 00:00:00.000
                   ↻ these 2 lines 39 more times, until 40,000 ms
▶   90  40,001.00  ★ act
                   ✗ violated here: at most one owner
                   2 owners at once: daemon#3 and daemon#1
`);
});

test('the middle of a long run is omitted, except for what stands out', () => {
  const OPS = ['unlink', 'rmdir', 'access', 'mkdir', 'stat', 'lstat', 'opendir'];
  const many = Array.from({ length: 500 }, (_, i): Parameters<typeof events>[number] =>
    i === 250
      ? [i, i, 'daemon#1', 'mark', { name: 'in the middle' }, null]
      : [i, i, 'daemon#1', OPS[(i * i) % 7]!, { path: '/'.padEnd((i % 31) + 2, 'x') }, { error: 'EIO' }],
  );
  const lines = show(evidenceWith({ events: events(start('daemon#1', 1001), ...many) })).split('\n');
  expect(lines.length).toBeLessThan(130);
  expect(lines.filter((line) => line.includes('in the middle'))).toHaveLength(1);
  const left = lines.map((line) => /⋮ (\d+) lines omitted/.exec(line)?.[1]).filter((n) => n !== undefined);
  expect(left).toHaveLength(2);
  const shown = lines.filter((line) => line.includes('EIO')).length;
  expect(left.reduce((sum, n) => sum + Number(n), shown + 1)).toBe(500);
});

test('long cells wrap and never push the columns apart', () => {
  const long = evidenceWith({
    events: events(
      start('daemon#1', 1001),
      start('daemon#2', 1002),
      [2, 0.04, 'daemon#1', 'rename', { from: `/${'a'.repeat(60)}`, to: `/${'語'.repeat(60)}` }, null],
      [3, 0.06, 'daemon#2', 'unlink', { path: '/x' }, null],
    ),
  });
  const text = show(long);
  expect(text).toMatch(/^ +a+ to \/語+… {3}│$/m);
  expect(text).toMatch(/^▶ {4}3 {3}0.06 {2}│ {32}unlink \/x$/m);
});

test('a run without events, and one that violates nothing', () => {
  expect(show(evidenceWith({}))).toContain('nothing has happened yet');
  expect(show({ ...NAIVE, verdict: 'passed', invariant: null, message: null })).toContain(
    '✓ no invariant is violated',
  );
  expect(show({ ...NAIVE, verdict: 'passed', invariant: null, message: null })).not.toContain('▶');
});

test('colors are optional and do not change the text', () => {
  const colored = timeline(NAIVE, { colors: createColors(true), width: 80 });
  expect(colored).toContain('\u001b[');
  expect(`\n${colored.replace(/\u001b\[\d+m/g, '')}\n`.replace(/ +$/gm, '')).toBe(show(NAIVE));
});
