/** What #1085 promises, and keeps. */
import type { Program } from '../../ports/index.ts';
import { type Scenario, sometimes } from '../../scenario/index.ts';
import { afterFaults, at, endsAfter, foreign, type Member, scenariosOf, times } from '../vocabulary/index.ts';
import { SOON_MS } from './before.ts';
import {
  BREAKER,
  HEALTHY_WITHIN_MS,
  MUTEX_STALE_MS,
  ORPHAN_AGE_MS,
  POST_SPAWN_WAIT_MS,
  SMALL_MACHINE,
  WORKER_STARTS_WITHIN_MS,
} from './constants.ts';
import * as must from './invariants.ts';
import { chromaMcp } from './programs/chroma-mcp.ts';
import { bystander, clientOf, hangUp, timing } from './programs/client.ts';
import { sharedConnection } from './programs/connection.ts';
import { ensureBehindMutex, ensureBehindSpawnLock, hook } from './programs/launcher.ts';
import { reapByNameAgeAndCount } from './programs/reaper.ts';
import { type WorkerOptions, worker } from './programs/worker.ts';
import { CHROMA_MOOD, DIRECTORY, MUTEX } from './setup.ts';

export function workerAfter(options: Partial<WorkerOptions> = {}): Program {
  return worker({
    onPortTaken: 'ends',
    connection: sharedConnection,
    reap: reapByNameAgeAndCount,
    ...options,
  });
}

/** One command for each event. */
export const hookAfter = hook(ensureBehindMutex());
/** With the lock file that came later. */
export const hookToday = hook(ensureBehindSpawnLock);

/** What all scenarios of the fixed system share. */
export const shared: Member = {
  programs: { hook: hookAfter, worker: workerAfter(), 'chroma-mcp': chromaMcp },
  machine: { busyMs: 100, files: { [DIRECTORY]: null } },
  faultsForMs: 2_000,
  settleMs: 6_000,
};

/** One chroma-mcp of five minutes, five of four minutes, and then a hook. */
export const COUNTED = [
  afterFaults('chroma-mcp'),
  afterFaults(times(5, 'chroma-mcp'), ORPHAN_AGE_MS.after - 60_000),
  afterFaults('hook', ORPHAN_AGE_MS.after + 1_000),
];

const READY = sometimes('a hook found its worker', 'ready');

