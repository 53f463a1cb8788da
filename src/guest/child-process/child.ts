/** `ChildProcess` of Node, over the processes of the machine. */
import { EventEmitter } from 'node:events';
import { type ExitStatus, isSystemError, type Signal, SystemError } from '../../ports/index.ts';
import { DescriptorReader, DescriptorWriter } from '../descriptor-streams.ts';
import { GuestError } from '../modules/guest-error.ts';
import { type Caller, executeNow, nextTick } from '../script.ts';
import type { Timers } from '../timers.ts';
import { CHANNEL_VARIABLE, Channel } from './channel.ts';
import { signalOf, type Wanted } from './options.ts';
import { closeNow, type StartRequest, spawnOperation } from './requests.ts';
import { closeAll, kindsOf, type Opened, openAll } from './stdio.ts';

/** What children are made from. */
export interface Family {
  readonly caller: Caller;
  readonly timers: Timers;
}

/** These are passed on by an event; others are thrown, as in Node. */
const REPORTED: ReadonlySet<string> = new Set(['EACCES', 'EAGAIN', 'EMFILE', 'ENFILE', 'ENOENT']);

export class ChildProcess extends EventEmitter {
  pid: number | undefined;
  exitCode: number | null = null;
  signalCode: Signal | null = null;
  killed = false;
  connected = false;
  spawnfile = '';
  spawnargs: readonly string[] = [];
  stdin: DescriptorWriter | null = null;
  stdout: DescriptorReader | null = null;
  stderr: DescriptorReader | null = null;
  stdio: unknown[] = [];
  /** These are there if it has a channel. */
  declare channel?: Channel | null;
  declare send?: Channel['send'];
  declare disconnect?: Channel['disconnect'];
  readonly #family: Family;
  #isRef = true;
  #isRunning = false;
  /** The streams that are not closed yet, the channel unless this process has closed it, and the process itself. */
  #open = 1;

  constructor(family: Family) {
    super();
    this.#family = family;
  }

  /** @throws SystemError for failures that Node throws */
  start(wanted: Wanted): this {
    const { caller } = this.#family;
    const { options } = wanted;
    refuseUsers(options, caller);
    const kinds = kindsOf(options.stdio);
    const opened = openAll(caller, kinds);
    this.spawnfile = wanted.file;
    this.spawnargs = wanted.args;
    const ipc = kinds.findIndex(({ kind }) => kind === 'ipc');
    const request: StartRequest = {
      command: [wanted.file, ...wanted.args.slice(1)],
      detached: options.detached === true,
      stdio: opened.stdio,
      env: ipc < 0 ? wanted.env : { ...wanted.env, [CHANNEL_VARIABLE]: String(ipc) },
      clearEnv: true,
      ...(opened.inherit.length > 0 && { inherit: opened.inherit }),
      ...(wanted.cwd !== undefined && { cwd: wanted.cwd }),
    };
    try {
      this.pid = executeNow(caller, spawnOperation(request)) as number;
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      closeAll(caller, opened);
      this.#notStarted(error);
      return this;
    }
    closeNow(caller, opened.passed);
    this.#connect(opened, ipc);
    nextTick(() => this.emit('spawn'));
    this.#isRunning = true;
    if (this.#isRef) caller.begun();
    caller.machine.execute(
      caller.process,
      { op: 'wait', pid: this.pid },
      (status: ExitStatus) => this.#ended(status),
      // Something else has waited for it: Node never learns how it has ended.
      () => {},
    );
    return this;
  }

  kill(signal: unknown = 'SIGTERM'): boolean {
    const sent = signalOf(signal ?? 'SIGTERM');
    if (!this.#isRunning) return false;
    try {
      executeNow(this.#family.caller, { op: 'kill', pid: this.pid!, signal: sent, startTicks: null });
    } catch (error) {
      if (!isSystemError(error)) throw error;
      if (error.code !== 'ESRCH') this.emit('error', error);
      return false;
    }
    this.killed = true;
    return true;
  }

  ref(): void {
    if (!this.#isRef && this.#isRunning) this.#family.caller.begun();
    this.#isRef = true;
  }

  unref(): void {
    if (this.#isRef && this.#isRunning) this.#family.caller.over();
    this.#isRef = false;
  }

  [Symbol.for('nodejs.dispose')](): void {
    if (!this.killed) this.kill();
  }

  #connect({ ends }: Opened, ipc: number): void {
    const { caller } = this.#family;
    const closes = { closes: true };
    for (const [at, fd] of ends) {
      if (at === ipc) {
        this.#open++;
        const channel = new Channel(caller, this, fd, { isRef: true, onEnd: () => this.#closed() });
        this.send = (message, ...rest) => channel.send(message, ...rest);
        this.disconnect = () => channel.disconnect();
        continue;
      }
      const stream =
        at === 0 ? new DescriptorWriter(caller, fd, closes) : new DescriptorReader(caller, fd, closes);
      this.stdio[at] = stream;
      if (at > 0) {
        this.#open++;
        stream.on('close', () => this.#closed());
        // As Node does: what the child writes is fetched before it is asked for.
        (stream as DescriptorReader).read(0);
      }
      if (at === 0) this.stdin = stream as DescriptorWriter;
      if (at === 1) this.stdout = stream as DescriptorReader;
      if (at === 2) this.stderr = stream as DescriptorReader;
    }
    for (let at = 0; at < Math.max(3, this.stdio.length); at++) this.stdio[at] ??= null;
  }

  #notStarted(error: SystemError): void {
    if (!REPORTED.has(error.code)) throw asSpawnError(error, this.spawnfile, this.spawnargs, 'spawn');
    this.exitCode = (error as { errno?: number }).errno ?? -1;
    this.stdio = [null, null, null];
    nextTick(() => {
      this.emit('error', asSpawnError(error, this.spawnfile, this.spawnargs, `spawn ${this.spawnfile}`));
      nextTick(() => this.#closed());
    });
  }

  #ended({ code, signal }: ExitStatus): void {
    this.#isRunning = false;
    this.exitCode = signal === null ? code : null;
    this.signalCode = signal;
    this.stdin?.destroy();
    if (this.#isRef) this.#family.caller.over();
    this.emit('exit', this.exitCode, this.signalCode);
    nextTick(() => {
      // What is not read would keep the pipes open.
      for (const stream of [this.stdout, this.stderr])
        if (stream?.readable && stream.listenerCount('readable') === 0 && stream.readableFlowing === null)
          stream.resume();
      this.#closed();
    });
  }

  #closed(): void {
    if (--this.#open === 0) this.emit('close', this.exitCode, this.signalCode);
  }
}

/** As Node names it. */
export function asSpawnError(
  { code, errno }: { readonly code: string; readonly errno: number },
  file: string,
  args: readonly string[],
  syscall: string,
): Error {
  return Object.assign(new Error(`${syscall} ${code}`), {
    errno,
    code,
    syscall,
    ...(syscall !== 'spawn' && { path: file }),
    spawnargs: args.slice(1),
  });
}

function refuseUsers({ uid, gid }: Wanted['options'], { process }: Caller): void {
  const own = process as { uid: number; gid: number };
  if ((uid ?? own.uid) !== own.uid || (gid ?? own.gid) !== own.gid)
    throw new GuestError(
      `child_process: uid, gid: got ${String(uid ?? gid)}: a simulated process starts children as its own user ${own.uid}. Start the other program in the scenario, with its uid`,
    );
}
