import { describe, expect, it } from 'vitest';
import { explore } from '../../../src/explore/index.ts';
import { bounded, type Scenario } from '../../../src/scenario/index.ts';
import { SCENARIOS } from '../../../src/systems/index.ts';

const EXECUTIONS = 25;
/** A server that answers a client that has gone, a directory that is read name by name, and a host that is refused. */
const TELLING = [
  'openchrome/after/late-release',
  'mcporter/after/litter',
  'openchrome/ours/never-by-default',
];

function cut(whole: Scenario): Scenario {
  try {
    return bounded(whole, { contenders: 2, crashes: 1, stops: 1, losses: 1, busyMs: 0 });
  } catch {
    // Its script needs all of them.
    return whole;
  }
}

/** @param every one in so many of all scenarios is explored, and a few of special interest */
export function testSampled(every: number): void {
  const samples = SCENARIOS.filter(({ id }, i) => i % every === 0 || TELLING.includes(id));

  describe('what programs do is remembered, and machines are kept', () => {
    it.each(samples.map((sample) => [sample.id, sample] as const))(
      '%s goes the same ways as when all is executed again',
      async (_, whole) => {
        const wide = { maxExecutions: EXECUTIONS, preemptions: 1 };
        for (const [made, options] of [
          [cut(whole), { maxExecutions: EXECUTIONS }] as const,
          [whole, wide] as const,
        ]) {
          const [again, remembered] = await Promise.all(
            [false, true].map((remember) =>
              explore(made, { ...options, remember, episodes: false, reduceOrders: false }),
            ),
          );
          for (const name of [
            'executions',
            'states',
            'edges',
            'complete',
            'verdict',
            'reason',
            'sometimes',
          ] as const)
            expect([name, remembered![name]]).toEqual([name, again![name]]);
          expect(remembered!.violations.map(({ token }) => token)).toEqual(
            again!.violations.map(({ token }) => token),
          );
        }
      },
      60_000,
    );
  });
}