export const AFTER: readonly Scenario[] = scenariosOf('claude-mem/after', shared, {
  'ten-hooks': {
    about: 'ten hooks at once: one starts a worker, the others wait for it',
    start: [times(10, 'hook')],
    invariants: [
      must.oneSpawner,
      must.oneWorker,
      must.workersStarted(1),
      must.fewChromaProcesses,
      must.oneWorkerServes,
      must.servingHasPidFile,
      READY,
    ],
  },
  'ten-hooks-today': {
    about: 'ten hooks at once, behind the lock file that came later: one starts a worker',
    programs: { hook: hookToday },
    start: [times(10, 'hook')],
    invariants: [must.oneSpawner, must.fewChromaProcesses, must.oneWorkerServes, READY],
  },
  'bind-loser': {
    about: 'a worker that finds its TCP port taken ends before it starts anything',
    start: [times(3, 'worker')],
    invariants: [
      must.losersDoNothing,
      must.fewChromaProcesses,
      must.oneWorkerServes,
      must.servingHasPidFile,
      sometimes('a worker ended at once', ({ processes }) =>
        processes.some(({ exitCode }) => exitCode === 0),
      ),
    ],
  },
  'concurrent-searches': {
    about: 'concurrent searches share one connection',
    programs: { client: clientOf(1) },
    start: ['worker', at(100, times(6, 'client'))],
    invariants: [
      must.fewChromaProcesses,
      must.chromaStartsPer(60_000, 1),
      sometimes('a search was answered', 'found'),
    ],
  },
  'retry-storm': {
    about: 'chroma-mcp cannot be started: after three failures there is a minute’s pause, then one attempt',
    programs: { client: clientOf(70) },
    start: ['worker', at(100, 'client')],
    machine: { files: { [CHROMA_MOOD]: 'fails' } },
    faultsForMs: 1_000,
    settleMs: 80_000,
    invariants: [
      // The minute is counted from the last failure of the row.
      must.chromaStartsPer(BREAKER.cooldownMs, BREAKER.failures),
      must.fewChromaProcesses,
      sometimes('the breaker was open', 'breaker-open'),
      sometimes('it was tried again', ({ processes }) => {
        const starts = processes.filter(({ name }) => name.startsWith('chroma-mcp#'));
        return starts.length === BREAKER.failures + 1;
      }),
    ],
  },
  sighup: {
    about: 'SIGHUP: the worker closes its connection and ends, the next hook starts one, nothing is left',
    programs: { hangup: hangUp },
    start: ['hook', at(1_500, 'hangup'), afterFaults('hook')],
    faultsForMs: 3_000,
    invariants: [
      must.oneWorker,
      must.workersStarted(2),
      must.fewChromaProcesses,
      must.noOrphanChroma,
      must.oneWorkerServes,
      must.servingHasPidFile,
      sometimes('a worker was asked to stop', 'worker-stops'),
    ],
  },
  'crashed-launcher': {
    about: 'a mutex whose holder has crashed is taken away from it after ten seconds',
    start: [at(100, 'hook'), afterFaults('hook')],
    machine: { files: { [MUTEX]: null } },
    faultsForMs: MUTEX_STALE_MS + 500,
    invariants: [
      must.oneWorker,
      must.oneWorkerServes,
      sometimes('a hook waited in vain', 'gave-up'),
      sometimes('a hook found its worker', 'ready'),
    ],
  },
  'assumed-times': {
    about: 'a worker that listens within a second and answers within 100 ms, as the time-outs assume',
    programs: {
      worker: workerAfter({
        bindsAfterMs: WORKER_STARTS_WITHIN_MS - 10,
        answersLateMs: HEALTHY_WITHIN_MS - 10,
      }),
      timing: timing(HEALTHY_WITHIN_MS),
    },
    start: [times(3, 'hook'), afterFaults('timing', 1_000)],
    machine: { busyMs: 0 },
    invariants: [
      must.oneWorker,
      must.workersStarted(1),
      must.workersListenWithin(WORKER_STARTS_WITHIN_MS),
      must.healthyAnswersWithin(HEALTHY_WITHIN_MS),
      must.oneWorkerServes,
      must.servingHasPidFile,
      READY,
      sometimes('it answered', 'answered-soon'),
    ],
  },
  'machine-full': {
    about: 'the storm’s hooks and chroma-mcp on a small machine: there is room for others',
    programs: {
      worker: workerAfter({ syncEveryMs: SOON_MS }),
      bystander,
      something: endsAfter(10),
    },
    start: [foreign('bystander'), times(4, 'hook')],
    machine: { maxProcesses: SMALL_MACHINE, files: { [CHROMA_MOOD]: 'hangs' } },
    invariants: [
      must.othersCanStart,
      must.oneWorker,
      must.fewChromaProcesses,
      must.oneWorkerServes,
      sometimes('others could start', 'others-start'),
    ],
  },
  'spawn-fails': {
    about:
      'the machine has no room for a worker or a chroma-mcp: the mutex is free again, a later hook succeeds',
    start: [times(3, 'hook'), at(1_200, 'hook'), afterFaults('hook', POST_SPAWN_WAIT_MS + 1_000)],
    faults: { 'spawn-fails': { max: 2, forMs: [0, 1_000] } },
    settleMs: 14_000,
    invariants: [
      must.oneSpawner,
      must.oneWorker,
      must.fewChromaProcesses,
      must.hooksEnd,
      must.mutexIsFree,
      must.oneWorkerServes,
      must.servingHasPidFile,
      sometimes('a process could not be started', 'spawn-failed'),
    ],
  },
  count: {
    about: 'many young chroma-mcp and an old one: the old one is ended, and all but two of the young ones',
    start: COUNTED,
    faultsForMs: 0,
    settleMs: ORPHAN_AGE_MS.after + 10_000,
    invariants: [must.countedDown, must.oneWorkerServes],
  },
  'old-orphans': {
    about: 'chroma-mcp of crashed workers: those older than five minutes are ended',
    start: [
      // All take part: without an old one the count would not be looked at, see `young-orphans`.
      afterFaults(times(2, 'chroma-mcp')),
      afterFaults('chroma-mcp', ORPHAN_AGE_MS.after - 60_000),
      afterFaults('hook', ORPHAN_AGE_MS.after + 1_000),
    ],
    faultsForMs: 0,
    settleMs: ORPHAN_AGE_MS.after + 10_000,
    invariants: [
      must.fewChromaProcessesInTheEnd,
      must.oneWorkerServes,
      sometimes('orphans were ended', ({ signals }) => signals.length > 0),
    ],
  },
});
