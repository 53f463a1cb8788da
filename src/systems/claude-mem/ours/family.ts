/** What all scenarios of claude-mem on our protocol share. */
import { sometimes } from '../../../scenario/index.ts';
import * as model from '../../model/invariants.ts';
import { TIMING } from '../../model/setup.ts';
import type { Member } from '../../vocabulary/index.ts';
import * as must from '../invariants.ts';
import { chromaMcp } from '../programs/chroma-mcp.ts';
import { addressOf, TCP_PORT } from '../setup.ts';
import { ownHook, ownWorker } from './worker.ts';

export const DIRECTORY = '/run/claude-mem';
export const GATE = '/run/claude-mem-gate';
/** No process has this PID. */
export const DEAD = { pid: 999, startTicks: 5, pidNamespace: 'pid:[1]' };

export const WORKER = ownWorker({ directory: DIRECTORY, endpoint: addressOf(TCP_PORT), timing: TIMING });
/** How long a hook waits for the holder of the gate. */
export const PATIENCE_MS = 4_000;

export const HOOK = ownHook({
  gate: GATE,
  directory: DIRECTORY,
  timing: TIMING,
  worker: ['worker'],
  // Longer than it takes to end a silent owner and take over.
  readyWithinMs: 10_000,
  patienceMs: PATIENCE_MS,
  pollMs: 250,
});

export const SPAWNED = sometimes('a hook has started the worker', 'spawned');
export const REAPED = sometimes('an orphan was reaped', 'reaped');

export const shared: Member = {
  programs: { hook: HOOK, worker: WORKER, 'chroma-mcp': chromaMcp },
  machine: { busyMs: 100 },
  faultsForMs: 2_000,
  settleMs: 2_000,
  invariants: [
    ...model.SAFETY,
    model.healthyOwnerStays(TIMING),
    must.fewChromaProcesses,
    model.noOrphanBesideOwner(DIRECTORY),
    model.oneOwnerServes(DIRECTORY, TCP_PORT),
    model.noOrphan(DIRECTORY),
    model.noStaleState(DIRECTORY),
  ],
};
