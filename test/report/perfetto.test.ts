import { expect, test } from 'vitest';
import { perfetto } from '../../src/report/index.ts';
import { events, evidenceWith, NAIVE, start } from './evidence.ts';

// biome-ignore lint/suspicious/noExplicitAny: a document in another's format.
const entriesOf = (text: string): any[] => JSON.parse(text).traceEvents;

test('a track for each process, an entry for each operation', () => {
  const entries = entriesOf(perfetto(NAIVE));
  const names = entries.filter(({ name }) => name === 'process_name').map(({ args }) => args.name);
  expect(names).toEqual(['daemon#1 (PID 1001)', 'daemon#3 (PID 1003)']);
  expect(entries).toContainEqual({
    ...{ pid: 1, tid: 2, ph: 'X', ts: 60, dur: 20, name: 'open wx /state/lock → 3', cat: 'plain' },
    args: { step: 4, op: 'open', path: '/state/lock', flags: 'wx', mode: 0o666, result: 3 },
  });
  const violation = entries.filter(({ ph, s }) => ph === 'i' && s === 'g');
  expect(violation).toMatchObject([{ ts: 360, name: '✗ at most one owner' }]);
});

test('operations of one process do not overlap, and lives hold what arrows point at', () => {
  const killed = evidenceWith({
    events: events(
      start('a#1', 1001),
      start('b#1', 1002),
      [1, 0.02, 'b#1', 'self', {}, null],
      [2, 0.04, 'b#1', 'end', {}, { code: null, signal: 'SIGKILL' }],
      [2, 0.04, 'a#1', 'kill', { pid: 1002, signal: 'SIGKILL', startTicks: null }, null],
      [3, 0.06, 'a#1', 'self', {}, null],
    ),
  });
  const entries = entriesOf(perfetto(killed));
  const slices = entries.filter(({ ph, pid, tid }) => ph === 'X' && pid === 1 && tid === 2);
  expect(slices.map(({ ts, dur }) => [ts, dur])).toEqual([
    [20, 20],
    [40, 20],
  ]);
  const [from, to] = entries.filter(({ ph }) => ph === 's' || ph === 'f');
  expect(from).toMatchObject({ ph: 's', pid: 1, ts: 40 });
  expect(to).toMatchObject({ ph: 'f', pid: 2, tid: 1, ts: 40, id: from.id });
  expect(entries).toContainEqual(expect.objectContaining({ name: 'alive', pid: 2, ts: 0, dur: 40 }));
});
