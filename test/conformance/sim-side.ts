import { drain } from '../../src/host/index.ts';
import {
  type Address,
  isSystemError,
  type Machine,
  type Operation,
  type Program,
} from '../../src/ports/index.ts';
import { hostOf, reaches } from '../../src/sim/base/hosts.ts';
import { type ParkedOperation, SimMachine, type SimProcess } from '../../src/sim/index.ts';
import { isConnection } from '../../src/sim/records/connections.ts';
import { holdersOf } from '../../src/sim/syscalls/listeners.ts';
import { KERNEL } from '../../src/sim/vfs/caller.ts';
import type { FileSystem, Protections } from '../../src/sim/vfs/index.ts';
import { SILENT } from '../sim/silent.ts';
import { PosixFileSystem } from '../sim/vfs/posix.ts';
import { NodeLike } from './node-like.ts';
import type { Spoil } from './odd-values.ts';
import { refusalOf } from './refusal.ts';
import {
  Bindings,
  type Command,
  type Conversation,
  converse,
  type Outcome,
  PASS_MS,
  type Result,
  type Script,
  SHORT_MS,
} from './script.ts';
import { isSingleCall, repeated } from './stream-commands.ts';
import { sensibleStreams } from './stream-rules.ts';
import { treeOfSim } from './tree.ts';
import type { Wrong } from './wrong.ts';

/** What the simulated machine makes of a script: every step that could be taken, and what had come of all by then. */
export interface Plan {
  readonly steps: readonly PlannedStep[];
  readonly tree: unknown;
  readonly listening: readonly string[];
}

export interface PlannedStep {
  /** Which process; -1: the step is the machine's. */
  readonly actor: number;
  readonly command: Command;
  readonly spoil: Spoil | null;
  /** Commands that ended by now: the number of their step and the result. */
  readonly ended: readonly (readonly [step: number, result: Result])[];
  readonly states: readonly SimProcess['state'][];
  /** What the simulation leaves open here, see `real-side.ts`. */
  readonly open: 'gone-client' | null;
}

const idle: Program = ({ clock }) => clock.sleep(1e9);
const exit: Program = async (_, [code]) => Number(code);
const PROGRAMS: ReadonlyMap<string, Program> = new Map([
  ['agent', idle],
  ['idle', idle],
  ['exit', exit],
]);

const CONNECTING: ReadonlySet<string> = new Set(['connect', 'connectStream', 'request']);

const MAX_STEPS = 10_000;

/** In a macrotask, synchronously. */
export function plan(
  script: Script,
  base: string,
  ports: readonly number[],
  protections: Protections,
  wrong: Wrong | null = null,
): Plan {
  const simulated = new Simulated(base, ports, protections, wrong);
  for (const uid of script.users) simulated.start(uid);
  for (const { actor, command, spoil = null } of script.steps) simulated.take(actor, command, spoil);
  return simulated.plan();
}

class Simulated {
  readonly #machine: SimMachine;
  readonly #wrong: Wrong | null;
  readonly #fs: PosixFileSystem;
  readonly #bindings: Bindings;
  readonly #steps: PlannedStep[] = [];
  #ended: [number, Result][] = [];
  /** Whose deadline is near: on a real machine it may pass at any time from now on. */
  #hurried: SimProcess | null = null;

