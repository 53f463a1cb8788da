// Each step of a run logs what it reads and writes. A part of the state that changes without having been written would let
// explore leave out orders of operations that make a difference.
import { describe, expect, it } from 'vitest';
import { executeAll, Run } from '../../src/run/index.ts';
import type { Scenario } from '../../src/scenario/index.ts';
import {
  AccessLog,
  CellTable,
  type ChoiceKind,
  type Choices,
  logAccesses,
  PROCESS_PART,
  StateParts,
} from '../../src/sim/index.ts';
import { SCENARIOS } from '../../src/systems/index.ts';

/** Of each scenario. */
const RUNS = 2;
const MOST_STEPS = 250;

/** Random choices, with more faults and jumps of time than usual. */
class RandomChoices implements Choices {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  choose(n: number, kind: ChoiceKind): number {
    if (kind === 'absent') return 0;
    if ((kind === 'fault' || kind === 'time') && this.#next() % 12 !== 0) return 0;
    return this.#next() % n;
  }

  #next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state >>> 3;
  }
}

/** A run that compares its state before and after each step with what the step has logged. */
class WatchedRun extends Run {
  /** What changed without having been written: the part, and what the step did. */
  readonly unlogged = new Set<string>();
  steps = 0;
  changes = 0;
  readonly #log = new AccessLog(new CellTable());
  #before: StateParts;

  constructor(scenario: Scenario, seed: number) {
    super(asExplored(scenario), new RandomChoices(seed));
    super.settled();
    this.machine.fireDue();
    this.#before = this.#parts();
  }

  override step(): boolean {
    if (this.steps >= MOST_STEPS) return false;
    this.#log.clear();
    logAccesses(this.#log);
    const goesOn = super.step();
    if (!goesOn) logAccesses(null);
    return goesOn;
  }

  override settled(): void {
    super.settled();
    this.machine.fireDue();
    logAccesses(null);
    this.steps++;
    this.#compare();
  }

  override finish() {
    logAccesses(null);
    return this.failure;
  }

  #compare(): void {
    const after = this.#parts();
    const { current } = this.machine;
    const { cells, writes, counts } = this.#log;
    const own = current?.cell(cells, PROCESS_PART.local);
    for (const cell of after.differingFrom(this.#before)) {
      this.changes++;
      if (cell === own || writes.has(cell) || counts.has(cell)) continue;
      const name = cells.nameOf(cell);
      // A listing that nothing has asked for before.
      if (name.includes(' names from ') && !this.#before.has(cell)) continue;
      // A record that is new or gone has no state to be taken for another.
      if (!hasRecord(this.#before, name) || !hasRecord(after, name)) continue;
      this.unlogged.add(`${name}, in a step of ${current?.name ?? 'time or a fault'}`);
    }
    this.#before = after;
  }

  #parts(): StateParts {
    const parts = new StateParts(this.#log.cells);
    this.visit(parts, () => null);
    return parts;
  }
}

/** As explore has it: no number of an inode is used for two, and a directory is read in one step. */
function asExplored(scenario: Scenario): Scenario {
  const machine = {
    ...scenario.machine,
    inodes: 'by-creator',
    readdirBatch: Number.POSITIVE_INFINITY,
  } as const;
  return { ...scenario, machine };
}

/** Whether the record of a part is there: an inode, a process, a listener. */
function hasRecord(parts: StateParts, name: string): boolean {
  const record = /^(?:inode|process|listener) \S+ /.exec(name)?.[0];
  return record === undefined || parts.cellNames().some((each) => each.startsWith(record));
}

async function watched(scenario: Scenario): Promise<WatchedRun[]> {
  const runs: WatchedRun[] = [];
  const next = (): Run | null => {
    if (runs.length === RUNS) return null;
    const run = new WatchedRun(scenario, 1 + runs.length * 7_919);
    runs.push(run);
    return run;
  };
  await executeAll(next, () => {});
  return runs;
}

const systems = [...new Set(SCENARIOS.map(({ id }) => id.split('/')[0]!))];

describe('every part of the state that a step changes is logged as written', () => {
  it.each(systems)(
    'in all scenarios of %s',
    async (system) => {
      const unlogged = new Set<string>();
      let changes = 0;
      for (const scenario of SCENARIOS.filter(({ id }) => id.startsWith(`${system}/`))) {
        for (const run of await watched(scenario)) {
          changes += run.changes;
          for (const each of run.unlogged) unlogged.add(`${each} (${scenario.id})`);
        }
      }
      expect([...unlogged]).toEqual([]);
      expect(changes).toBeGreaterThan(100);
    },
    600_000,
  );
});

describe('the comparison', () => {
  it('notices a part that changes unseen', async () => {
    const scenario = SCENARIOS.find(({ id }) => id === 'model/lock/cold-start')!;
    class Careless extends WatchedRun {
      override settled(): void {
        const before = logAccesses(null);
        if (this.steps === 5) this.machine.identity.hostname = 'another';
        logAccesses(before);
        super.settled();
      }
    }
    const run = new Careless(scenario, 1);
    let pending: Run | null = run;
    await executeAll(
      () => {
        const next = pending;
        pending = null;
        return next;
      },
      () => {},
    );
    expect([...run.unlogged].join()).toContain('host name');
  });
});
