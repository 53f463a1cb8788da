/**
 * Drives real processes through a recorded run, one event after the other: lets them begin, grants each operation when it happens in the
 * simulation, sends real signals, and compares what comes of it. Programs get the simulated results.
 */
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Operation, OperationName } from '../../ports/index.ts';
import { CHANGE_FILES, type EventOf, type PerformEvent, plain, type ScriptEvent } from '../script.ts';
import { Comparison } from './compare.ts';
import { Difference, NotStarted, Refusal } from './difference.ts';
import { FileFaults } from './file-faults.ts';
import { Hub } from './hub.ts';
import { compareListening, listeningNow } from './listening.ts';
import type { Member } from './member.ts';
import { Names } from './names.ts';
import type { Plan, RealEnd, RealEvent, Report } from './plan.ts';
import { plant } from './plant.ts';
import { hasEnded } from './proc.ts';
import { RunFiles } from './run-files.ts';
import { Sabotage } from './sabotage.ts';
import { Starter } from './start.ts';
import { States } from './watch-states.ts';

/** They are the schedule's: a real process never waits, and never looks at a clock. */
const BY_SCHEDULE: ReadonlySet<OperationName> = new Set<OperationName>([
  'sleep',
  'clock',
  'random',
  'readdir',
]);
/** These connect within a time that the schedule measures. */
const CONNECTING: ReadonlySet<OperationName> = new Set<OperationName>([
  'request',
  'connect',
  'connectStream',
]);
const ENDED_WITHIN_MS = 10_000;

/** Never fails: what goes wrong is in the report. */
export async function coordinate(plan: Plan): Promise<Report> {
  const coordinator = new Coordinator(plan);
  try {
    const end = await coordinator.run();
    return coordinator.report({ outcome: 'reproduced', end });
  } catch (error) {
    if (error instanceof Refusal) return coordinator.report({ outcome: 'refused', reason: error.message });
    if (error instanceof NotStarted)
      return coordinator.report({ outcome: 'not started', reason: error.message });
    if (!(error instanceof Difference)) throw error;
    const { what, event, simulated, real } = error;
    const difference = {
      ...{ step: event.step, process: event.process ?? null, what },
      ...{ simulated: plain(simulated), real: plain(real) },
    };
    return coordinator.report({ outcome: 'differs', difference });
  } finally {
    await coordinator.end();
  }
}

class Coordinator {
  readonly #plan: Plan;
  readonly #names: Names;
  readonly #hub: Hub;
  readonly #starter: Starter;
  readonly #states: States;
  readonly #comparison: Comparison;
  readonly #fileFaults: FileFaults;
  readonly #files: RunFiles;
  readonly #sabotage: Sabotage;
  readonly #events: RealEvent[] = [];
  readonly #allowances: Record<string, number> = {};
  readonly #startedMs = performance.now();
  #comparisons = 0;
  #spawner: { member: Member; pid: number; cwd: string | undefined } | null = null;

  constructor(plan: Plan) {
    this.#plan = plan;
    const allow = (what: string): void => {
      this.#allowances[what] = (this.#allowances[what] ?? 0) + 1;
    };
    this.#names = new Names(path.join(plan.directory, 'r'), plan.surroundings);
    this.#hub = new Hub(path.join(plan.directory, 'c'), plan.patienceMs);
    this.#starter = new Starter(plan, this.#names, this.#hub, allow);
    this.#states = new States(this.#hub, plan.patienceMs, allow);
    this.#comparison = new Comparison(this.#names, allow);
    this.#fileFaults = new FileFaults(this.#names.root);
    this.#files = new RunFiles(this.#names, plan.script.before);
    this.#sabotage = new Sabotage(plan.leaveOut);
    this.allow = allow;
  }

  private readonly allow: (what: string) => void;

