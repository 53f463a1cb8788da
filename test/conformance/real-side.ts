import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import net, { type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { readHolders } from '../../src/node/holders.ts';
import { readStat, stateOf } from '../../src/node/identity.ts';
import type { Operation } from '../../src/ports/index.ts';
import { freePort } from '../../src/real/free-port.ts';
import type { FromAgent, ToAgent } from './agent.ts';
import { excuseFor } from './excuses.ts';
import { refusalOf } from './refusal.ts';
import {
  type Asked,
  Bindings,
  type Command,
  type Conversation,
  converse,
  type Outcome,
  PASS_MS,
  type Script,
} from './script.ts';
import type { Plan, PlannedStep } from './sim-side.ts';
import { treeOfNode } from './tree.ts';
import { fromLine, toLine } from './wire.ts';
import type { Wrong } from './wrong.ts';

/** Where the two machines differ. */
export interface Mismatch {
  /** `result`, `early`, `state`, `tree`, `listening`. */
  readonly kind: string;
  readonly step: number;
  readonly command: Command | null;
  readonly simulated: unknown;
  readonly real: unknown;
}

export interface Replayed {
  readonly mismatch: Mismatch | null;
  /** Rows of docs/fidelity.md that were needed. */
  readonly excused: readonly string[];
}

/** How long the real machine, loaded with other work, may take for what the simulated one does at once. */
const PATIENCE_MS = 2_500;
/** What moves many bytes, or makes many calls. */
const LONG_COMMANDS: ReadonlySet<string> = new Set(['fill', 'bulk', 'flood', 'drain', 'until']);
const POLL_MS = 2;
/** Deeper than any `..` of a generated path climbs. */
const DEPTH = '1/2/3/4/5/6/7/8';
/** What an earlier script has left at a port is over when so many others have been used. */
const RESTING_PORTS = 200;

/** A process under heavy load may be late; one that never comes says nothing about the machine. */
const HELLO_MS = 20_000;
const HELLO_TRIES = 3;

/** The real machine could not even start an agent: the comparison has not taken place. */
export class NoHelloError extends Error {
  override readonly name = 'NoHelloError';
}

export class Agent {
  readonly pid: number;
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (outcome: Outcome) => void>();
  #next = 1;
  closed = false;

  constructor(pid: number, socket: Socket) {
    this.pid = pid;
    this.#socket = socket;
    socket.once('close', () => {
      this.closed = true;
      for (const resolve of this.#waiting.values()) resolve({ code: 'ended' });
      this.#waiting.clear();
    });
  }

  ask({ now, ...operation }: Asked, done: (outcome: Outcome) => void): void {
    const id = this.#next++;
    this.#waiting.set(id, done);
    this.#send({ kind: now ?? 'do', id, operation: operation as Operation });
  }

  /** Resolves when it has answered, or ended. False: it does not answer, because it waits in a call of the operating system. */
  async call(kind: 'ping' | 'reset'): Promise<boolean> {
    if (this.closed) return true;
    const id = this.#next++;
    const answered = new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), HELLO_MS);
      this.#waiting.set(id, () => {
        clearTimeout(timer);
        resolve(true);
      });
    });
    this.#send({ kind, id });
    return answered;
  }

  /** Answers that are still to come are of no interest any more. */
  forget(): void {
    this.#waiting.clear();
  }

  heard(message: FromAgent): void {
    if (message.kind === 'hello') return;
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    waiting?.(message.kind === 'value' ? { value: message.value } : { code: message.code });
  }

  #send(message: ToAgent): void {
    if (!this.closed) this.#socket.write(toLine(message));
  }
}

/** The real machine: agents, most of them used again and again, and a directory for each script. */
export class RealSide {
  readonly directory: string;
  readonly #agentFile: string;
  readonly #control: string;
  readonly #server: Server;
  readonly #agents = new Map<number, Agent>();
  readonly #children = new Map<number, ChildProcess>();
  readonly #idle = new Map<number, Agent[]>();
  /** Everybody who was ever started, by PID and start. */
  readonly #started = new Map<number, number>();
  #scripts = 0;

