/** Synchronous calls before which other processes may go on. */
import { expect, it } from 'vitest';
import type { Operation } from '../../src/ports/index.ts';
import { type Choices, SimMachine, type SimProcess } from '../../src/sim/index.ts';
import { SILENT } from './silent.ts';

const OWN: readonly Operation[] = [
  { op: 'self' },
  { op: 'clock', which: 'wall' },
  { op: 'sigaction', signal: 'SIGTERM', action: 'handle' },
];

it('are those to which others make a difference: the rest is not asked for', () => {
  const asked: string[] = [];
  const choices: Choices = {
    choose: (_, kind) => {
      asked.push(kind);
      return kind === 'preempt' ? 1 : 0;
    },
  };
  const machine = new SimMachine(choices, new Map(), SILENT);
  const process: SimProcess = machine.spawn(['any'], { parent: null, inert: true })!;
  asked.length = 0;
  expect(OWN.map((operation) => machine.preempts(process, operation))).toEqual([false, false, false]);
  expect(asked).toEqual([]);
  expect(machine.preempts(process, { op: 'readlink', path: '/a' })).toBe(true);
  expect(asked).toEqual(['preempt']);
});
