import { describe, expect, it } from 'vitest';
import { check, replay } from '../../src/check/index.ts';
import type { Program } from '../../src/ports/index.ts';
import { atMostOneOwner, scenario } from '../../src/scenario/index.ts';
import {
  exitCodesOf,
  faultsOf,
  marksOf,
  mostOwnersOf,
  ownersOf,
  quietRun,
  survivorsOf,
} from '../../src/vitest/traces.ts';

/** Owns under a token for a while, or for good. */
const owner: Program = async (ports, [token = '', how]) => {
  ports.mark('own', { token: Number(token) });
  await ports.clock.sleep(100);
  if (how === 'leaves') return 3;
  if (how === 'releases') ports.mark('release');
  for (;;) await ports.clock.sleep(1_000);
};

function owners(...argvs: string[][]) {
  return scenario({
    id: 'fixture/traces/owners',
    programs: { owner },
    start: argvs.map((argv, i) => ({ program: 'owner', argv, atMs: i * 10 })),
    invariants: [],
  });
}

describe('helpers for traces', () => {
  it('ownersOf ignores superseded, released and ended owners', async () => {
    const { events, verdict } = await quietRun(owners(['1'], ['2', 'leaves'], ['3', 'releases'], ['3']));
    expect(verdict).toBe('passed');
    expect(ownersOf(events)).toEqual([{ process: 'owner#4', token: 3 }]);
    expect(survivorsOf(events)).toEqual(['owner#1', 'owner#3', 'owner#4']);
    expect(exitCodesOf(events)).toEqual({ 'owner#2': 3 });
    expect(faultsOf(events)).toEqual([]);
    expect(marksOf(events).slice(0, 2)).toEqual([
      { process: 'owner#1', name: 'own', data: { token: 1 } },
      { process: 'owner#2', name: 'own', data: { token: 2 } },
    ]);
  });

  it('mostOwnersOf counts owners at any time, not only at the end', async () => {
    const twice = await quietRun(owners(['1', 'releases'], ['1', 'releases']));
    expect([mostOwnersOf(twice.events), ownersOf(twice.events)]).toEqual([2, []]);
    const fenced = await quietRun(owners(['1', 'releases'], ['2', 'releases']));
    expect(mostOwnersOf(fenced.events)).toBe(1);
  });

  it('cover violations and faults', async () => {
    const killed = scenario({
      id: 'fixture/traces/killed',
      programs: { owner },
      start: [{ program: 'owner', argv: ['1'] }],
      faults: { kill: 1 },
      invariants: [
        {
          ...atMostOneOwner,
          name: 'no process is killed',
          check: ({ processes }) => (processes.every(({ alive }) => alive) ? null : 'somebody is'),
        },
      ],
    });
    const { violations } = await check(killed, { seed: 1, runs: 500 });
    const { events } = await replay(violations[0]!.token, () => killed);
    expect(faultsOf(events)).toEqual([{ fault: 'kill', process: 'owner#1' }]);
    expect(survivorsOf(events)).toEqual([]);
    expect(exitCodesOf(events)).toEqual({});
  });
});
