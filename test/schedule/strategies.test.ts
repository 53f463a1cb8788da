import { describe, expect, it } from 'vitest';
import { estimatesOf } from '../../src/check/estimates.ts';
import { check, search } from '../../src/check/index.ts';
import type { Schedule } from '../../src/run/index.ts';
import {
  DEFAULT_STRATEGY,
  type Estimates,
  findStrategy,
  replaying,
  STRATEGIES,
  type Strategy,
} from '../../src/schedule/strategies.ts';
import type { Choices, EnabledSet, Footprint } from '../../src/sim/index.ts';
import { NAIVE } from '../../src/systems/naive/scenarios.ts';
import { scenarioOf } from '../check/helpers.ts';

const [coldStart] = NAIVE;
const named = STRATEGIES.map((strategy) => [strategy.name, strategy] as const);
const touches = (writes: boolean, ...resources: string[]): Footprint => ({ resources, writes });
const NOTHING = touches(false);

interface Parked {
  readonly process: number;
  readonly sequence: number;
  readonly footprint: Footprint;
}

/** Processes that each ask for their operations one after the other: a machine without a machine. */
class Table implements EnabledSet {
  readonly order: number[] = [];
  readonly #scripts: readonly (readonly Footprint[])[];
  readonly #at: number[];
  readonly #sequences: number[];
  #sequence = 0;
  #parked: Parked[] | null = null;

  constructor(scripts: readonly (readonly Footprint[])[]) {
    this.#scripts = scripts;
    this.#at = scripts.map(() => 0);
    this.#sequences = scripts.map(() => this.#sequence++);
  }

  /** As it is until the next step. Choice 0 is the process that went on last, then the next ones in turn. */
  get parked(): Parked[] {
    this.#parked ??= this.#park();
    return this.#parked;
  }

  #park(): Parked[] {
    const last = this.order.at(-1) ?? 0;
    const parked = this.#scripts.flatMap((script, process) => {
      const footprint = script[this.#at[process]!];
      return footprint === undefined ? [] : [{ process, sequence: this.#sequences[process]!, footprint }];
    });
    return [
      ...parked.filter(({ process }) => process >= last),
      ...parked.filter(({ process }) => process < last),
    ];
  }

  count(): number {
    return this.parked.length;
  }

  processOf(i: number): number {
    return this.parked[i]!.process;
  }

  sequenceOf(i: number): number {
    return this.parked[i]!.sequence;
  }

  footprintOf(i: number): Footprint {
    return this.parked[i]!.footprint;
  }

  /** Which process went on, step by step, until none is left. */
  play(choices: Choices): number[] {
    for (let n = this.count(); n > 0; n = this.count()) {
      const choice = n === 1 ? 0 : choices.choose(n, 'schedule', this);
      // Not by expect, which would take longer than all the rest.
      if (!Number.isInteger(choice) || choice < 0 || choice >= n) throw new RangeError(`${choice} of ${n}`);
      const process = this.processOf(choice);
      this.order.push(process);
      this.#at[process]!++;
      this.#sequences[process] = this.#sequence++;
      this.#parked = null;
    }
    return this.order;
  }
}

const strategyOf = (name: string): Strategy => findStrategy(name)!;
const play = (
  strategy: Strategy,
  seed: number,
  scripts: readonly (readonly Footprint[])[],
  hints: Estimates,
) => new Table(scripts).play(strategy.choices(seed, hints));
const times = (n: number, footprint: Footprint): Footprint[] => Array.from({ length: n }, () => footprint);
const HINTS: Estimates = { choices: 12 };
const switchesOf = (order: readonly number[]) =>
  order.filter((who, i) => i > 0 && order[i - 1] !== who).length;

describe('every strategy', () => {
  it.each(named)('%s makes the same choices from the same seed', (_, strategy) => {
    const scripts = [times(5, touches(true, '/a')), times(5, touches(true, '/a')), times(5, NOTHING)];
    for (let seed = 0; seed < 20; seed++) {
      expect(play(strategy, seed, scripts, HINTS)).toEqual(play(strategy, seed, scripts, HINTS));
    }
  });

  it.each(named)('%s lets every process be the first, and the last', (_, strategy) => {
    const scripts = Array.from({ length: 4 }, () => times(3, touches(true, '/a')));
    const orders = Array.from({ length: 200 }, (_, seed) => play(strategy, seed, scripts, HINTS));
    expect(new Set(orders.map((order) => order[0])).size).toBe(4);
    expect(new Set(orders.map((order) => order.at(-1))).size).toBe(4);
  });

  it.each(named)('%s finds the two owners of the naive lock, and says so', async (name, strategy) => {
    const { found, strategies } = await search(coldStart!, { seed: 2, strategy });
    expect(found!.failure.invariant).toBe('at most one owner');
    if (strategy === DEFAULT_STRATEGY) {
      expect(strategyOf(found!.by!)).toBeDefined();
      expect(strategies).toHaveProperty([found!.by!]);
    } else {
      expect(found!.by).toBe(name);
      expect(strategies).toEqual({ [name]: found!.run });
    }
  });
});

