// What a step has not read makes no difference to it: a part of the state is changed that it did not log as read, and the
// step made again must do the same. An operation that reads something without logging it is found here.
import { expect, it } from 'vitest';
import { operation } from '../../../src/explore/dfs/decision.ts';
import type { DfsRun } from '../../../src/explore/dfs/dfs-run.ts';
import { inMacrotask } from '../../../src/host/index.ts';
import type { Scenario } from '../../../src/scenario/index.ts';
import { World } from '../../../src/scenario/world.ts';
import { AccessLog, type Cell, CellTable, PROCESS_PART } from '../../../src/sim/index.ts';
import { KERNEL } from '../../../src/sim/vfs/caller.ts';
import { LOCKS, PROGRAMS, randomNumbers, runThroughStates } from './walks.ts';

const PERTURBATIONS = 8;
const MOST_STEPS = 60;

/** What a step did, as far as it must not depend on what it did not read. */
interface Effect {
  readonly reads: ReadonlySet<Cell>;
  readonly writes: ReadonlySet<Cell>;
  readonly counts: ReadonlySet<Cell>;
  /** The values of what it wrote, and what its process has learned. */
  readonly values: ReadonlyMap<Cell, string | undefined>;
}

/** A random walk through a scenario that makes each step several times. */
class Walk {
  readonly differences = new Set<string>();
  /** How many parts were changed that a step had not read. */
  tried = 0;
  readonly #log: AccessLog;
  readonly #run: DfsRun;
  readonly #next: () => number;

  constructor(scenario: Scenario, seed: number) {
    this.#log = new AccessLog(new CellTable());
    this.#run = runThroughStates(scenario, this.#log);
    this.#next = randomNumbers(seed);
  }

  go(): void {
    const { scheduler } = this.#run.machine;
    for (let step = 0; step < MOST_STEPS && this.#run.failure === null; step++) {
      const count = scheduler.count();
      const candidate = count === 0 ? 0 : this.#next() % count;
      const back = this.#run.saveAll()!;
      const what = count === 0 ? 'time' : scheduler.candidate(candidate).operation.op;
      const first = this.#execute(candidate);
      if (first === null) return;
      if (what !== 'time') {
        for (let i = 0; i < PERTURBATIONS; i++) {
          back();
          this.#compare(first, candidate, what);
        }
      }
      back();
      this.#execute(candidate);
    }
  }

  #compare(first: Effect, candidate: number, what: string): void {
    const before = this.#run.parts();
    const perturbation = this.#perturb();
    const changed = [...this.#run.parts().differingFrom(before)];
    if (changed.length === 0 || changed.some((cell) => first.reads.has(cell) || first.counts.has(cell)))
      return;
    this.tried++;
    const again = this.#execute(candidate);
    const { cells } = this.#log;
    const namesOf = (all: Iterable<Cell>) => [...all].map((cell) => cells.nameOf(cell)).sort();
    const say = (how: string): void => {
      const parts = namesOf(changed).map((name) => name.replaceAll(/\d+/g, '#'));
      this.differences.add(`${what} ${how} though it has not read ${parts.join()} (${perturbation})`);
    };
    if (again === null) say('is not possible any more');
    else if (namesOf(again.reads).join() !== namesOf(first.reads).join()) say('reads something else');
    else if (namesOf(again.writes).join() !== namesOf(first.writes).join()) say('writes something else');
    else if ([...first.values].some(([cell, value]) => again.values.get(cell) !== value)) {
      say('comes to something else');
    }
  }

  /** `null`: the run is over. */
  #execute(candidate: number): Effect | null {
    const run = this.#run;
    const { happened } = run.execute(operation(candidate));
    if (!happened || run.refusal !== null) return null;
    const { current } = run.machine;
    const own = current?.cell(this.#log.cells, PROCESS_PART.local);
    const [reads, writes, counts] = [this.#log.reads, this.#log.writes, this.#log.counts].map(
      (cells) => new Set(cells),
    );
    const parts = run.parts();
    // In which order names are listed depends on those that were there before.
    const isListing = (cell: Cell): boolean => / names/.test(this.#log.cells.nameOf(cell));
    const written = [...writes!, ...(own === undefined ? [] : [own])].filter((cell) => !isListing(cell));
    const values = new Map(written.map((cell) => [cell, parts.valueOf(cell)]));
    return { reads: reads!, writes: writes!, counts: counts!, values };
  }

  /** Changes something, behind the back of all processes. @returns what */
  #perturb(): string {
    const { machine, world } = this.#run;
    const { fs, table } = machine;
    const paths = ['/', '/d', ...fs.filesUnder('/')];
    const path = paths[this.#next() % paths.length]!;
    const processes = table.all();
    const process = processes[this.#next() % processes.length]!;
    const changes: readonly (readonly [string, () => unknown])[] = [
      ['chmod', () => fs.call(KERNEL, { op: 'chmod', path, mode: 0o741 })],
      ['chown', () => fs.call(KERNEL, { op: 'chown', path, uid: 7, gid: 9 })],
      ['utimes', () => fs.call(KERNEL, { op: 'utimes', path, atimeMs: 1, mtimeMs: 2 })],
      ['overwrite', () => fs.overwrite(path, 'something else')],
      ['create', () => fs.load({ '/d/new': 'new' })],
      ['remove', () => fs.lose(path)],
      ['link', () => fs.call(KERNEL, { op: 'link', from: path, to: '/d/linked' })],
      ['command', () => (process.command = ['another'])],
      ['host name', () => (machine.identity.hostname = 'another')],
      ['wall clock', () => (machine.clocks.wallOffsetMs += 5)],
      ['mark', () => world.marked(process, 'act', {})],
    ];
    const [name, change] = changes[this.#next() % changes.length]!;
    change();
    // That invariants are checked again would be a difference of its own.
    World.happeningsOf(world).changed = false;
    return name;
  }
}

it.each([PROGRAMS, LOCKS])(
  '%s do not depend on what they have not read',
  async (_, scenarios) => {
    const differences = new Set<string>();
    let tried = 0;
    for (const [i, scenario] of scenarios.entries()) {
      await inMacrotask(() => {
        const walk = new Walk(scenario, 1 + i * 7_919);
        walk.go();
        tried += walk.tried;
        for (const difference of walk.differences) differences.add(`${difference}, in ${scenario.id}`);
      });
    }
    expect([...differences]).toEqual([]);
    expect(tried).toBeGreaterThan(1_000);
  },
  600_000,
);