  async run(): Promise<RealEnd> {
    plant(this.#plan.script.before, this.#names);
    this.#compareTree({ step: 0 });
    await this.#hub.open();
    this.#starter.startEarly();
    const { events } = this.#plan.script;
    for (const [at, event] of events.entries()) await this.#take(event, at);
    return this.#finish();
  }

  report(part: Partial<Report> & Pick<Report, 'outcome'>): Report {
    return {
      ...{ reason: null, difference: null, end: null, ...part },
      ...{ events: this.#events, processes: this.#names.members.length },
      ...{ comparisons: this.#comparisons, allowances: this.#allowances },
    };
  }

  /** Ends every process. */
  async end(): Promise<void> {
    const alive = this.#names.members.filter((member) => member.state !== 'gone');
    for (const member of alive) member.signal('SIGKILL');
    this.#starter.endEarly();
    this.#hub.close();
    const endMs = performance.now() + ENDED_WITHIN_MS;
    while (alive.some(({ state }) => !hasEnded(state)) && performance.now() < endMs)
      await new Promise((resolve) => setTimeout(resolve, 1));
    for (const { socket } of this.#names.members) socket?.destroy();
  }

  async #take(event: ScriptEvent, at: number): Promise<void> {
    if (event.kind === 'start') return this.#start(event, at);
    if (event.kind === 'fault') return this.#fault(event);
    const member = this.#names.named(event.process);
    switch (event.kind) {
      case 'begin':
        await this.#hub.untilConnected(member);
        return this.#tell(member, () => member.send({ kind: 'begin', identity: event.identity }), event);
      case 'ask':
      case 'cancel':
      case 'mark':
        return this.#heard(member, event);
      case 'look':
        this.#heard(member, event);
        return this.#tell(member, () => member.send({ kind: 'value', value: event.value }), event);
      case 'perform':
        return this.#perform(member, event);
      case 'deliver':
        return this.#deliver(member, event);
      case 'signal':
        if (event.signal === 'SIGKILL') member.killed = true;
        if (event.sender === null && !this.#sabotage.leavesOut('signals')) member.signal(event.signal);
        return;
      case 'end':
        return this.#end(member, event);
      case 'state':
        return this.#states.becomes(member, event);
      case 'hold':
        return this.#hold(member, event);
      case 'release':
        if (member.isHolding) member.send({ kind: 'release' });
        member.isHolding = false;
    }
  }

  async #start(event: EventOf<'start'>, at: number): Promise<void> {
    const spawner = event.spawned ? this.#spawner : null;
    const member = await this.#starter.start(event, spawner, this.#grabAt(at));
    if (spawner?.cwd !== undefined) member.cwd = path.posix.resolve(spawner.member.cwd, spawner.cwd);
    else if (spawner !== null) member.cwd = spawner.member.cwd;
    if (spawner !== null) {
      const { operation } = this.#spawning!;
      for (const n of (operation.inherit ?? []).keys()) member.fds.set(3 + n, 3 + n);
      for (const [n, fd] of (operation.stdio ?? []).entries()) if (fd !== null) member.fds.set(n, n);
    }
    this.#note(event, 'start', { pid: member.pid, command: event.command }, null);
  }

  /** The TCP port that an inert process takes: the fault which brings it is the next event. */
  #grabAt(at: number): { tcpPort: number } | null {
    const next = this.#plan.script.events[at + 1];
    if (next?.kind !== 'fault' || next.fault !== 'port-grab') return null;
    return { tcpPort: Number(next.detail.tcpPort) };
  }

  /** Lets a program go on, and waits until it has come to rest. */
  async #tell(member: Member, tell: () => void, event: Difference['event']): Promise<void> {
    const before = member.rests;
    tell();
    await this.#hub.until(() => member.rests > before, 'the program comes to rest', event, [member]);
  }

  #heard(member: Member, event: EventOf<'ask' | 'cancel' | 'mark' | 'look'>): void {
    const real = member.deeds.shift() ?? null;
    const { step: _step, atMs: _atMs, process: _process, ...rest } = event;
    const simulated = rest.kind === 'look' ? { kind: rest.kind, at: rest.at } : rest;
    this.#comparisons++;
    if (!isDeepStrictEqual(plain(simulated), real))
      throw new Difference('the program goes another way', event, simulated, real);
    if (event.kind === 'mark') this.#note(event, 'mark', { name: event.name, data: event.data }, null);
  }