  constructor(agentFile: string) {
    this.#agentFile = agentFile;
    this.directory = mkdtempSync(join(tmpdir(), 'one-survivor-conformance-'));
    chmodSync(this.directory, 0o755);
    this.#control = join(this.directory, 'control');
    this.#server = net.createServer((socket) => this.#greet(socket));
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#control, resolve));
    chmodSync(this.#control, 0o777);
  }

  /** Ends every process that was started, by PID, and sees it gone. Result: those that are not. */
  async close(): Promise<number[]> {
    for (const pid of this.#children.keys()) await this.#end(pid);
    this.#server.close();
    const left = () => [...this.#started].filter(([pid, ticks]) => isThere(pid, ticks)).map(([pid]) => pid);
    // Who was sent SIGKILL needs a core to end.
    await until(() => left().length === 0, HELLO_MS);
    rmSync(this.directory, { recursive: true, force: true });
    return left();
  }

  note(pid: number, startTicks: number): void {
    this.#started.set(pid, startTicks);
  }

  newBase(): string {
    const base = join(this.directory, String(this.#scripts++), DEPTH);
    mkdirSync(base, { recursive: true });
    chmodSync(base, 0o777);
    return base;
  }

  async agentOf(uid: number): Promise<Agent> {
    const idle = this.#idle.get(uid)?.pop();
    if (idle !== undefined && !idle.closed) return idle;
    for (let tries = 1; ; tries++) {
      const pid = this.#startAgent(uid);
      try {
        return await this.agent(pid);
      } catch (error) {
        await this.#end(pid);
        if (!(error instanceof NoHelloError) || tries === HELLO_TRIES) throw error;
      }
    }
  }

  #startAgent(uid: number): number {
    const child = spawn(process.execPath, [this.#agentFile, this.#control], {
      stdio: 'ignore',
      detached: true,
      cwd: '/',
      ...(process.getuid?.() === 0 && { uid, gid: uid }),
    });
    const pid = child.pid!;
    this.#children.set(pid, child);
    child.once('exit', () => this.#children.delete(pid));
    return pid;
  }

  /**
   * Once it has said hello.
   *
   * @throws NoHelloError
   */
  async agent(pid: number): Promise<Agent> {
    await until(() => this.#agents.has(pid) || stateNow(pid) === 'gone', HELLO_MS);
    const agent = this.#agents.get(pid);
    if (agent !== undefined) return agent;
    throw new NoHelloError(`agent ${pid} (${stateNow(pid)}) has not said hello within ${HELLO_MS} ms`);
  }

  async giveBack(agent: Agent, uid: number): Promise<void> {
    agent.forget();
    if (agent.closed || stateNow(agent.pid) !== 'running') return this.#end(agent.pid);
    if (!(await agent.call('reset'))) return this.#end(agent.pid);
    const idle = this.#idle.get(uid) ?? [];
    this.#idle.set(uid, idle);
    idle.push(agent);
  }

  async #end(pid: number): Promise<void> {
    const child = this.#children.get(pid);
    if (child !== undefined) child.kill('SIGKILL');
    await until(() => !this.#children.has(pid), PATIENCE_MS);
  }

  #greet(socket: Socket): void {
    let agent: Agent | null = null;
    let rest = '';
    socket.setEncoding('utf8');
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        const message = fromLine<FromAgent>(line);
        if (message.kind === 'hello') {
          agent = new Agent(message.pid, socket);
          this.#agents.set(message.pid, agent);
        } else agent?.heard(message);
      }
    });
    socket.once('close', () => {
      if (agent !== null && this.#agents.get(agent.pid) === agent) this.#agents.delete(agent.pid);
    });
  }

  /** Lets the real machine do what the simulated one has done, up to the first difference. */
  async replay(
    script: Script,
    plan: Plan,
    base: string,
    ports: readonly number[],
    quiet: boolean,
    wrong: Wrong | null = null,
  ): Promise<Replayed> {
    const replay = new Replay(this, script, plan, new Bindings(base, ports), quiet, wrong);
    try {
      const mismatch = await replay.run();
      return { mismatch, excused: replay.excused };
    } finally {
      await replay.end();
      rmSync(base.slice(0, -DEPTH.length - 1), { recursive: true, force: true });
    }
  }
}

class Replay {
  readonly excused: string[] = [];
  readonly #side: RealSide;
  readonly #script: Script;
  readonly #plan: Plan;
  readonly #bindings: Bindings;
  /** Nothing in the script outlasts its step: there is nothing to wait for. */
  readonly #quiet: boolean;
  readonly #agents: (Agent | null)[] = [];
  readonly #wrong: Wrong | null;
  readonly #ended = new Map<number, unknown>();
  readonly #seen = new Set<number>();

  constructor(
    side: RealSide,
    script: Script,
    plan: Plan,
    bindings: Bindings,
    quiet: boolean,
    wrong: Wrong | null,
  ) {
    this.#wrong = wrong;
    this.#side = side;
    this.#script = script;
    this.#plan = plan;
    this.#bindings = bindings;
    this.#quiet = quiet;
  }

  async run(): Promise<Mismatch | null> {
    for (const uid of this.#script.users) {
      const agent = await this.#side.agentOf(uid);
      this.#agents.push(agent);
      const { startTicks } = readStat(agent.pid);
      this.#side.note(agent.pid, startTicks);
      this.#bindings.processes.push({ pid: agent.pid, startTicks, program: 'agent' });
    }
    for (const [at, step] of this.#plan.steps.entries()) {
      const mismatch = await this.#take(at, step);
      if (mismatch !== null) return mismatch;
    }
    const last = this.#plan.steps.length - 1;
    const tree = treeOfNode(this.#bindings.base);
    if (!isDeepStrictEqual(tree, this.#plan.tree)) {
      return { kind: 'tree', step: last, command: null, simulated: this.#plan.tree, real: tree };
    }
    const listening = this.#listening();
    if (!isDeepStrictEqual(listening, this.#plan.listening)) {
      const simulated = this.#plan.listening;
      return { kind: 'listening', step: last, command: null, simulated, real: listening };
    }
    return null;
  }

  /** Every process that the script has started ends, by PID, if it still is the one that was started. */
  async end(): Promise<void> {
    const initial = this.#script.users.length;
    for (const { pid, startTicks } of this.#bindings.processes.slice(initial)) {
      if (startTicks === null) continue;
      this.#side.note(pid, startTicks);
      if (stateNow(pid) === 'gone') continue;
      try {
        if (readStat(pid).startTicks === startTicks) process.kill(pid, 'SIGKILL');
      } catch {
        continue;
      }
      await until(() => ['gone', 'zombie'].includes(stateNow(pid)), PATIENCE_MS);
    }
    for (let at = 0; at < initial; at++) {
      const agent = this.#agents[at];
      if (agent) await this.#side.giveBack(agent, this.#script.users[at]!);
    }
  }

  async #take(at: number, step: PlannedStep): Promise<Mismatch | null> {
    const { actor, command, states } = step;
    if (actor < 0) {
      await sleep(PASS_MS);
    } else {
      const agent = this.#agents[actor];
      if (!agent) return this.#differs('state', at, command, 'an actor', 'none');
      this.#continue(agent, at, converse(this.#bindings, actor, command, step.spoil), undefined);
    }
    for (const [of, simulated] of step.ended) {
      this.#seen.add(of);
      const isLong = LONG_COMMANDS.has(this.#plan.steps[of]!.command.op);
      if (!(await until(() => this.#ended.has(of), isLong ? 10 * PATIENCE_MS : PATIENCE_MS))) {
        const mismatch = this.#differs('result', of, this.#plan.steps[of]!.command, simulated, 'still waits');
        if (mismatch !== null) return mismatch;
      }
      const real = this.#ended.get(of);
      if (isDeepStrictEqual(plainly(simulated), real)) continue;
      const { command } = this.#plan.steps[of]!;
      const mismatch = this.#differs('result', of, command, simulated, real);
      if (mismatch !== null) return mismatch;
    }
    if (this.#quiet) return null;
    // An agent that was started is an actor from now on.
    for (let index = this.#agents.length; index < this.#bindings.processes.length; index++) {
      const { pid, program } = this.#bindings.processes[index]!;
      this.#agents.push(program === 'agent' ? await this.#side.agent(pid) : null);
    }
    for (const [index, simulated] of states.entries()) {
      const bound = this.#bindings.processes[index];
      if (bound === undefined) continue;
      if (await until(() => stateNow(bound.pid) === simulated, PATIENCE_MS)) continue;
      const real = stateNow(bound.pid);
      const mismatch = this.#differs('state', at, command, `#${index} ${simulated}`, `#${index} ${real}`);
      if (mismatch !== null) return mismatch;
    }
    for (let turn = 0; turn < 2; turn++) {
      for (const [index, agent] of this.#agents.entries()) {
        if (agent === null || agent.closed || states[index] !== 'running') continue;
        if (await agent.call('ping')) continue;
        return this.#differs('state', at, command, `#${index} answers`, `#${index} does not answer`);
      }
    }
    for (const [of, real] of this.#ended) {
      if (this.#seen.has(of)) continue;
      const { command } = this.#plan.steps[of]!;
      const mismatch = this.#differs('early', of, command, 'still waits', real);
      if (mismatch !== null) return mismatch;
      this.#seen.add(of);
    }
    return null;
  }

  #continue(agent: Agent, at: number, conversation: Conversation, outcome: unknown): void {
    const { value, done } = conversation.next(outcome as never);
    if (done === true) {
      if (value !== 'ended') this.#ended.set(at, plainly(value));
      return;
    }
    const code = refusalOf(value, this.#wrong?.unchecked ?? null);
    if (code !== null) {
      this.#continue(agent, at, conversation, { code });
      return;
    }
    agent.ask(value, (outcome) => {
      if (!('code' in outcome) || outcome.code !== 'ended') this.#continue(agent, at, conversation, outcome);
    });
  }

  #differs(
    kind: string,
    step: number,
    command: Command | null,
    simulated: unknown,
    real: unknown,
  ): Mismatch | null {
    const mismatch = { kind, step, command, simulated, real };
    const excuse = excuseFor(mismatch, this.#plan);
    if (excuse === null) return mismatch;
    this.excused.push(excuse);
    return null;
  }

  #listening(): string[] {
    return this.#bindings.ports
      .flatMap((port) =>
        readHolders(port).map(
          ({ pid, uid, host }) =>
            `${port} ${pid === null ? 'hidden' : this.#bindings.name(pid)} ${uid} ${host}`,
        ),
      )
      .sort();
  }
}

/** As it comes out of JSON. */
function plainly(value: unknown): unknown {
  return value === undefined ? null : JSON.parse(JSON.stringify(value));
}

/** The very process, and not ended. */
function isThere(pid: number, startTicks: number): boolean {
  try {
    const stat = readStat(pid);
    return stat.startTicks === startTicks && stateOf(stat.state) !== 'zombie';
  } catch {
    return false;
  }
}

export function stateNow(pid: number): 'running' | 'stopped' | 'zombie' | 'gone' {
  try {
    return stateOf(readStat(pid).state);
  } catch {
    return 'gone';
  }
}

export async function until(holds: () => boolean, forMs: number): Promise<boolean> {
  const endsAt = performance.now() + forMs;
  while (!holds()) {
    if (performance.now() > endsAt) return false;
    await sleep(POLL_MS);
  }
  return true;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Those of scripts that are over, in their order. */
const resting: number[] = [];

export function releasePorts(ports: readonly number[]): void {
  resting.push(...ports);
}

/** A port of every local address that was free a moment ago, and that is not given to other processes that ask for one. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = resting.length > RESTING_PORTS ? resting.shift()! : await freePort();
    const isFree = await new Promise<boolean>((resolve) => {
      const server = net.createServer();
      server.once('error', () => resolve(false));
      server.listen({ port, host: '0.0.0.0', exclusive: true }, () => server.close(() => resolve(true)));
    });
    if (isFree) ports.push(port);
  }
  return ports;
}
