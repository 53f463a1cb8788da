import type { Program } from '../../ports/index.ts';
import { type Scenario, type ScenarioOptions, scenario, sometimes } from '../../scenario/index.ts';
import { chromaMcp } from './chroma-mcp.ts';
import { clientOf, hangUp } from './client.ts';
import { SharedConnection } from './connection.ts';
import { BREAKER, MUTEX_STALE_MS, ORPHAN_AGE_MS } from './figures.ts';
import {
  chromaStartsPer,
  fewChromaProcesses,
  fewChromaProcessesInTheEnd,
  losersDoNothing,
  noOrphanChroma,
  oneSpawner,
  oneWorker,
  oneWorkerServes,
  servingHasPidFile,
  workersStarted,
} from './invariants.ts';
import { ensureBehindMutex, ensureBehindSpawnLock, hook } from './launcher.ts';
import { reapByNameAgeAndCount } from './reaper.ts';
import { CHROMA_MOOD, DIRECTORY, MUTEX } from './setup.ts';
import { type WorkerOptions, worker } from './worker.ts';

export function workerAfter(options: Partial<WorkerOptions> = {}): Program {
  return worker({
    onPortTaken: 'ends',
    connection: (ports) => new SharedConnection(ports),
    reap: reapByNameAgeAndCount,
    ...options,
  });
}

/** One command for each event. */
export const hookAfter = hook(ensureBehindMutex());
/** With the lock file that came later. */
export const hookToday = hook(ensureBehindSpawnLock);

export type AfterOptions = Pick<ScenarioOptions, 'id' | 'about' | 'start' | 'invariants'> &
  Partial<ScenarioOptions>;

export function after(options: AfterOptions): Scenario {
  return scenario({
    faultsForMs: 2_000,
    settleMs: 6_000,
    ...options,
    machine: { busyMs: 100, ...options.machine, files: { [DIRECTORY]: null, ...options.machine?.files } },
    programs: { hook: hookAfter, worker: workerAfter(), 'chroma-mcp': chromaMcp, ...options.programs },
  });
}

const READY = sometimes('a hook found its worker', 'ready');
/** All ten of them, each whenever it comes. */
const TEN_HOOKS = [{ program: 'hook', count: 10 }];

/** What #1085 promises, and keeps. */
export const AFTER: readonly Scenario[] = [
  after({
    id: 'claude-mem/after/ten-hooks',
    about: 'ten hooks at once: one starts a worker, the others wait for it',
    start: TEN_HOOKS,
    invariants: [
      oneSpawner,
      oneWorker,
      workersStarted(1),
      fewChromaProcesses,
      oneWorkerServes,
      servingHasPidFile,
      READY,
    ],
  }),
  after({
    id: 'claude-mem/after/ten-hooks-today',
    about: 'ten hooks at once, behind the lock file that came later: one starts a worker',
    programs: { hook: hookToday },
    start: TEN_HOOKS,
    invariants: [oneSpawner, fewChromaProcesses, oneWorkerServes, READY],
  }),
  after({
    id: 'claude-mem/after/bind-loser',
    about: 'a worker that finds its TCP port taken ends before it starts anything',
    start: [{ program: 'worker', count: 3 }],
    invariants: [
      losersDoNothing,
      fewChromaProcesses,
      oneWorkerServes,
      servingHasPidFile,
      sometimes('a worker ended at once', ({ processes }) =>
        processes.some(({ exitCode }) => exitCode === 0),
      ),
    ],
  }),
  after({
    id: 'claude-mem/after/concurrent-searches',
    about: 'concurrent searches share one connection',
    programs: { client: clientOf(1) },
    start: [{ program: 'worker' }, { program: 'client', count: 6, atMs: 100 }],
    invariants: [fewChromaProcesses, chromaStartsPer(60_000, 1), sometimes('a search was answered', 'found')],
  }),
  after({
    id: 'claude-mem/after/retry-storm',
    about:
      'chroma-mcp cannot be started: after three failures it is not tried again for a minute, then once more',
    programs: { client: clientOf(70) },
    start: [{ program: 'worker' }, { program: 'client', atMs: 100 }],
    machine: { files: { [CHROMA_MOOD]: 'fails' } },
    faultsForMs: 1_000,
    settleMs: 80_000,
    invariants: [
      // The last failure of the row is what the minute is counted from.
      chromaStartsPer(BREAKER.cooldownMs, BREAKER.failures),
      fewChromaProcesses,
      sometimes('the breaker was open', 'breaker-open'),
      sometimes('it was tried again', ({ processes }) => {
        const starts = processes.filter(({ name }) => name.startsWith('chroma-mcp#'));
        return starts.length === BREAKER.failures + 1;
      }),
    ],
  }),
  after({
    id: 'claude-mem/after/sighup',
    about:
      'SIGHUP: the worker closes its connection and ends, the next hook starts a fresh one, nothing is left over',
    programs: { hangup: hangUp },
    start: [{ program: 'hook' }, { program: 'hangup', atMs: 1_500 }, { program: 'hook', phase: 'settle' }],
    faultsForMs: 3_000,
    invariants: [
      oneWorker,
      workersStarted(2),
      fewChromaProcesses,
      noOrphanChroma,
      oneWorkerServes,
      servingHasPidFile,
      sometimes('a worker was asked to stop', 'worker-stops'),
    ],
  }),
  after({
    id: 'claude-mem/after/crashed-launcher',
    about: 'a mutex whose holder has crashed is taken away from it after ten seconds',
    start: [
      { program: 'hook', atMs: 100 },
      { program: 'hook', phase: 'settle' },
    ],
    machine: { files: { [MUTEX]: null } },
    faultsForMs: MUTEX_STALE_MS + 500,
    invariants: [
      oneWorker,
      oneWorkerServes,
      sometimes('a hook waited in vain', 'gave-up'),
      sometimes('a hook found its worker', 'ready'),
    ],
  }),
  after({
    id: 'claude-mem/after/old-orphans',
    about: 'chroma-mcp of crashed workers: those older than five minutes are ended',
    start: [
      // All take part: without an old one the count would not be looked at, see `young-orphans`.
      { program: 'chroma-mcp', phase: 'settle', count: 2 },
      { program: 'chroma-mcp', phase: 'settle', atMs: ORPHAN_AGE_MS.after - 60_000 },
      { program: 'hook', phase: 'settle', atMs: ORPHAN_AGE_MS.after + 1_000 },
    ],
    faultsForMs: 0,
    settleMs: ORPHAN_AGE_MS.after + 10_000,
    invariants: [
      fewChromaProcessesInTheEnd,
      oneWorkerServes,
      sometimes('orphans were ended', ({ signals }) => signals.length > 0),
    ],
  }),
];
