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
import type { Choices, EnabledSet } from '../../src/sim/index.ts';
import { NAIVE } from '../../src/systems/naive/scenarios.ts';
import { scenarioOf } from '../check/helpers.ts';

const [coldStart] = NAIVE;
const named = STRATEGIES.map((strategy) => [strategy.name, strategy] as const);
/** Names of operations: of these, only writes conflict, with one another. */
const WRITE = 'write /a';
const LOOK = 'stat /a';
const CONFLICTS: NonNullable<Estimates['profile']> = {
  steps: [],
  operations: new Map([
    [WRITE, { times: [], changes: true, conflicts: new Set([WRITE]) }],
    [LOOK, { times: [], changes: false, conflicts: new Set() }],
  ]),
  contestedChoices: 0,
};

interface Parked {
  readonly process: number;
  readonly sequence: number;
  readonly name: string;
}

/** Processes that each ask for their operations one after the other: a machine without a machine. */
class Table implements EnabledSet {
  readonly order: number[] = [];
  readonly #scripts: readonly (readonly string[])[];
  readonly #at: number[];
  readonly #sequences: number[];
  #sequence = 0;
  #parked: Parked[] | null = null;

  constructor(scripts: readonly (readonly string[])[]) {
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
      const name = script[this.#at[process]!];
      return name === undefined ? [] : [{ process, sequence: this.#sequences[process]!, name }];
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

  nameOf(i: number): string {
    return this.parked[i]!.name;
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
const play = (strategy: Strategy, seed: number, scripts: readonly (readonly string[])[], hints: Estimates) =>
  new Table(scripts).play(strategy.choices(seed, hints));
const times = (n: number, name: string): string[] => Array.from({ length: n }, () => name);
const HINTS: Estimates = { choices: 12, profile: CONFLICTS };
const switchesOf = (order: readonly number[]) =>
  order.filter((who, i) => i > 0 && order[i - 1] !== who).length;

describe('every strategy', () => {
  it.each(named)('%s makes the same choices from the same seed', (_, strategy) => {
    const scripts = [times(5, WRITE), times(5, WRITE), times(5, LOOK)];
    for (let seed = 0; seed < 20; seed++) {
      expect(play(strategy, seed, scripts, HINTS)).toEqual(play(strategy, seed, scripts, HINTS));
    }
  });

  it.each(named)('%s lets every process be the first, and the last', (_, strategy) => {
    const scripts = Array.from({ length: 4 }, () => times(3, WRITE));
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
  const scripts = [times(6, LOOK), times(6, LOOK), times(6, LOOK)];

  it('switches only at change points, and when a process has nothing to do', () => {
    for (let seed = 0; seed < 100; seed++) {
      const order = play(pct, seed, scripts, HINTS);
      // Two processes end before the last one, and each of four points costs at most one switch away and none back.
      expect(switchesOf(order)).toBeLessThanOrEqual(2 + 4);
    }
  });

  it('keeps a process that has fallen below all others', () => {
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

  it('puts a process that falls later below those that fell before', () => {
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

  it('has change points only at contested resources in some runs, if it knows them', () => {
    const profile = { ...CONFLICTS, steps: [6, 6], contestedChoices: 1 };
    const script = [...times(5, LOOK), WRITE];
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
  const waits = (name: string): number => {
    let before = 0;
    for (let seed = 0; seed < 4_000; seed++) {
      const order = play(pos, seed, [times(2, name), [name]], HINTS);
      if (order[0] === 0 && order[1] === 0) before++;
    }
    return before / 4_000;
  };

  it('keeps the priority of an operation: one that has lost once is likely to lose again', () => {
    // The highest of two, and then of a new one and the lower of the two: 1/3 for each of the three.
    expect(waits(LOOK)).toBeCloseTo(1 / 3, 1);
    expect(waits('an operation that the first runs did not have')).toBeCloseTo(1 / 3, 1);
  });

  it('draws again after a conflict: then the chances are even', () => {
    expect(waits(WRITE)).toBeCloseTo(1 / 4, 1);
    expect(waits(WRITE)).toBeLessThan(waits(LOOK) - 0.04);
  });
});

describe('SURW', () => {
  const surw = strategyOf('surw');
  const writes = (each: readonly number[]): NonNullable<Estimates['profile']> => ({
    ...CONFLICTS,
    operations: new Map([
      [WRITE, { times: each, changes: true, conflicts: new Set([WRITE]) }],
      [LOOK, { times: [], changes: false, conflicts: new Set() }],
    ]),
  });

  it('makes all interleavings on one resource equally likely, independent of other operations', () => {
    const lock = WRITE;
    const hints = { choices: 20, profile: { ...writes([2, 1]), steps: [22, 2] } };
    const counts = new Map<string, number>();
    const scripts = [
      [...times(10, LOOK), lock, ...times(10, LOOK), lock],
      [LOOK, lock],
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

  it('chooses a process less often as its operations are used up, so that processes overlap', () => {
    const lock = WRITE;
    const hints = { choices: 8, profile: { ...writes([4, 4]), steps: [4, 4] } };
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
  it('gives every process the same number of consecutive steps', () => {
    const scripts = [times(30, LOOK), times(30, LOOK), times(30, LOOK)];
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
  it('makes the choices of its schedule in every run', async () => {
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
  it('gives each member its turns in every round, in a different order', () => {
    const names = (from: number) =>
      Array.from({ length: 10 }, (_, i) => DEFAULT_STRATEGY.memberOf!(from + i).name);
    const first = names(0);
    expect(new Set(first)).toEqual(new Set(STRATEGIES.slice(1).map(({ name }) => name)));
    expect(names(10).toSorted()).toEqual(first.toSorted());
    expect(new Set(Array.from({ length: 20 }, (_, round) => names(round * 10).join())).size).toBeGreaterThan(
      3,
    );
  });

  it('reports which member has found what', async () => {
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
  it('show which operations conflict, and how often each process performs them', async () => {
    const { choices, profile } = (await estimatesOf(coldStart!, undefined))!;
    expect(choices).toBeGreaterThan(10);
    const write = profile!.operations.get('write /state/lock null')!;
    expect(write.changes).toBe(true);
    expect(write.conflicts.has('read /state/lock # null')).toBe(true);
    expect(write.times.filter((count) => count > 0).length).toBeGreaterThan(1);
    expect(profile!.contestedChoices).toBeGreaterThan(1);
    expect(profile!.steps.reduce((sum, count) => sum + (count ?? 0), 0)).toBeGreaterThan(choices - 1);
    expect(await estimatesOf(coldStart!, undefined)).toEqual({ choices, profile });
  });

  it('show no conflict where files are only read, or used by one process', async () => {
    const scenario = scenarioOf(
      {
        daemon: async ({ fs, process }) => {
          const { pid } = await process.self();
          await fs.readFile('/config');
          await fs.writeFile(`/own-${pid}`, '1');
          await fs.writeFile('/claim', `${pid}`);
          await fs.readFile('/claim');
        },
      },
      { start: [{ program: 'daemon', count: 3 }], machine: { files: { '/config': 'x' } } },
    );
    const { profile } = (await estimatesOf(scenario, undefined))!;
    const contested = [...profile!.operations].filter(([, { conflicts }]) => conflicts.size > 0);
    const paths = new Set(contested.map(([name]) => name.split(' ')[1]));
    expect([...paths]).toEqual(['/claim']);
    expect(profile!.operations.get('read /config # null')).toMatchObject({ changes: false });
  });
});
