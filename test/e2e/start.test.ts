import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { Arena } from './arena.ts';
import { Compiled } from './compile.ts';

let compiled: Compiled;
beforeAll(() => {
  compiled = new Compiled();
});
afterAll(() => compiled.remove());

let arena: Arena;
beforeEach(async () => {
  arena = await Arena.open(compiled);
});
afterEach(() => arena.close());

it('of 16 simultaneous starts one survives, and serves; all others leave with 0', async () => {
  // Starting 16 processes at once on two cores may keep a healthy owner from answering for a while.
  const timing = { leaseMs: 5_000, bootGraceMs: 15_000, challengeMs: 3_000 };
  const starts = await Promise.all(
    Array.from({ length: 16 }, (_, at) => arena.start(`daemon#${at + 1}`, timing)),
  );
  await arena.eventually('15 leave', () => arena.processes.alive.length === 1);
  const [survivor] = arena.processes.alive;
  await arena.expectOneSurvivor(survivor!);
  for (const { ending, name } of starts.filter((process) => process !== survivor)) {
    expect({ name, ending }).toMatchObject({ name, ending: { code: 0, signal: null } });
  }
});
