/** A state directory, its real daemons and foreign processes, and what is found about them: for the phases of a race. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Claim, EXIT, parseClaim } from '../model/index.ts';
import { TRACE_VARIABLE } from '../node/index.ts';
import { Findings } from './findings.ts';
import { Processes } from './processes.ts';
import { hasSettled, tracePath, until, witnessesOf } from './race.ts';
import type { RealProcess } from './real-process.ts';
import type { ProcessTrace } from './trace-events.ts';

const CLAIM = /^gen-(\d+)$/;

/** What a trial needs. */
export interface TrialOptions {
  /** The command of a contender. It must write a trace, and support {@link StartOptions.leash}. */
  readonly command: (tcpPort: number) => readonly string[];
  /** With this environment variable, a contender publishes no claim before the file of that path exists. */
  readonly gate: { readonly variable: string; readonly path: string };
  /** The state directory of the contenders. */
  readonly directory: string;
  readonly traceDirectory: string;
  /** Two free TCP ports. */
  readonly tcpPorts: readonly [number, number];
  /** How long it may take until all processes own or have ended, in milliseconds. */
  readonly settleWithinMs: number;
  readonly signal?: AbortSignal;
}

export class Trial {
  readonly processes = new Processes();
  readonly findings = new Findings();
  readonly strangers: RealProcess[] = [];
  readonly #options: TrialOptions;
  #tcpPort: number;
  #number = 0;
  #late: RealProcess | null = null;

