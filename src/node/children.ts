import type { ChildProcess } from 'node:child_process';
import type { ExitStatus, Operation, Signal } from '../ports/index.ts';
import { childProcess } from './builtin.ts';
import { type SocketNames, withNames } from './inherited-names.ts';
import { Failure, type Reply } from './reply.ts';

/** Where a child's output goes: to that of this process, nowhere, or to a descriptor. */
export type Output = 'inherit' | 'ignore' | number;

export interface SpawnOptions {
  /** Replacements for the first word of a command, e.g. `{ daemon: ['/usr/bin/node', '/path/run.js', 'daemon'] }`. */
  readonly programs?: Readonly<Record<string, readonly string[]>>;
  readonly stdout?: Output;
  readonly stderr?: Output;
  /** Default: the environment of this process. */
  readonly env?: NodeJS.ProcessEnv;
}

/** How descriptors are passed to a child. */
export interface Passing {
  /** The operating system's descriptor for one of ours. */
  raw(this: void, fd: number): number;
  /** The same for standard input, output or error; `passed` is called when the child has it. */
  stdio(fd: number): { readonly fd: number; passed(): void };
}

interface Child {
  readonly process: ChildProcess;
  readonly detached: boolean;
  status: ExitStatus | null;
  readonly waiting: Reply<ExitStatus>[];
}

/**
 * Child processes. Node reaps a child as soon as the event loop runs after its end, whether or not it is waited for. So there are
 * no zombies, but the PID may be reused before `wait` is called. The status is kept until then.
 *
 * A child keeps this process alive only while a `wait` for it is pending and it is not detached: a detached child is
 * meant to outlive its parent.
 */
export class Children {
  readonly #options: SpawnOptions;
  readonly #passing: Passing;
  readonly #names: (fds: readonly number[]) => SocketNames;
  readonly #children = new Map<number, Child>();

  constructor(options: SpawnOptions, passing: Passing, names: (fds: readonly number[]) => SocketNames) {
    this.#options = options;
    this.#names = names;
    this.#passing = passing;
  }

  spawn(operation: Operation<'spawn'>, reply: Reply<number>): void {
    const { command, detached, inherit = [], stdio = [], cwd, env: added, clearEnv = false } = operation;
    const { programs = {}, stdout = 'inherit', stderr = 'inherit' } = this.#options;
    const env = clearEnv ? { ...added } : { ...(this.#options.env ?? process.env), ...added };
    const usual = ['ignore', stdout, stderr] as const;
    const passed = stdio.map((fd) => (fd === null ? null : this.#passing.stdio(fd)));
    const standard = usual.map((output, at) => (at < passed.length ? (passed[at]?.fd ?? 'ignore') : output));
    const [word = '', ...rest] = command;
    const known = Object.hasOwn(programs, word) ? programs[word] : undefined;
    const [file = '', ...args] = [...(known ?? [word]), ...rest];
    const started = childProcess().spawn(file, args, {
      detached,
      ...(cwd !== undefined && { cwd }),
      env: inherit.length === 0 ? env : withNames(env, this.#names(inherit)),
      stdio: [...standard, ...inherit.map(this.#passing.raw)],
    });
    for (const one of passed) one?.passed();
    started.on('error', (error) => reply.reject(error));
    const { pid } = started;
    if (pid === undefined) return;
    started.unref();
    const child: Child = { process: started, detached, status: null, waiting: [] };
    this.#children.set(pid, child);
    started.once('exit', (code, signal) => {
      child.status = { code, signal: signal as Signal | null };
      if (child.waiting.length > 0) this.#collect(pid, child);
    });
    started.once('spawn', () => reply.resolve(pid));
  }

  wait({ pid }: Operation<'wait'>, reply: Reply<ExitStatus>): void {
    const child = this.#children.get(pid);
    if (child === undefined) throw new Failure('ECHILD');
    child.waiting.push(reply);
    if (child.status !== null) queueMicrotask(() => this.#collect(pid, child));
    else if (!child.detached) child.process.ref();
  }

  /** As with waitpid(2), only one caller gets the status. */
  #collect(pid: number, child: Child): void {
    if (this.#children.get(pid) === child) this.#children.delete(pid);
    const [first, ...others] = child.waiting.splice(0);
    if (child.status !== null) first?.resolve(child.status);
    for (const other of others) other.reject(new Failure('ECHILD'));
  }
}
