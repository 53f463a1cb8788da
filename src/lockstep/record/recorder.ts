/** Runs a schedule in the simulation, and records what each real process will have to do. */
import type { Operation, Pending, Reject, Resolve } from '../../ports/index.ts';
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
import {
  FIRST_PID_NAMESPACE,
  isErrno,
  isListener,
  type ParkedOperation,
  parentPid,
  type SimProcess,
  WAITS,
} from '../../sim/index.ts';
import {
  CHANGE_FILES,
  type Identity,
  type ListeningProcess,
  type PerformEvent,
  plain,
  type Result,
  type Script,
  type ScriptEvent,
  type Tree,
} from '../script.ts';
import { withHolds } from './holds.ts';
import { treeOfSim } from './sim-tree.ts';

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

/** A {@link ScriptEvent} without the time. */
type Happening = ScriptEvent extends infer Event
  ? Event extends ScriptEvent
    ? Omit<Event, 'step' | 'atMs'>
    : never
  : never;

class RecordedRun extends Run {
  readonly #events: ScriptEvent[];
  readonly #before: Tree;
  readonly #begun = new Set<SimProcess>();
  readonly #states = new Map<SimProcess, SimProcess['state']>();
  #tree: string;
  #isNow = false;
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
    this.#watchAsking();
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

  /** What a program asks for, withdraws and looks at passes here. */
  #watchAsking(): void {
    const { machine } = this;
    const execute = machine.execute.bind(machine);
    machine.execute = (
      process: SimProcess,
      operation: Operation,
      resolve: Resolve,
      reject: Reject,
    ): Pending => {
      if (!process.alive) return execute(process, operation, resolve, reject);
      this.#begins(process);
      const { name } = process;
      const ordinal = process.asked;
      if (operation.op === 'mark')
        this.#record({
          kind: 'mark',
          process: name,
          name: operation.name,
          data: plain(operation.data),
        } as Happening);
      else {
        const now = this.#isNow && ({ now: true } as const);
        this.#record({ kind: 'ask', process: name, ordinal, operation: plain(operation), ...now });
      }
      const pending = execute(process, operation, resolve, reject) as ParkedOperation;
      const cancel = pending.cancel.bind(pending);
      pending.cancel = () => {
        if (process.alive && pending.state !== 'settled')
          this.#record({ kind: 'cancel', process: name, ordinal });
        cancel();
      };
      return pending;
    };
    this.#watchSynchronous();
    const readClock = machine.readClock.bind(machine);
    machine.readClock = (process, which) => {
      this.#begins(process);
      const value = readClock(process, which);
      this.#record({ kind: 'look', process: process.name, at: which, value });
      return value;
    };
    const randomHex = machine.randomHex.bind(machine);
    machine.randomHex = (process, bytes) => {
      this.#begins(process);
      const value = randomHex(process, bytes);
      this.#record({ kind: 'look', process: process.name, at: `random ${bytes}`, value });
      return value;
    };
  }

  /** Calls for which a program waits in the midst of its code. */
  #watchSynchronous(): void {
    const { machine } = this;
    const executeNow = machine.executeNow.bind(machine);
    machine.executeNow = (process, operation) => this.#asNow(() => executeNow(process, operation));
    const preempts = machine.preempts.bind(machine);
    let isPreempted = false;
    machine.preempts = (process, operation) => {
      isPreempted = preempts(process, operation);
      return isPreempted;
    };
    const executeApart = machine.executeApart.bind(machine);
    machine.executeApart = (process, operation, resolve, reject) => {
      if (!isPreempted) this.#blockedBy ??= operation.op;
      isPreempted = false;
      return this.#asNow(() => executeApart(process, operation, resolve, reject));
    };
  }

  #asNow<T>(act: () => T): T {
    this.#isNow = true;
    try {
      return act();
    } finally {
      this.#isNow = false;
    }
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

function identityOf(process: SimProcess): Identity {
  const { name, pid, uid, gid, command, cwd, umask, env, fds } = process;
  return {
    ...{ name, pid, ppid: parentPid(process), uid, gid, command: [...command], cwd, umask, env: { ...env } },
    descriptors: [...fds.keys()],
  };
}

function startOf(process: SimProcess, spawned: boolean): Happening {
  const { name, pid, startTicks, uid, parent, command, program, pidNamespace, network } = process;
  return {
    kind: 'start',
    ...{ process: name, pid, startTicks, uid, parent: parent?.name ?? null, command: [...command] },
    ...{ inert: program === null, spawned, network },
    container: pidNamespace === FIRST_PID_NAMESPACE ? null : pidNamespace,
  };
}

function resultOf(result: unknown): Result {
  if (result === WAITS) return { waits: true };
  return isErrno(result) ? { code: result.code } : { value: plain(result) };
}
