import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { readProcessInfo } from '../../src/node/identity.ts';
import { NodeMachine, type NodeMachineOptions } from '../../src/node/index.ts';
import { call } from '../../src/ports/call.ts';
import type { Operation, OperationName, ResultOf } from '../../src/ports/index.ts';
import { portsOf } from '../../src/ports/index.ts';
import { tsc } from '../tsc.ts';

/** For whatever must come true: far beyond what it takes, so that only a machine that stands still fails. */
const DEADLINE_MS = 50_000;
const POLL_MS = 5;

/** A machine, a directory of its own, children that are ended and seen gone: one for each test. */
export class Bench {
  readonly directory = mkdtempSync(join(tmpdir(), 'one-survivor-node-'));
  readonly machine: NodeMachine;
  readonly ports;
  readonly #pids = new Set<number>();

  constructor(options: NodeMachineOptions = {}) {
    this.machine = new NodeMachine({ stdout: 'ignore', stderr: 'ignore', ...options });
    this.ports = portsOf(this.machine, null);
  }

  do<Name extends OperationName>(operation: Operation<Name>): Promise<ResultOf<Name>> {
    return call(this.machine, null, operation);
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  /** Ends this process when the test ends. */
  track(pid: number): number {
    this.#pids.add(pid);
    return pid;
  }

  /** A Node process beside the machine, not through it. */
  node(script: string, options: SpawnOptions = {}): ChildProcess & { pid: number } {
    const child = spawn(process.execPath, ['-e', script], {
      stdio: ['ignore', 'pipe', 'ignore'],
      ...options,
    });
    this.track(child.pid ?? Number.NaN);
    return child as ChildProcess & { pid: number };
  }

  /** Ends what was started, by PID, and waits until it is gone. */
  async end(): Promise<void> {
    for (const pid of this.#pids) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    for (const pid of this.#pids) await eventually(() => !isAlive(pid));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Polls until it is so. */
export async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`did not come true within ${DEADLINE_MS} ms: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Whether a process, including a zombie, has this PID. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** What is orphaned and ended stays a zombie for as long as PID 1 likes: that is dead enough. */
export function isAlive(pid: number): boolean {
  try {
    return readProcessInfo(pid).state !== 'zombie';
  } catch {
    return false;
  }
}

/** The first line that a child prints. */
export async function firstLine(child: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += chunk;
    if (text.includes('\n')) return text.slice(0, text.indexOf('\n'));
  }
  throw new Error(`ended after printing ${JSON.stringify(text)}`);
}

export async function expectCode(promise: Promise<unknown>, code: string): Promise<void> {
  const error: unknown = await promise.then(
    (value) => `resolved with ${JSON.stringify(value)}`,
    (reason) => reason,
  );
  expect(error).toMatchObject({ name: 'Error', code });
}

/** A bad argument, which no machine is asked about: Node's error. */
export async function expectBadArgument(promise: Promise<unknown>, code: string): Promise<void> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: expect.stringMatching(/^(Type|Range)Error$/), code });
}

/** src/node and src/ports as JavaScript, for children under a Node that knows no types. Returns the path of run.js. */
export function compile(directory: string): string {
  const out = join(directory, 'compiled');
  mkdirSync(out);
  writeFileSync(join(out, 'package.json'), '{ "type": "module" }');
  tsc(['src/node/run.ts'], 'src', out);
  return join(out, 'node', 'run.js');
}

export function readLines(path: string): string[] {
  return readFileSync(path, 'utf8').trimEnd().split('\n');
}
