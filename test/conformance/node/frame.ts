/**
 * Compares programs of Node: a driver is a file that runs unmodified on this Node and as a simulated process. It gets its script as an
 * argument, and prints one line for each thing that it observes: `who: what`. A line `== name` begins a new part.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeProgram } from '../../../src/guest/index.ts';
import { runOnce, scenarioOf } from '../../check/helpers.ts';

/** What a driver has printed, and how it ended. */
export interface Ran {
  readonly lines: readonly string[];
  readonly code: number | null;
  readonly stderr: string;
}

/** Drivers are not compiled: they are beside the source, whichever folder this runs in. */
export function driver(name: string): string {
  const beside = fileURLToPath(new URL(`drivers/${name}`, import.meta.url));
  return existsSync(beside) ? beside : path.resolve('test/conformance/node/drivers', name);
}

/** @param node which Node; default: this one */
export async function onNode(file: string, script: unknown, node = process.execPath): Promise<Ran> {
  const folder = mkdtempSync(path.join(tmpdir(), 'driver-'));
  try {
    const child = spawn(node, [file, JSON.stringify(script)], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    return { lines: stdout.split('\n').filter((line) => line !== ''), code, stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param schedule the choices of the run; default: those that make no context switch */
export async function inSimulation(
  file: string,
  script: unknown,
  schedule: Parameters<typeof runOnce>[1] = {},
): Promise<Ran> {
  const { run, events, failure } = await runOnce(
    scenarioOf({ program: nodeProgram(file) }, {
      start: [{ program: 'program', argv: [JSON.stringify(script)] }],
      crashes: 'allowed',
      faultsForMs: 60_000,
      maxSteps: 1_000_000,
    } as never),
    schedule,
  );
  const printed = (stream: string): string[] =>
    events.flatMap((event) =>
      event.op === 'log' && event.args.stream === stream ? String(event.args.text).split('\n') : [],
    );
  const process = run.world.processes.find(({ name }) => name === 'program#1')!;
  const trouble = failure === null ? [] : [JSON.stringify(failure)];
  return {
    lines: printed('stdout'),
    code: process.exitCode,
    stderr: [...printed('stderr'), ...trouble].join('\n'),
  };
}

/** The lines of each part by who has observed them: in which order different ones observe something is for the schedule to say. */
export function byObserver(lines: readonly string[]): Record<string, Record<string, string[]>> {
  const parts: Record<string, Record<string, string[]>> = {};
  let part: Record<string, string[]> = {};
  parts[''] = part;
  for (const line of lines) {
    const [, name] = /^== (.*)$/.exec(line) ?? [];
    if (name !== undefined) {
      part = parts[name] = {};
      continue;
    }
    const [who = '', ...what] = line.split(': ');
    part[who] ??= [];
    part[who].push(what.join(': '));
  }
  return parts;
}