  constructor(base: string, ports: readonly number[], protections: Protections, wrong: Wrong | null) {
    this.#wrong = wrong;
    const seam = (machine: SimMachine): Machine<SimProcess> => {
      const node = new NodeLike(machine);
      return wrong?.decorate?.(node) ?? node;
    };
    this.#machine = new SimMachine({ choose: () => 0 }, PROGRAMS, SILENT, {}, seam);
    const machine = this.#machine as { fs: FileSystem };
    this.#fs = new PosixFileSystem({
      wallMs: () => this.#machine.clocks.wallMs(),
      protections,
      readdirBatch: Number.POSITIVE_INFINITY,
    });
    machine.fs = this.#fs;
    this.#fs.load({ [base]: null });
    this.#fs.chmod(KERNEL, base, 0o777);
    this.#bindings = new Bindings(base, ports);
  }

  start(uid: number): void {
    const process = this.#machine.spawn(['agent'], { parent: null, uid })!;
    this.#bindings.processes.push({ pid: process.pid, startTicks: process.startTicks, program: 'agent' });
    this.#settle();
  }

  take(index: number, command: Command, given: Spoil | null = null): void {
    if (command.op === 'pass') {
      this.#letPass();
      return;
    }
    const all = this.#machine.table.all();
    const actors = all.filter(({ command, state }) => command[0] === 'agent' && state === 'running');
    const process = actors[index % actors.length];
    if (process === undefined) return;
    const actor = all.indexOf(process);
    if (this.#hurried !== null && !this.#mayComeFirst(command)) {
      this.#letPass();
      this.take(index, command, given);
      return;
    }
    const allowed = sensibleStreams(
      { machine: this.#machine, bindings: this.#bindings, process, actor },
      command,
    );
    const sensible = allowed === null ? null : this.#hurry(this.#sensible(actor, allowed));
    if (sensible === null) return;
    // A single call of the operating system is made by no port.
    const spoil = isSingleCall(sensible) ? null : given;
    const step = this.#steps.length;
    const open = this.#openTo(process, actor, sensible);
    this.#continue(process, step, converse(this.#bindings, actor, sensible, spoil), undefined);
    this.#settle();
    const waits = !this.#ended.some(([of]) => of === step);
    if (waits && 'short' in sensible && sensible.short) this.#hurried = process;
    this.#record(actor, sensible, open, spoil);
  }

  /** Before a deadline that is near only its owner may be stopped, and then whatever does not let it go on. */
  #mayComeFirst(command: Command): boolean {
    const hurried = this.#hurried!;
    const all = this.#machine.table.all();
    const strikes = command.op === 'kill' && command.who >= 0 && all[command.who % all.length] === hurried;
    if (hurried.state === 'stopped') return !strikes && !CONNECTING.has(command.op);
    return strikes && command.signal === 'SIGSTOP';
  }

  /** With a full backlog of a stopped listener, waits are short, since the time would depend on retries. */
  #hurry(command: Command | null): Command | null {
    if (command === null || !('short' in command) || 'path' in command.to) return command;
    const to = this.#bindings.address(command.to, 'learned') as Address & { kind: 'tcp' };
    const isFull = this.#machine.listeners
      .onPort('host', to.tcpPort)
      .some(
        ({ host, isServed, backlog, backlogged }) =>
          reaches(hostOf(to.host)!, host!) && !isServed && backlogged > backlog,
      );
    return isFull ? { ...command, short: true } : command;
  }

  #letPass(): void {
    this.#hurried = null;
    this.#pass();
    this.#record(-1, { op: 'pass' }, null, null);
  }

  plan(): Plan {
    const tree = treeOfSim(this.#fs, this.#bindings.base);
    const listening = this.#bindings.ports.flatMap((port) =>
      holdersOf(this.#machine, 'host', port).map(
        ({ pid, uid, host }) =>
          `${port} ${pid === null ? 'hidden' : this.#bindings.name(pid)} ${uid} ${host}`,
      ),
    );
    return { steps: this.#steps, tree, listening: listening.sort() };
  }

  /** What must not be done to a real machine is not planned: signals to PIDs that may be a stranger's by then. */
  #sensible(actor: number, command: Command): Command | null {
    if (command.op !== 'kill') return command;
    const all = this.#machine.table.all();
    if (command.who < 0) return { ...command, signal: 0, group: false, exact: null };
    const target = all[command.who % all.length]!;
    const exists = command.group
      ? all.some(({ pgid, state }) => pgid === target.pid && state !== 'gone')
      : target.state !== 'gone';
    if (!exists) return { ...command, signal: 0, exact: null };
    // The default of these differs where the child is no Node process.
    const others = all.some(
      (process) =>
        process.command[0] !== 'agent' &&
        (process === target || (command.group && process.pgid === target.pid)),
    );
    if (others && (command.signal === 'SIGUSR1' || command.signal === 'SIGPIPE')) return null;
    // A process that stops itself does not answer in the meantime; whether before is a race.
    const self = all[actor]!;
    const hitsSelf = target === self || (command.group && self.pgid === target.pid);
    return hitsSelf && command.signal !== 0 && command.signal !== 'SIGCONT' ? null : command;
  }

  #openTo(process: SimProcess, actor: number, command: Command): PlannedStep['open'] {
    if (command.op !== 'answer') return null;
    const [request = -1] = this.#bindings.requests(actor);
    const connection = process.requests?.get(request);
    if (!isConnection(connection) || connection.closed) return null;
    const { client, isGone } = connection;
    // The real one may be too slow for a short deadline.
    const deadlineMs = (client as ParkedOperation<'request'>).operation?.timeoutMs;
    return isGone || deadlineMs === SHORT_MS ? 'gone-client' : null;
  }

  #continue(process: SimProcess, step: number, conversation: Conversation, outcome: unknown): void {
    const { value, done } = conversation.next(outcome as never);
    if (done === true) {
      this.#ended.push([step, value]);
      return;
    }
    const code = refusalOf(value, this.#wrong?.unchecked ?? null);
    if (code !== null) {
      this.#continue(process, step, conversation, { code });
      return;
    }
    this.#machine.current = process;
    const { now = null, ...operation } = value;
    if (now !== null) {
      const call = (): Outcome => this.#atOnce(process, operation as Operation);
      const outcome = now === 'once' ? call() : { value: repeated(call) };
      this.#continue(process, step, conversation, outcome);
      return;
    }
    this.#machine.seam.execute(
      process,
      operation as Operation,
      (value: unknown) => this.#continue(process, step, conversation, { value }),
      ({ code }) => this.#continue(process, step, conversation, { code }),
    );
  }

  #atOnce(process: SimProcess, operation: Operation): Outcome {
    try {
      return { value: this.#machine.executeNow(process, operation) };
    } catch (error) {
      if (!isSystemError(error)) throw error;
      return { code: error.code };
    }
  }

  /** Until nothing more happens unless time passes. */
  #settle(): void {
    const machine = this.#machine;
    drain();
    for (let steps = 0; machine.scheduler.count() > 0; steps++) {
      if (steps > MAX_STEPS) throw new Error('the simulation does not come to rest');
      machine.step();
      drain();
      machine.settled();
    }
    if (machine.halt !== null) throw new Error(machine.halt.message);
  }

  #pass(): void {
    const machine = this.#machine;
    machine.endUs = machine.nowUs + PASS_MS * 1000;
    for (;;) {
      this.#settle();
      if (!machine.step()) break;
      drain();
      machine.settled();
    }
    machine.clocks.nowUs = Math.max(machine.nowUs, machine.endUs);
    machine.endUs = Number.POSITIVE_INFINITY;
  }

  #record(actor: number, command: Command, open: PlannedStep['open'], spoil: Spoil | null): void {
    const states = this.#machine.table.all().map(({ state }) => state);
    this.#steps.push({ actor, command, spoil, ended: this.#ended, states, open });
    this.#ended = [];
  }
}