  constructor(options: TrialOptions) {
    this.#options = options;
    [this.#tcpPort] = options.tcpPorts;
  }

  get tcpPort(): number {
    return this.#tcpPort;
  }

  /** From now on, contenders have the other TCP port. */
  changePort(): void {
    const { tcpPorts } = this.#options;
    this.#tcpPort = tcpPorts.find((port) => port !== this.#tcpPort)!;
  }

  /** Those of the system that are still there. */
  get survivors(): readonly RealProcess[] {
    return this.processes.alive.filter(({ foreign }) => !foreign);
  }

  traces(): ProcessTrace[] {
    return witnessesOf(this.processes.started, this.#options.traceDirectory);
  }

  /** Starts contenders at the same moment, and waits until all processes own or have ended. @returns the new ones */
  async contend(count: number): Promise<readonly RealProcess[]> {
    const contenders: RealProcess[] = [];
    for (let i = 0; i < count; i++) contenders.push(await this.#prepare());
    await this.until(() => contenders.every(({ isReady, ending }) => isReady || ending !== null));
    for (const contender of contenders) contender.go();
    await this.settled();
    return contenders;
  }

  /** Starts a contender that has looked, and waits with its claim until {@link openGate}. */
  async contendLate(): Promise<RealProcess> {
    const { gate } = this.#options;
    const late = await this.#prepare({ [gate.variable]: gate.path });
    late.go();
    const isAtGate = (): boolean => {
      const [trace] = witnessesOf([late], this.#options.traceDirectory);
      return trace!.lines.some(({ args }) => args.path === gate.path);
    };
    await this.until(() => isAtGate() || late.ending !== null);
    this.#late = late;
    return late;
  }

  async openGate(): Promise<void> {
    await this.until(() => (this.head()?.generation ?? 0) > 1);
    // The number that it is going to publish is free again, as after the owner has tidied up.
    const newest = this.head()?.generation ?? 0;
    for (const generation of this.#generations())
      if (generation < newest) rmSync(this.#claimPath(generation), { force: true });
    writeFileSync(this.#options.gate.path, '');
    this.#late = null;
    await this.settled();
  }

  /** Waits until all processes own or have ended, except one that waits at the gate. */
  async settled(): Promise<void> {
    const { traceDirectory } = this.#options;
    const contending = this.processes.started.filter((process) => !process.foreign && process !== this.#late);
    await this.until(() => hasSettled(contending, traceDirectory));
  }

  async #prepare(env: NodeJS.ProcessEnv = {}): Promise<RealProcess> {
    const { command, traceDirectory } = this.#options;
    const name = `daemon#${++this.#number}`;
    return this.processes.start({
      ...{ name, command: command(this.#tcpPort), leash: true },
      env: { ...env, [TRACE_VARIABLE]: tracePath(traceDirectory, name) },
    });
  }

  until(holds: () => boolean, withinMs = this.#options.settleWithinMs): Promise<boolean> {
    const { signal } = this.#options;
    return until(() => signal?.aborted || holds(), withinMs);
  }

  /** The only survivor, and how the others have ended. @returns null unless there is exactly one */
  oneSurvivor(phase: string, contenders: readonly RealProcess[]): RealProcess | null {
    const { survivors } = this;
    const names = survivors.map(({ name, pid }) => `${name} (PID ${pid})`).join(' and ') || 'none';
    this.findings.look('one survivor', survivors.length === 1 ? null : `after ${phase}: ${names}`);
    this.othersLeft(phase, contenders, EXIT.done);
    return survivors.length === 1 ? survivors[0]! : null;
  }

  /** Every contender that does not own has ended with this exit code. */
  othersLeft(phase: string, contenders: readonly RealProcess[], code: number): void {
    const wrong = contenders.find(({ ending }) => ending !== null && ending.code !== code);
    const how =
      wrong?.ending?.code === null
        ? `was ended by ${wrong.ending.signal}`
        : `ended with ${wrong?.ending?.code}`;
    const said = wrong?.said ? `: ${wrong.said}` : '';
    const what =
      code === EXIT.done ? 'a contender that loses ends with 0' : 'a contender that is blocked says so';
    this.findings.look(what, wrong === undefined ? null : `after ${phase}: ${wrong.name} ${how}${said}`);
  }

  /** Asks the owner to stop. Its last record says that it has. */
  async stopOwner(): Promise<void> {
    const [owner] = this.survivors;
    if (owner === undefined) return;
    owner.signal('SIGTERM');
    await this.until(() => owner.ending !== null);
    const kind = this.head()?.claim?.kind ?? 'no claim';
    this.findings.look(
      'an owner that is asked to stop releases its claim',
      owner.ending?.code === EXIT.done && kind === 'free'
        ? null
        : `${owner.name} ended with ${owner.ending?.code ?? owner.ending?.signal ?? 'nothing'}, and the newest claim is: ${kind}`,
    );
  }

  /** A process that does not belong to the system. */
  async stranger(script: string): Promise<RealProcess> {
    const name = `stranger#${this.strangers.length + 1}`;
    const stranger = await this.processes.start({
      ...{ name, command: [process.execPath, '-e', script], foreign: true },
    });
    this.strangers.push(stranger);
    await this.until(() => stranger.output !== '' || stranger.ending !== null);
    return stranger;
  }

  strangersLive(): void {
    const gone = this.strangers.find(({ ending }) => ending !== null);
    this.findings.look(
      'foreign processes are left alone',
      gone === undefined ? null : `${gone.name} (PID ${gone.pid}) has ended`,
    );
  }

  /** The newest claim; null: there is none. */
  head(): { readonly generation: number; readonly claim: Claim | null } | null {
    const generation = Math.max(0, ...this.#generations());
    if (generation === 0) return null;
    return { generation, claim: parseClaim(readFileSync(this.#claimPath(generation), 'utf8')) };
  }

  publish(generation: number, claim: Claim): void {
    writeFileSync(this.#claimPath(generation), `${JSON.stringify(claim)}\n`, { mode: 0o600 });
  }

  loseClaims(): void {
    for (const generation of this.#generations()) rmSync(this.#claimPath(generation), { force: true });
  }

  #generations(): number[] {
    return readdirSync(this.#options.directory).flatMap((name) => Number(CLAIM.exec(name)?.[1] ?? []));
  }

  #claimPath(generation: number): string {
    return join(this.#options.directory, `gen-${generation}`);
  }
}