describe('PCT', () => {
  const pct = strategyOf('pct');
  const scripts = [times(6, NOTHING), times(6, NOTHING), times(6, NOTHING)];

  it('switches at the change points only, and when a process has nothing more to do', () => {
    for (let seed = 0; seed < 100; seed++) {
      const order = play(pct, seed, scripts, HINTS);
      // Two processes end before the last one, and each of four points costs at most one switch away and none back.
      expect(switchesOf(order)).toBeLessThanOrEqual(2 + 4);
    }
  });

  it('whoever falls is behind all others from then on', () => {
    const orders = new Set<string>();
    for (let seed = 0; seed < 50; seed++) {
      // So far away that no point is reached; and so near that the first choice is one.
      const undisturbed = play(pct, seed, scripts, { choices: 1_000_000_000 });
      const fallen = play(pct, seed, scripts, { choices: 1 });
      const [first, second, third] = [undisturbed[0]!, undisturbed[6]!, undisturbed[12]!];
      const inBlocks = (...who: number[]) => who.flatMap((process) => Array(6).fill(process));
      expect(undisturbed).toEqual(inBlocks(first, second, third));
      expect(fallen).toEqual(inBlocks(second, third, first));
      orders.add([first, second, third].join());
    }
    expect(orders.size).toBe(6);
  });

  it('whoever falls later is behind those who fell before', () => {
    const orders = new Set<string>();
    for (let seed = 0; seed < 100; seed++) {
      const undisturbed = play(pct, seed, scripts, { choices: 1_000_000_000 });
      const ranks = new Map(
        [undisturbed[0]!, undisturbed[6]!, undisturbed[12]!].map((who, i) => [who, i + 1]),
      );
      // So near that of the first two choices one is a point, or both are.
      const order = play(pct, seed, scripts, { choices: 2 }).map((who) => ranks.get(who)!);
      orders.add(order.filter((rank, i) => rank !== order[i - 1]).join(' '));
    }
    // At the first choice, at the second, and at both: then the second falls after its first step, and so is the last.
    expect([...orders].sort()).toEqual(['1 2 3 1', '2 3 1', '2 3 1 2']);
  });

  it('changes only where several meet, if it knows where, in some runs', () => {
    const contested = new Map([['/lock', [1, 1]]]);
    const profile = { steps: [6, 6], contested, contestedChoices: 1 };
    const script = [...times(5, touches(true, '/own')), touches(true, '/lock')];
    const switchedBefore = new Set<number>();
    for (let seed = 0; seed < 300; seed++) {
      const order = play(pct, seed, [script, script], { choices: 12, profile });
      const first = order.findIndex((who) => who !== order[0]);
      switchedBefore.add(first);
    }
    // A fifth step and then the lock: there the switches pile up; elsewhere they are rarer, but there.
    const atLock = Array.from({ length: 300 }, (_, seed) =>
      play(pct, seed, [script, script], { choices: 12, profile }),
    ).filter((order) => order.findIndex((who) => who !== order[0]) === 5).length;
    expect(switchedBefore.size).toBeGreaterThan(3);
    expect(atLock).toBeGreaterThan(100);
  });
});

describe('POS', () => {
  const pos = strategyOf('pos');

  /** How often the second operation of process 0 comes before the only one of process 1. */
  const waits = (footprint: Footprint): number => {
    let before = 0;
    for (let seed = 0; seed < 4_000; seed++) {
      const order = play(pos, seed, [times(2, footprint), [footprint]], HINTS);
      if (order[0] === 0 && order[1] === 0) before++;
    }
    return before / 4_000;
  };

  it('keeps the priority of an operation: who has lost once is likely to lose again', () => {
    // The highest of two, and then of a new one and the lower of the two: 1/3 for each of the three.
    expect(waits(NOTHING)).toBeCloseTo(1 / 3, 1);
    expect(waits(touches(false, '/a'))).toBeCloseTo(1 / 3, 1);
  });

  it('draws anew after a conflict: then the chances are even', () => {
    expect(waits(touches(true, '/a'))).toBeCloseTo(1 / 4, 1);
    expect(waits(touches(true, '/a'))).toBeLessThan(waits(NOTHING) - 0.04);
  });
});

