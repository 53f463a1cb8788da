/** The storm before #1085: hooks that spawn without a lock, workers that leave chroma-mcp after chroma-mcp behind. */
import type { Program } from '../../ports/index.ts';
import { type Scenario, sometimes } from '../../scenario/index.ts';
import { at, endsAfter, foreign, type Member, scenariosOf, times } from '../vocabulary/index.ts';
import { SLOW_MS, SMALL_MACHINE, STORM, SYNC_EVERY_MS } from './constants.ts';
import * as must from './invariants.ts';
import { chromaMcp } from './programs/chroma-mcp.ts';
import { bystander, clientOf, hangUp } from './programs/client.ts';
import { looseConnection } from './programs/connection.ts';
import { ensureUnguarded, hook } from './programs/launcher.ts';
import { reapByNameAndAge } from './programs/reaper.ts';
import { type WorkerOptions, worker } from './programs/worker.ts';
import { CHROMA_MOOD, DIRECTORY } from './setup.ts';

export function workerBefore(options: Partial<WorkerOptions> = {}): Program {
  return worker({
    onPortTaken: 'goes-on',
    connection: looseConnection,
    reap: reapByNameAndAge,
    ...options,
  });
}

/** Each event runs two commands, and each of them ensures the worker. */
export const hookBefore = hook(ensureUnguarded(), 2);

/** A storm in short, for scenarios that need not last five minutes: when a worker tries again. */
export const SOON_MS = 1_000;

export const SPAWNS = sometimes('a worker was started', 'spawns');

/** What all scenarios of the unfixed system share. */
export const unfixed: Member = {
  programs: { hook: hookBefore, worker: workerBefore(), 'chroma-mcp': chromaMcp },
  machine: { busyMs: 100, files: { [DIRECTORY]: null } },
  faultsForMs: 2_000,
  settleMs: 10_000,
};

export const BEFORE: readonly Scenario[] = scenariosOf('claude-mem/before', unfixed, {
  'double-spawn': {
    about: 'one event and a worker that is slow to start: `start` gives up, and `hook` starts a second one',
    breaks: must.oneWorker,
    programs: { worker: workerBefore({ bindsAfterMs: SLOW_MS }) },
    start: ['hook'],
    invariants: [SPAWNS],
  },
  'check-then-spawn': {
    about: 'two hooks find the TCP port free, and each starts a worker',
    breaks: must.oneWorker,
    start: [times(2, 'hook')],
    invariants: [SPAWNS],
  },
  'bind-loser': {
    about: 'a worker that finds its TCP port taken goes on, and starts a chroma-mcp that no client will ask',
    breaks: must.losersDoNothing,
    start: [times(2, 'worker')],
  },
  'concurrent-searches': {
    about: 'each of several concurrent searches makes its own connection, and all but the last are forgotten',
    breaks: must.fewChromaProcesses,
    programs: { client: clientOf(1) },
    start: ['worker', at(100, times(4, 'client'))],
  },
  'dropped-transport': {
    about: 'a connection that answers with errors is not closed: each search leaves a chroma-mcp behind',
    breaks: must.fewChromaProcesses,
    programs: { client: clientOf(4) },
    start: ['worker', at(500, 'client')],
    machine: { files: { [CHROMA_MOOD]: 'errs' } },
  },
  'retry-storm': {
    about: 'chroma-mcp cannot be started, and each search starts it again, without an end',
    breaks: must.chromaStartsPer(60_000, 3),
    programs: { client: clientOf(6) },
    start: ['worker', at(100, 'client')],
    machine: { files: { [CHROMA_MOOD]: 'fails' } },
  },
  sighup: {
    about: 'asked to stop while its connection is down, a worker leaves its chroma-mcp behind',
    breaks: must.noOrphanChroma,
    programs: { hangup: hangUp },
    start: ['worker', at(1_000, 'hangup')],
    machine: { files: { [CHROMA_MOOD]: 'hangs' } },
    invariants: [sometimes('a worker was asked to stop', 'worker-stops')],
  },
  storm: {
    about: 'ten hooks and a chroma-mcp that never answers: a worker for each hook, ever more chroma-mcp',
    breaks: must.fewChromaProcesses,
    programs: { worker: workerBefore({ syncEveryMs: SYNC_EVERY_MS }) },
    start: [times(10, 'hook')],
    machine: { files: { [CHROMA_MOOD]: 'hangs' } },
    faultsForMs: 1_000,
    settleMs: STORM.withinMs - 1_000,
  },
  'machine-full': {
    about: 'the storm on a small machine: it takes all processes that there may be, and nothing else starts',
    breaks: must.othersCanStart,
    programs: {
      worker: workerBefore({ syncEveryMs: SOON_MS }),
      bystander,
      something: endsAfter(10),
    },
    start: [foreign('bystander'), times(4, 'hook')],
    machine: { maxProcesses: SMALL_MACHINE, files: { [CHROMA_MOOD]: 'hangs' } },
    invariants: [sometimes('others could start', 'others-start')],
  },
});
