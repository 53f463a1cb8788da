import { type ChildProcess, spawn } from 'node:child_process';
import type { ExitStatus, Operation, Signal } from '../ports/index.ts';
import { Failure, type Reply } from './reply.ts';

/** Where a child's output goes: this process's own, nowhere, or a descriptor. */
export type Output = 'inherit' | 'ignore' | number;

export interface SpawnOptions {
  /** What the first word of a command stands for, e.g. `{ daemon: ['/usr/bin/node', '/path/run.js', 'daemon'] }`. */
  readonly programs?: Readonly<Record<string, readonly string[]>>;
  readonly stdout?: Output;
  readonly stderr?: Output;
  /** Instead of this process's. */
  readonly env?: NodeJS.ProcessEnv;
}

interface Child {
  readonly process: ChildProcess;
  readonly detached: boolean;
  status: ExitStatus | null;
  readonly waiting: Reply<ExitStatus>[];
}

/**
 * Child processes. Node reaps each as soon as the event loop runs after its end, waited for or not: no zombies, but
 * its PID may be somebody else's before `wait` is asked. The status is kept until then.
 *
 * A child does not keep this process alive, with one exception: while somebody waits for a child that is not
 * detached. A detached one is meant to outlive us, so waiting for it is no reason to stay.
 */
export class Children {
  readonly #options: SpawnOptions;
  /** The system's number of one of ours. */
  readonly #rawDescriptor: (fd: number) => number;
  readonly #children = new Map<number, Child>();

  constructor(options: SpawnOptions, rawDescriptor: (fd: number) => number) {
    this.#options = options;
    this.#rawDescriptor = rawDescriptor;
  }

  spawn({ command, detached, inherit = [] }: Operation<'spawn'>, reply: Reply<number>): void {
    const { programs = {}, stdout = 'inherit', stderr = 'inherit', env = process.env } = this.#options;
    const [word = '', ...rest] = command;
    const known = Object.hasOwn(programs, word) ? programs[word] : undefined;
    const [file = '', ...args] = [...(known ?? [word]), ...rest];
    const started = spawn(file, args, {
      detached,
      env,
      stdio: ['ignore', stdout, stderr, ...inherit.map(this.#rawDescriptor)],
    });
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

  /** As with waitpid(2) one caller gets the status. */
  #collect(pid: number, child: Child): void {
    if (this.#children.get(pid) === child) this.#children.delete(pid);
    const [first, ...others] = child.waiting.splice(0);
    if (child.status !== null) first?.resolve(child.status);
    for (const other of others) other.reject(new Failure('ECHILD'));
  }
}
