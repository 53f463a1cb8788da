import type { Program } from '../../ports/index.ts';
import { type Scenario, type ScenarioOptions, scenario, sometimes } from '../../scenario/index.ts';
import { chromaMcp } from './chroma-mcp.ts';
import { clientOf, hangUp } from './client.ts';
import { LooseConnection } from './connection.ts';
import { STORM } from './figures.ts';
import {
  chromaStartsPer,
  fewChromaProcesses,
  losersDoNothing,
  noOrphanChroma,
  oneWorker,
} from './invariants.ts';
import { ensureUnguarded, hook } from './launcher.ts';
import { reapByNameAndAge } from './reaper.ts';
import { CHROMA_MOOD, DIRECTORY } from './setup.ts';
import { type WorkerOptions, worker } from './worker.ts';

/**
 * How often a worker tries again to catch up with what is pending. Not as often as it did: a simulated machine holds 512
 * processes, and the storm had more.
 */
export const SYNC_EVERY_MS = 15_000;

export function workerBefore(options: Partial<WorkerOptions> = {}): Program {
  return worker({
    onPortTaken: 'goes-on',
    connection: (ports) => new LooseConnection(ports),
    reap: async (ports) => {
      await reapByNameAndAge(ports);
    },
    ...options,
  });
}

/** Each event runs two commands, and each of them ensures the worker. */
export const hookBefore = hook(ensureUnguarded, 2);

function before(
  options: Pick<ScenarioOptions, 'id' | 'about' | 'start' | 'invariants'> & Partial<ScenarioOptions>,
): Scenario {
  return scenario({
    expects: 'violation',
    faultsForMs: 2_000,
    settleMs: 10_000,
    ...options,
    machine: { busyMs: 100, files: { [DIRECTORY]: null }, ...options.machine },
    programs: { hook: hookBefore, worker: workerBefore(), 'chroma-mcp': chromaMcp, ...options.programs },
  });
}

/** A worker that is slow to start, on a loaded machine: `start` gives up on it after five seconds. */
export const SLOW_MS = 6_000;

/** Ten events at once, on a machine where chroma-mcp does not come to answer. */
export const STORM_BEFORE = before({
  id: 'claude-mem/before/storm',
  about: 'ten hooks at once: a worker for each, and each worker starts chroma-mcp after chroma-mcp',
  violates: fewChromaProcesses.name,
  programs: { worker: workerBefore({ syncEveryMs: SYNC_EVERY_MS }) },
  start: [{ program: 'hook', count: 10 }],
  machine: { files: { [DIRECTORY]: null, [CHROMA_MOOD]: 'hangs' } },
  faultsForMs: 1_000,
  settleMs: STORM.withinMs - 1_000,
  invariants: [fewChromaProcesses],
});

export const BEFORE: readonly Scenario[] = [
  before({
    id: 'claude-mem/before/double-spawn',
    about:
      'one event, and a worker that is slow to start: `start` gives up on it, and `hook` starts a second one',
    violates: oneWorker.name,
    programs: { worker: workerBefore({ bindsAfterMs: SLOW_MS }) },
    start: [{ program: 'hook' }],
    invariants: [oneWorker, sometimes('a worker was started', 'spawns')],
  }),
  before({
    id: 'claude-mem/before/check-then-spawn',
    about: 'two hooks find the TCP port free, and each starts a worker',
    violates: oneWorker.name,
    start: [{ program: 'hook', count: 2 }],
    invariants: [oneWorker, sometimes('a worker was started', 'spawns')],
  }),
  before({
    id: 'claude-mem/before/bind-loser',
    about: 'a worker that finds its TCP port taken goes on, and starts a chroma-mcp that nobody will ask',
    violates: losersDoNothing.name,
    start: [{ program: 'worker', count: 2 }],
    invariants: [losersDoNothing],
  }),
  before({
    id: 'claude-mem/before/concurrent-searches',
    about: 'each of several concurrent searches makes its own connection, and all but the last are forgotten',
    violates: fewChromaProcesses.name,
    programs: { client: clientOf(1) },
    start: [{ program: 'worker' }, { program: 'client', count: 4, atMs: 100 }],
    invariants: [fewChromaProcesses],
  }),
  before({
    id: 'claude-mem/before/dropped-transport',
    about:
      'a connection that answers with errors is forgotten, not closed: each search leaves a chroma-mcp behind',
    violates: fewChromaProcesses.name,
    programs: { client: clientOf(4) },
    start: [{ program: 'worker' }, { program: 'client', atMs: 500 }],
    machine: { files: { [DIRECTORY]: null, [CHROMA_MOOD]: 'errs' } },
    invariants: [fewChromaProcesses],
  }),
  before({
    id: 'claude-mem/before/retry-storm',
    about: 'chroma-mcp cannot be started, and is started again by each search, without an end',
    violates: 'at most 3 starts of chroma-mcp in 60 s',
    programs: { client: clientOf(6) },
    start: [{ program: 'worker' }, { program: 'client', atMs: 100 }],
    machine: { files: { [DIRECTORY]: null, [CHROMA_MOOD]: 'fails' } },
    invariants: [chromaStartsPer(60_000, 3)],
  }),
  before({
    id: 'claude-mem/before/sighup',
    about:
      'asked to stop while its connection is down, a worker returns early from closing it, and leaves chroma-mcp behind',
    violates: noOrphanChroma.name,
    programs: { hangup: hangUp },
    start: [{ program: 'worker' }, { program: 'hangup', atMs: 1_000 }],
    machine: { files: { [DIRECTORY]: null, [CHROMA_MOOD]: 'hangs' } },
    invariants: [noOrphanChroma, sometimes('a worker was asked to stop', 'worker-stops')],
  }),
  STORM_BEFORE,
];
