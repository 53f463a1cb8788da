/** The same program in the simulation and under Node: what both print. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type NodeProgramOptions, nodeProgram } from '../../src/guest/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

export interface Ran {
  readonly lines: string[];
  readonly failure: unknown;
  readonly code: number | null;
}

/** What all processes of a run have printed. */
export async function simulated(
  file: string,
  options: NodeProgramOptions = {},
  schedule: Parameters<typeof runOnce>[1] = {},
): Promise<Ran> {
  const { run, events, failure } = await runOnce(
    scenarioOf(
      { program: nodeProgram(file, options) },
      {
        crashes: 'allowed',
        faultsForMs: 60_000,
        settleMs: 1_000,
        machine: { busyMs: 0, files: { '/tmp/.keep': '' } },
      },
    ),
    schedule,
  );
  const lines = events.flatMap((event) => (event.op === 'log' ? String(event.args.text).split('\n') : []));
  const process = run.world.processes.find(({ name }) => name === 'program#1')!;
  return { lines, failure, code: process.exitCode };
}

/** Under Node. The temporary folder is the program's own, so that nothing is left. */
function real(file: string): { lines: string[]; code: number | null } {
  const folder = mkdtempSync(join(tmpdir(), 'alike-'));
  try {
    const { stdout, stderr, status } = spawnSync(process.execPath, [file], {
      encoding: 'utf8',
      env: { ...process.env, TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    });
    return { lines: `${stdout}${stderr}`.trimEnd().split('\n'), code: status };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The same lines and exit code here and under Node. What is written to standard error comes last. */
export async function expectAlike(file: string): Promise<string[]> {
  const { lines, code, failure } = await simulated(file);
  expect(failure).toBeNull();
  expect({ lines, code }).toEqual(real(file));
  return lines;
}