describe('SURW', () => {
  const surw = strategyOf('surw');

  it('makes all orders of the operations on one thing equally likely, however long the rest is', () => {
    const lock = touches(true, '/lock');
    const contested = new Map([['/lock', [2, 1]]]);
    const hints = { choices: 20, profile: { steps: [22, 2], contested, contestedChoices: 3 } };
    const counts = new Map<string, number>();
    const scripts = [
      [...times(10, NOTHING), lock, ...times(10, NOTHING), lock],
      [NOTHING, lock],
    ];
    const RUNS = 4_000;
    for (let seed = 0; seed < RUNS; seed++) {
      const at = [0, 0];
      const orderOfLock = play(surw, seed, scripts, hints)
        .filter((who) => scripts[who]![at[who]!++] === lock)
        .join('');
      counts.set(orderOfLock, (counts.get(orderOfLock) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['001', '010', '100']);
    // A quarter of the runs weigh all operations instead, of which process 0 has many more: it tends to come first there.
    for (const count of counts.values()) expect(count / RUNS).toBeGreaterThan(0.2);
    const random = Array.from({ length: 500 }, (_, seed) => play(strategyOf('random'), seed, scripts, hints));
    expect(random.filter((order) => order.indexOf(1) > 15).length).toBeLessThan(5);
  });

  it('whoever has had its turns is less likely to be next: one is not over before the other begins', () => {
    const lock = touches(true, '/lock');
    const contested = new Map([['/lock', [4, 4]]]);
    const hints = { choices: 8, profile: { steps: [4, 4], contested, contestedChoices: 8 } };
    const RUNS = 2_000;
    const apart = Array.from({ length: RUNS }, (_, seed) =>
      play(surw, seed, [times(4, lock), times(4, lock)], hints),
    ).filter((order) => switchesOf(order) === 1).length;
    // Two of 70 orders; with the same chances at every step it would be two of 16.
    expect(apart / RUNS).toBeGreaterThan(0.015);
    expect(apart / RUNS).toBeLessThan(0.045);
  });
});

describe('round-robin', () => {
  it('gives every process as many steps in a row', () => {
    const scripts = [times(30, NOTHING), times(30, NOTHING), times(30, NOTHING)];
    const quanta = new Set<number>();
    for (let seed = 0; seed < 60; seed++) {
      const order = play(strategyOf('round-robin'), seed, scripts, HINTS);
      const quantum = order.findIndex((who) => who !== order[0]);
      quanta.add(quantum);
      const turns = order.slice(0, quantum * 6).filter((_, i) => i % quantum === 0);
      expect(new Set(turns.slice(0, 3)).size).toBe(3);
      expect(turns.slice(3)).toEqual(turns.slice(0, 3));
    }
    expect(quanta.size).toBeGreaterThan(3);
  });
});

describe('replay', () => {
  it('makes the choices of a schedule in every run', async () => {
    const { found } = await search(coldStart!, { seed: 2 });
    const again = await search(coldStart!, { seed: 77, strategy: replaying(found!.schedule as Schedule) });
    expect(again.found).toMatchObject({
      failure: found!.failure,
      schedule: found!.schedule,
      run: 1,
      by: 'replay',
    });
  });
});

describe('the portfolio', () => {
  it('gives each member its turns in every round, in another order', () => {
    const names = (from: number) =>
      Array.from({ length: 10 }, (_, i) => DEFAULT_STRATEGY.memberOf!(from + i).name);
    const first = names(0);
    expect(new Set(first)).toEqual(new Set(STRATEGIES.slice(1).map(({ name }) => name)));
    expect(names(10).toSorted()).toEqual(first.toSorted());
    expect(new Set(Array.from({ length: 20 }, (_, round) => names(round * 10).join())).size).toBeGreaterThan(
      3,
    );
  });

  it('tells in the report which member has found what', async () => {
    const finders = new Set<string>();
    for (let seed = 0; seed < 12; seed++) {
      const report = await check(coldStart!, { seed });
      const { found } = await search(coldStart!, { seed });
      expect(report.foundBy).toBe(DEFAULT_STRATEGY.memberOf!(report.firstViolationAtRun! - 1).name);
      expect(report.foundBy).toBe(found!.by);
      finders.add(report.foundBy!);
    }
    expect(finders.size).toBeGreaterThan(2);
  });
});

describe('the first runs of a scenario', () => {
  it('show what is contested, and by whom', async () => {
    const { choices, profile } = (await estimatesOf(coldStart!, undefined))!;
    expect(choices).toBeGreaterThan(10);
    expect(profile!.contested.has('/state/lock')).toBe(true);
    expect(profile!.contested.get('/state/lock')!.filter((count) => count > 0).length).toBeGreaterThan(1);
    expect(profile!.steps.reduce((sum, count) => sum + (count ?? 0), 0)).toBeGreaterThan(choices - 1);
    expect(await estimatesOf(coldStart!, undefined)).toEqual({ choices, profile });
  });

  it("do not take for contested what all only look at, or what is only one's", async () => {
    const scenario = scenarioOf(
      {
        daemon: async ({ fs, process }) => {
          const { pid } = await process.self();
          await fs.readFile('/config');
          await fs.writeFile(`/own-${pid}`, '');
          await fs.writeFile('/claim', '');
        },
      },
      { start: [{ program: 'daemon', count: 3 }], machine: { files: { '/config': 'x' } } },
    );
    const { profile } = (await estimatesOf(scenario, undefined))!;
    expect([...profile!.contested.keys()].filter((name) => name.startsWith('/'))).toEqual(['/claim']);
  });
});
