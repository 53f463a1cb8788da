/** Runs a schedule in the simulation, and records what each real process will have to do. */
import type { Operation } from '../../ports/index.ts';
import {
  executeOne,
  type Failure,
  ReplayedChoices,
  Run,
  type Schedule,
  type TraceEvent,
  traceHash,
} from '../../run/index.ts';
import type { RunListener } from '../../run/observer.ts';
import type { Scenario } from '../../scenario/index.ts';
import { isListener, type ParkedOperation, type SimProcess, WAITS } from '../../sim/index.ts';
import {
  CHANGE_FILES,
  type ListeningProcess,
  type PerformEvent,
  plain,
  type Script,
  type ScriptEvent,
  type Tree,
} from '../script.ts';
import { type Happening, identityOf, resultOf, startOf } from './happenings.ts';
import { withHolds } from './holds.ts';
import { treeOfSim } from './sim-tree.ts';
import { watchAsking } from './watch-asking.ts';

/** A recorded run. */
export interface Recorded {
  readonly script: Script;
  readonly run: Run;
  readonly failure: Failure | null;
  readonly traceHash: string;
}

/** Records a run. Its trace is that of the run without recording. */
export async function recordScript(scenario: Scenario, schedule: Schedule): Promise<Recorded> {
  const trace: TraceEvent[] = [];
  const run = new RecordedRun(scenario, schedule, trace);
  const failure = await executeOne(run);
  return { script: run.script(), run, failure, traceHash: traceHash(trace) };
}

class RecordedRun extends Run {
  readonly #events: ScriptEvent[];
  readonly #before: Tree;
  readonly #begun = new Set<SimProcess>();
  readonly #states = new Map<SimProcess, SimProcess['state']>();
  #tree: string;
  #blockedBy: string | null = null;

  constructor(scenario: Scenario, schedule: Schedule, trace: TraceEvent[]) {
    // Processes start while the run is made.
    const early: Happening[] = [];
    let record = (event: Happening): void => void early.push(event);
    let spawning = false;
    const listener: RunListener = {
      started: (process) => record(startOf(process, spawning)),
      ended: (process) => {
        if (process === this.machine.current && process.exitSignal === null) this.#begins(process);
        const { name, exitCode: code, exitSignal: signal, crash } = process;
        record({ kind: 'end', process: name, code, signal, crashed: crash !== undefined });
      },
      signalled: (sender, { name }, signal) =>
        record({ kind: 'signal', sender: sender?.name ?? null, process: name, signal }),
      struck: ({ fault, detail }) => record({ kind: 'fault', fault, detail, ...this.#changedTree() }),
    };
    super(scenario, new ReplayedChoices(schedule), { trace, listener });
    const { machine } = this;
    this.#events = [];
    this.#before = treeOfSim(machine.fs);
    this.#tree = JSON.stringify(this.#before);
    record = (event) => this.#record(event);
    for (const event of early) record(event);
    machine.onResult = ({ process, ordinal, operation }, result) =>
      record({
        kind: 'deliver',
        process: process.name,
        ordinal,
        operation: plain(operation),
        result: resultOf(result),
      });
    machine.recorder = {
      performs: (parked, operation, act) => {
        spawning = operation.op === 'spawn';
        try {
          return this.#performs(parked, operation, act);
        } finally {
          spawning = false;
        }
      },
    };
    watchAsking(machine, {
      record: (event) => this.#record(event),
      begins: (process) => this.#begins(process),
      blocks: (op) => {
        this.#blockedBy ??= op;
      },
    });
  }

  override settled(): void {
    const { current, table } = this.machine;
    if (current?.alive && current.program !== null) this.#begins(current);
    super.settled();
    for (const process of table.all()) {
      const { name, state } = process;
      if ((this.#states.get(process) ?? 'running') === state) continue;
      this.#states.set(process, state);
      this.#record({ kind: 'state', process: name, state });
    }
  }

  script(): Script {
    const { machine, scenario } = this;
    return {
      scenario: scenario.id,
      events: withHolds(this.#events),
      before: this.#before,
      after: treeOfSim(machine.fs),
      listening: machine.listeners.all().flatMap(({ address, network, holders }): ListeningProcess[] =>
        address.kind === 'unix'
          ? []
          : holders.map(({ name }) => ({
              ...{ tcpPort: address.tcpPort, network, host: address.host, process: name },
            })),
      ),
      steps: machine.scheduler.steps,
      blockedBy: this.#blockedBy,
    };
  }

  #record(event: Happening): ScriptEvent {
    const { machine } = this;
    const recorded = {
      ...event,
      step: machine.scheduler.steps,
      atMs: machine.nowUs / 1000,
    } as ScriptEvent;
    this.#events.push(recorded);
    return recorded;
  }

  /** Its first step is that it begins; what it asks for in it comes after. */
  #begins(process: SimProcess): void {
    if (this.#begun.has(process)) return;
    this.#begun.add(process);
    this.#record({ kind: 'begin', process: process.name, identity: identityOf(process) });
  }

  #performs(parked: ParkedOperation, operation: Operation, act: () => unknown): unknown {
    const { process, ordinal } = parked;
    const event = this.#record({
      kind: 'perform',
      ...{
        process: process.name,
        ordinal,
        operation: plain(operation),
        result: { waits: true },
        ended: false,
      },
    }) as PerformEvent;
    const result = act();
    event.result = resultOf(result);
    event.ended = !process.alive;
    if (operation.op === 'request' && result === WAITS) {
      const servers = this.#serversOf(parked);
      if (servers !== null) event.servers = servers;
    }
    if (CHANGE_FILES.has(operation.op)) Object.assign(event, this.#changedTree());
    return result;
  }

  /** The running processes that may accept a request; `null`: it is in no queue. */
  #serversOf(parked: ParkedOperation): string[] | null {
    const listener = this.machine.listeners
      .all()
      .find(({ queue }) => queue.some((waiting) => 'client' in waiting && waiting.client === parked));
    if (listener === undefined || !isListener(listener)) return null;
    return listener.servers.filter(({ state }) => state === 'running').map(({ name }) => name);
  }

  #changedTree(): { tree?: Tree } {
    const tree = treeOfSim(this.machine.fs);
    const text = JSON.stringify(tree);
    if (text === this.#tree) return {};
    this.#tree = text;
    return { tree };
  }
}
