/**
 * Starts the processes of a scenario: which of them a run has, when each starts, and which start again after a reboot.
 * Whether an optional process is left out is a choice of the schedule.
 */
import type { Container } from '../scenario/containers.ts';
import type { Scenario, Start } from '../scenario/options.ts';
import type { SimMachine, SimProcess, Slot } from '../sim/index.ts';
import { Planned } from './planned.ts';

/** The starts of one run. */
export class StartPlan {
  /** How many processes each entry of `start` has started, in order. */
  readonly started: number[];
  /** Required processes that exist but are never scheduled. Only shrinking makes use of this. */
  readonly idle: string[] = [];
  /** Processes of optional starts that this run does not have. */
  readonly leftOut: string[] = [];
  readonly #machine: SimMachine;
  readonly #scenario: Scenario;
  readonly #containers: ReadonlyMap<string, Container>;
  /** The PID namespaces of the programs that are started; other programs cannot be a parent. */
  readonly #namespaces = new Map<string, string | undefined>();
  /** When the first idle process started, in simulated microseconds. */
  #idleSinceUs = Number.POSITIVE_INFINITY;
  /** How many more may be left out: at least one process of the system always runs. */
  #mayBeLeftOut = -1;

  constructor(machine: SimMachine, scenario: Scenario, containers: ReadonlyMap<string, Container>) {
    const { start } = scenario;
    this.#machine = machine;
    this.#scenario = scenario;
    this.#containers = containers;
    this.started = start.map(() => 0);
    for (const { foreign, count = 1 } of start) if (!foreign) this.#mayBeLeftOut += count;
  }

  /** Plans every start, and starts what is due immediately. Call it once. */
  begin(): void {
    const { start } = this.#scenario;
    for (const { pid, pidNamespace } of start) {
      if (pid !== undefined && pidNamespace !== undefined) this.#machine.table.setAside(pid, pidNamespace);
    }
    for (const [entry, each] of start.entries()) this.#schedule(each, entry);
  }

  /** After a reboot, plans the starts with `atBoot`. */
  beginAgain(): void {
    for (const start of this.#scenario.start) if (start.atBoot) this.#startAgain(start);
  }

  /**
   * Whether the scenario allows processes to be as slow as the idle ones, which never ran: the time since they started, without
   * the duration of operations, is within the time that may pass although a process could continue.
   */
  get idleIsSlow(): boolean {
    if (this.idle.length === 0) return true;
    const { nowUs, scheduler, busyMs, operationUs } = this.#machine;
    return nowUs - this.#idleSinceUs - scheduler.steps * operationUs <= busyMs * 1_000;
  }

  /** Returns a function that restores the current counts. */
  save(): () => void {
    const started = this.started.slice();
    return () => {
      for (const [entry, begun] of started.entries()) this.started[entry] = begun;
    };
  }

  #schedule(start: Start, entry: number): void {
    const machine = this.#machine;
    const { program, parent, pid, optional = false, foreign = false, count = 1 } = start;
    const pidNamespace = start.pidNamespace ?? this.#namespaces.get(parent ?? '');
    for (let i = 0; i < count; i++) {
      // A process that is left out leaves a gap, so that the others keep their names and PIDs.
      const slot = machine.table.reserve(program, pidNamespace, pid);
      if (parent !== undefined && !this.#namespaces.has(parent)) {
        if (!foreign) this.#mayBeLeftOut--;
        continue;
      }
      if (optional && this.#leavesOut('optional')) {
        this.leftOut.push(slot.name);
        continue;
      }
      const idle = !optional && !foreign && start.phase !== 'settle' && this.#leavesOut('absent');
      if (idle) this.idle.push(slot.name);
      this.#namespaces.set(program, pidNamespace);
      const begin = (): void => {
        if (!this.#begin(start, slot, idle)) return;
        this.started[entry]!++;
        if (idle) this.#idleSinceUs = Math.min(this.#idleSinceUs, machine.nowUs);
      };
      const atMs = (start.atMs ?? 0) + (start.phase === 'settle' ? this.#scenario.faultsForMs : 0);
      if (atMs === 0) begin();
      else machine.timers.set(atMs * 1000, new Planned(`start ${slot.name}`, begin));
    }
  }

  #leavesOut(concern: 'optional' | 'absent'): boolean {
    if (this.#mayBeLeftOut === 0 || this.#machine.choices.choose(2, concern) === 0) return false;
    this.#mayBeLeftOut--;
    return true;
  }

  #startAgain(start: Start): void {
    const machine = this.#machine;
    const { program, pidNamespace, pid, atMs = 0, count = 1 } = start;
    for (let i = 0; i < count; i++) {
      const slot = pid === undefined ? undefined : machine.table.reserve(program, pidNamespace, pid);
      const begin = (): void => void this.#begin(start, slot);
      machine.timers.set(machine.nowUs + atMs * 1000, new Planned(`start ${slot?.name ?? program}`, begin));
    }
  }

  /**
   * `false` if its parent has ended, or if there are too many processes.
   *
   * @param idle it exists, but is never scheduled
   */
  #begin(start: Start, slot?: Slot, idle = false): boolean {
    const { program, argv = [], uid = 0, foreign = false, wallOffsetMs = 0, pidNamespace, subreaper } = start;
    const parent = start.parent === undefined ? null : this.#oldest(start.parent);
    if (parent === undefined) return false;
    const container = this.#containers.get(pidNamespace ?? '');
    const process = this.#machine.spawn([program, ...argv], {
      parent,
      uid,
      foreign,
      slot,
      pidNamespace,
      hostname: start.hostname ?? container?.hostname,
      network: start.network ?? container?.network,
      subreaper,
      reaps: subreaper,
      unawaited: true,
      inert: idle,
    });
    if (process !== null) process.wallOffsetMs = wallOffsetMs;
    return process !== null;
  }

  #oldest(program: string): SimProcess | undefined {
    // Setting its title changes the command of a process, but not its name.
    return this.#machine.table.all().find(({ name, alive }) => alive && name.startsWith(`${program}#`));
  }
}
