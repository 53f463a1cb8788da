import { createClock } from '@sinonjs/fake-timers';
import { describe, expect, it } from 'vitest';
import { check } from '../../src/check/index.ts';
import { type GuestGlobals, guestProgram, nodeFs } from '../../src/guest/index.ts';
import { NodeMachine } from '../../src/node/index.ts';
import { portsOf } from '../../src/ports/index.ts';
import { eventually } from '../../src/scenario/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';
import fc from '../fc.ts';

/** What both clocks have. */
type Clock = Pick<GuestGlobals, 'setTimeout' | 'setInterval' | 'clearTimeout'>;

interface Plan {
  readonly ms: number;
  readonly kind: 'once' | 'repeat';
  /** What the callback does: sets more, clears the timer of a number. */
  readonly then: readonly Plan[];
  readonly clears: number | null;
}

const { plan } = fc.letrec<{ plan: Plan }>((tie) => ({
  plan: fc.record({
    ms: fc.integer({ min: 1, max: 12 }).map((n) => n * 5),
    kind: fc.constantFrom('once', 'once', 'repeat'),
    // biome-ignore lint/suspicious/noThenProperty: a plan is never awaited.
    then: fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie('plan'), { maxLength: 2 })),
    clears: fc.option(fc.nat(6)),
  }),
}));

/** Sets timers by plan, and notes in which order their callbacks come. */
function start(
  plans: readonly Plan[],
  { setTimeout, setInterval, clearTimeout }: Clock,
  log: number[],
): void {
  const timers: unknown[] = [];
  const set = ({ ms, kind, then, clears }: Plan): void => {
    const number = timers.length;
    let rounds = 0;
    const callback = (): void => {
      log.push(number);
      rounds++;
      if (clears !== null) clearTimeout(timers[clears]);
      if (rounds === 1) for (const next of then) set(next);
      if (rounds === 3) clearTimeout(timers[number]);
    };
    timers.push(kind === 'once' ? setTimeout(callback, ms) : setInterval(callback, ms));
  };
  for (const next of plans) set(next);
}

describe('timers of a guest', () => {
  it('come in the order of fake-timers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(plan, { minLength: 1, maxLength: 5 }), async (plans) => {
        const expected: number[] = [];
        const clock = createClock();
        start(plans, clock as unknown as Clock, expected);
        clock.tick(3_000);
        const got: number[] = [];
        const program = guestProgram({
          from: import.meta.url,
          main: async (_require, _ports, _argv, globals) => start(plans, globals, got),
        });
        // Operations that take no time: else what is set later in a step may be due a millisecond later.
        const machine = { busyMs: 0, operationUs: 0 };
        const { failure } = await runOnce(scenarioOf({ program }, { machine, faultsForMs: 5_000 }));
        expect(failure).toBeNull();
        expect(got).toEqual(expected);
      }),
      { numRuns: 200, seed: 3 },
    );
  });
});

describe('synchronous calls', () => {
  it('on and on end by the step bound', async () => {
    const program = guestProgram({
      from: import.meta.url,
      async main(require) {
        const { existsSync } = require('node:fs');
        for (;;) {
          try {
            if (existsSync('/never')) return 0;
          } catch (error) {
            if ((error as Error).message.includes('steps')) throw error;
          }
        }
      },
    });
    const { failure } = await runOnce(scenarioOf({ program }, { maxSteps: 500 }));
    expect(failure).toEqual({
      invariant: 'a run ends within its step bound',
      message: 'not over after 500 steps: program#1 calls synchronously on and on',
    });
  });

  it('may be cut short by a fault between two operations, and by nothing else', async () => {
    const after = new Set<string>();
    const program = guestProgram({
      from: import.meta.url,
      async main(require) {
        const { writeFileSync } = require('node:fs');
        try {
          writeFileSync('/lock', 'text');
        } catch {
          writeFileSync('/never', 'x');
        }
        writeFileSync('/two', 'x');
        return 0;
      },
    });
    const scenario = scenarioOf(
      { program },
      {
        faults: { kill: 1 },
        invariants: [
          eventually('noted', (world) => {
            const { '/lock': lock, '/two': two, '/never': never } = world.files();
            after.add(`${lock} ${two} ${never}`);
            return null;
          }),
        ],
      },
    );
    await check(scenario, { seed: 1, runs: 1_000 });
    expect([...after].sort()).toEqual(
      [
        ...['', 'text', 'undefined'].map((lock) => `${lock} undefined undefined`),
        ...['text  undefined', 'text x undefined'],
      ].sort(),
    );
  });

  it('of what would wait, and on a real machine, are refused', async () => {
    const machine = new NodeMachine();
    const fs = nodeFs(portsOf(machine, null)) as unknown as typeof import('node:fs');
    expect(() => fs.statSync('/')).toThrow('a synchronous call needs a simulated machine');
    expect((await fs.promises.stat('/')).isDirectory()).toBe(true);
  });
});
