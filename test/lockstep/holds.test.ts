import { expect, test } from 'vitest';
import { withHolds } from '../../src/lockstep/record/holds.ts';
import type { ScriptEvent } from '../../src/lockstep/script.ts';

const AT = { step: 1, atMs: 0 };
const start = (process: string, parent: string | null): ScriptEvent => ({
  ...AT,
  kind: 'start',
  ...{ process, pid: 2, startTicks: 0, uid: 0, parent, command: [], inert: false },
  ...{ spawned: parent !== null, container: null, network: 'host' },
});
const perform = (process: string, operation: { op: 'exit'; code: number } | { op: 'self' }): ScriptEvent => ({
  ...{ ...AT, kind: 'perform', process, ordinal: 1, operation },
  ...{ result: { value: null }, ended: operation.op === 'exit' },
});
const zombie = (process: string): ScriptEvent => ({ ...AT, kind: 'state', process, state: 'zombie' });
const shown = (events: readonly ScriptEvent[]) =>
  events.map((event) => `${event.kind} ${'process' in event ? event.process : ''}`);

test('a parent stands still from before its child ends until it is needed', () => {
  const events = [
    start('parent', null),
    start('child', 'parent'),
    perform('child', { op: 'exit', code: 0 }),
    zombie('child'),
    perform('other', { op: 'self' }),
    perform('parent', { op: 'self' }),
  ];
  expect(shown(withHolds(events))).toEqual([
    ...['start parent', 'start child', 'hold parent', 'perform child', 'state child'],
    ...['perform other', 'release parent', 'perform parent'],
  ]);
});

test('until the end, if it is not needed any more', () => {
  const events = [
    start('parent', null),
    start('child', 'parent'),
    { ...AT, kind: 'signal', sender: null, process: 'child', signal: 'SIGKILL' } satisfies ScriptEvent,
    zombie('child'),
  ];
  expect(shown(withHolds(events))).toEqual([
    ...['start parent', 'start child', 'hold parent', 'signal child', 'state child', 'release parent'],
  ]);
});

test('a child of PID 1 is reaped at once', () => {
  const events = [start('child', null), perform('child', { op: 'exit', code: 0 }), zombie('child')];
  expect(withHolds(events)).toEqual(events);
});