  async #perform(member: Member, event: PerformEvent): Promise<void> {
    const { ordinal, operation, result } = event;
    if (operation.op === 'readdir') {
      this.#comparisons++;
      this.#comparison.readdir(member, event);
    }
    if (BY_SCHEDULE.has(operation.op) || member.performed.has(ordinal)) return;
    const isFirst = !member.performing.has(ordinal);
    if (CONNECTING.has(operation.op) && 'code' in result && result.code === 'ETIMEDOUT') {
      // An answer may have come too late: its time is up all the same.
      if (!isFirst) member.send({ kind: 'abandon', ordinal });
      member.performed.add(ordinal);
      return;
    }
    if (isFirst && !this.#sabotage.skips(operation)) await this.#begin(member, event);
    if ('waits' in result || event.ended) return;
    if (this.#sabotage.isDone && !member.performing.has(ordinal))
      member.outcomes.set(ordinal, result as never);
    await this.#hub.until(() => member.outcomes.has(ordinal), `the result of ${operation.op}`, event, [
      member,
    ]);
    const outcome = member.outcomes.get(ordinal)!;
    member.performed.add(ordinal);
    this.#comparisons++;
    this.#note(
      event,
      operation.op,
      argumentsOf(operation),
      'code' in outcome ? { error: outcome.code } : (outcome.value ?? null),
    );
    this.#comparison.compare(member, event, outcome);
    if (event.tree !== undefined) this.#files.expected = event.tree;
    if (CHANGE_FILES.has(operation.op)) this.#compareTree(event);
  }

  /** Lets the process carry it out. A request waits until it has arrived where it can. */
  async #begin(member: Member, event: PerformEvent): Promise<void> {
    const { ordinal, operation, result } = event;
    member.performing.add(ordinal);
    if (operation.op === 'spawn' && 'code' in result && result.code === 'EAGAIN') {
      member.outcomes.set(ordinal, result);
      this.allow('an operation fails by its answer only: EAGAIN');
      return;
    }
    const real = this.#sabotage.changed(await this.#names.realOperation(member, operation));
    const servers = (event.servers ?? []).map((name) => this.#names.named(name));
    const arrivals = (): number => servers.reduce((sum, { arrivals }) => sum + arrivals, 0);
    const before = arrivals();
    member.send({ kind: 'perform', ordinal, operation: real });
    if (operation.op === 'spawn' && 'value' in result) await this.#spawn(member, event, operation);
    if (event.servers === undefined) return;
    const isOver = (): boolean => member.outcomes.has(ordinal);
    await this.#hub.until(() => member.sent.has(ordinal) || isOver(), 'a request is sent', event, [member]);
    if (servers.length === 0) return;
    await this.#hub.until(() => arrivals() > before || isOver(), 'a request arrives', event, [member]);
  }

  #spawning: { operation: Operation<'spawn'> } | null = null;

  /** The child comes into being in the next event. */
  async #spawn(member: Member, event: PerformEvent, operation: Operation<'spawn'>): Promise<void> {
    const { ordinal } = event;
    await this.#hub.until(() => member.outcomes.has(ordinal), 'the result of spawn', event, [member]);
    const outcome = member.outcomes.get(ordinal)!;
    if ('code' in outcome) throw new Difference('spawn has another result', event, event.result, outcome);
    this.#spawner = { member, pid: outcome.value as number, cwd: operation.cwd };
    this.#spawning = { operation };
  }

  async #deliver(member: Member, event: EventOf<'deliver'>): Promise<void> {
    const { ordinal, operation, result } = event;
    if ('waits' in result) return;
    const isReal = member.performing.has(ordinal) || BY_SCHEDULE.has(operation.op);
    if (!isReal)
      this.allow(`an operation fails by its answer only: ${'code' in result ? result.code : 'result'}`);
    await this.#tell(member, () => member.send({ kind: 'deliver', ordinal, outcome: result }), event);
  }

  async #end(member: Member, event: EventOf<'end'>): Promise<void> {
    // A reboot ends processes without a signal.
    if (event.signal === 'SIGKILL' && !member.killed) member.signal('SIGKILL');
    if (member.started.inert) {
      if (event.signal === null) member.signal('SIGKILL');
    } else if (event.crashed) {
      const at = member.deeds.findIndex(({ kind }) => kind === 'crash');
      if (at < 0) throw new Difference('the program does not crash', event, 'a crash', member.deeds);
      member.deeds.splice(at, 1);
      member.send({ kind: 'die', code: 1 });
    }
    await this.#states.ended(member, event);
    const { code, signal } = event;
    this.#note(event, 'end', {}, { code, signal });
  }

  async #hold(member: Member, event: EventOf<'hold' | 'release'>): Promise<void> {
    if (member.socket === null || member.isHolding || member.state !== 'running') return;
    member.isHolding = true;
    member.held = false;
    member.send({ kind: 'hold' });
    await this.#hub.until(() => member.held, 'a parent stands still', event, [member]);
    this.allow('a parent is held, so that it does not reap yet');
  }

  #fault(event: EventOf<'fault'>): void {
    this.#note({ ...event, process: 'nemesis' }, 'fault', { fault: event.fault, ...event.detail }, null);
    if (event.tree !== undefined) this.#files.expected = event.tree;
    const isOfFiles = !this.#sabotage.leavesOut('file-faults') && this.#fileFaults.strike(event);
    if (isOfFiles || event.tree !== undefined) this.#compareTree(event);
  }

  #compareTree(event: Difference['event']): void {
    this.#comparisons++;
    this.#files.compare(event);
  }

  #finish(): RealEnd {
    const { after, steps } = this.#plan.script;
    const event = { step: steps };
    this.#files.expected = after;
    this.#compareTree(event);
    const listening = listeningNow(this.#names);
    compareListening(this.#plan.script.listening, listening, event);
    for (const { name, deeds } of this.#names.members)
      if (deeds.length > 0)
        throw new Difference('the program does more', { step: steps, process: name }, [], deeds);
    const states = this.#names.members.map(
      ({ name, state }) => [name, state === 'ending' ? 'gone' : state] as const,
    );
    const files = this.#sabotage.leavesOut('seen-files') ? {} : this.#files.seen();
    return { files, listening, states: Object.fromEntries(states) };
  }

  #note(
    { step, process }: Pick<ScriptEvent, 'step'> & { readonly process: string },
    op: string,
    args: RealEvent['args'],
    result: unknown,
  ): void {
    const atMs = Math.round(performance.now() - this.#startedMs);
    this.#events.push({ step, atMs, process, op, args, result: plain(result) });
  }
}

function argumentsOf({ op: _, ...args }: Operation): Readonly<Record<string, unknown>> {
  return args;
}
