/** How many workers and chroma-mcp there are in a run of claude-mem's programs: what its figures are about. */
import { expect } from 'vitest';
import type { Program } from '../../src/ports/index.ts';
import { always, type Start, scenario } from '../../src/scenario/index.ts';
import { hookAfter, workerAfter } from '../../src/systems/claude-mem/after.ts';
import { chromaMcp } from '../../src/systems/claude-mem/programs/chroma-mcp.ts';
import { DIRECTORY } from '../../src/systems/claude-mem/setup.ts';
import { living } from '../../src/systems/vocabulary/index.ts';
import { runOnce } from '../check/helpers.ts';

export interface Counts {
  workers: number;
  chromaProcesses: number;
}

interface AllCounts extends Counts {
  /** Of the database behind a TCP port. */
  servers: number;
}

/** The most at once, and how it came to that. */
export interface Peaks extends Counts {
  /** Of workers and of chroma-mcp, in all. */
  started: Counts;
  /** How often a hook has ensured the worker. */
  ensured: number;
  /** How often a mark was made. */
  marks: Readonly<Record<string, number>>;
  /** At the end; and when `midMs` was over. */
  left: AllCounts;
  mid: Counts;
  exits: Record<string, { code: number | null; atMs: number }>;
}

export interface Trial {
  programs?: Record<string, Program>;
  start: readonly Start[];
  files?: Record<string, string | null>;
  maxProcesses?: number;
  forMs?: number;
  midMs?: number;
}

/** A default run, without preemptions and faults. */
export async function peaksOf(trial: Trial): Promise<Peaks> {
  const { programs = {}, start, files = {}, forMs = 30_000, midMs = forMs / 2, maxProcesses } = trial;
  const peaks = { workers: 0, chromaProcesses: 0 };
  let mid: Counts = peaks;
  const exits: Peaks['exits'] = {};
  const counted = scenario({
    id: 'claude-mem/test/peaks',
    programs: { hook: hookAfter, worker: workerAfter(), 'chroma-mcp': chromaMcp, ...programs },
    start,
    machine: {
      busyMs: 0,
      files: { [DIRECTORY]: null, ...files },
      ...(maxProcesses !== undefined && { maxProcesses }),
    },
    faultsForMs: 1_000,
    settleMs: forMs,
    invariants: [
      always(
        'counted',
        (world) => {
          const now = countsIn(world);
          peaks.workers = Math.max(peaks.workers, now.workers);
          peaks.chromaProcesses = Math.max(peaks.chromaProcesses, now.chromaProcesses);
          if (world.nowMs <= midMs) mid = now;
          for (const { name, alive, exitCode } of world.processes) {
            if (!alive) exits[name] ??= { code: exitCode, atMs: world.nowMs };
          }
          return null;
        },
        { when: 'change' },
      ),
    ],
  });
  const { run, failure } = await runOnce(counted);
  expect(failure).toBeNull();
  const { world } = run;
  const startedOf = (program: string): number =>
    world.processes.filter(({ name }) => name.startsWith(`${program}#`)).length;
  return {
    ...peaks,
    started: { workers: startedOf('worker'), chromaProcesses: startedOf('chroma-mcp') },
    ensured: (world.marks.get('ready') ?? 0) + (world.marks.get('gave-up') ?? 0),
    marks: Object.fromEntries(world.marks),
    left: countsIn(world),
    mid,
    exits,
  };
}

function countsIn(world: Parameters<typeof living>[0]): AllCounts {
  return {
    workers: living(world, 'worker').length,
    chromaProcesses: living(world, 'chroma-mcp').length,
    servers: living(world, 'chroma').length,
  };
}
