/** claude-mem on our protocol, with the faults of the findings and more. */
import { type Scenario, sometimes } from '../../../scenario/index.ts';
import * as model from '../../model/invariants.ts';
import { afterFaults, at, endsAfter, foreign, scenariosOf, times } from '../../vocabulary/index.ts';
import { SMALL_MACHINE } from '../constants.ts';
import * as must from '../invariants.ts';
import { bystander, clientOf, hangUp } from '../programs/client.ts';
import { CHROMA_MOOD } from '../setup.ts';
import { OF_CONNECTION } from './chroma.ts';
import { GATE, PATIENCE_MS, REAPED, SPAWNED, shared } from './family.ts';

const CANNOT_START = sometimes('a process could not be started', 'spawn-failed');
const READY = sometimes('a hook found the worker of another', 'ready');
const { TAKEOVER } = model;

/** Two at once, one later, and one when the faults are over. */
const HOOKS = [times(2, 'hook'), at(1_200, 'hook'), afterFaults('hook', 500)];

const OF_HOOKS = scenariosOf('claude-mem/ours', shared, {
  'ten-hooks': {
    about: 'ten hooks at once: one starts a worker, the others wait until it serves',
    faultsForMs: 1_000,
    start: [times(10, 'hook')],
    invariants: [must.oneWorker, must.workersStarted(1), must.hooksEnd, SPAWNED, READY],
  },
  killed: {
    about: 'hooks, workers and chroma-mcp killed at any moment, and foreign processes born with their PIDs',
    start: HOOKS,
    faults: { kill: 3, 'pid-reuse': 1 },
    settleMs: 8_000,
    invariants: [
      must.hooksEnd,
      SPAWNED,
      READY,
      TAKEOVER,
      REAPED,
      sometimes('a gate of a dead hook was taken over', 'gate-takeover'),
    ],
  },
  stopped: {
    about: 'hooks and workers stopped for a moment, for longer than any wait, for good',
    start: HOOKS,
    faults: { stop: { max: 2, forMs: [50, 1_500, Number.POSITIVE_INFINITY] } },
    settleMs: 11_000,
    invariants: [
      sometimes('a frozen worker was ended', 'evict'),
      sometimes('a hook went past a gate that is not left', 'gate-passed'),
    ],
  },
  'lost-state': {
    about: 'claims of the worker and of the gate vanish or are torn',
    start: HOOKS,
    faults: { 'lose-state': { max: 2, under: '/run' }, 'tear-state': { max: 1, under: '/run' }, kill: 1 },
    settleMs: 8_000,
    invariants: [must.hooksEnd, SPAWNED, TAKEOVER],
  },
  clocks: {
    about: 'the machine sleeps, the wall clock is put forward and back: no wait gets longer',
    start: HOOKS,
    faults: { suspend: 1, 'clock-jump': 1 },
    settleMs: 2_500,
    invariants: [must.oneWorker, must.workersStarted(1), must.hooksEnd, SPAWNED, READY],
  },
  'gate-unusable': {
    about: 'the gate cannot be used: it opens in doubt, and the claim of the worker decides',
    faultsForMs: 1_000,
    start: [times(3, 'hook')],
    machine: { files: { [GATE]: 'not a directory' } },
    invariants: [must.hooksEnd, sometimes('a hook went past the gate', 'gate-passed')],
  },
  'spawn-fails': {
    about:
      'the machine has no room for a worker or a chroma-mcp: the gate is left, and a later hook succeeds',
    start: HOOKS,
    faults: { 'spawn-fails': { max: 2, forMs: [0, 1_000] } },
    settleMs: 8_000,
    invariants: [must.oneWorker, must.hooksEnd, SPAWNED, CANNOT_START],
  },
  'machine-full': {
    about: 'the storm’s hooks and chroma-mcp on a small machine: there is room for others',
    programs: { bystander, something: endsAfter(10), client: clientOf(8) },
    start: [foreign('bystander'), times(4, 'hook'), at(1_000, 'client')],
    machine: { maxProcesses: SMALL_MACHINE, files: { [CHROMA_MOOD]: 'hangs' } },
    settleMs: 10_000,
    invariants: [
      must.othersCanStart,
      must.oneWorker,
      must.workersStarted(1),
      must.oneChromaProcess,
      must.hooksEnd,
      SPAWNED,
      sometimes('others could start', 'others-start'),
    ],
  },
  sighup: {
    about: 'SIGHUP: the worker ends cleanly, the next hook starts a fresh one, nothing is left over',
    programs: { hangup: hangUp },
    start: ['hook', at(1_500, 'hangup'), afterFaults('hook', 500)],
    invariants: [
      must.oneWorker,
      must.hooksEnd,
      SPAWNED,
      sometimes('a worker was asked to stop', 'worker-stops'),
    ],
  },
  'sighup-at-once': {
    // To its hook, an end with 0 means that another worker is about to serve. So it waits behind the gate, for up to `readyWithinMs`.
    about:
      'SIGHUP before its hook has seen the worker: the next hook goes past the gate when its patience ends',
    programs: { hangup: hangUp },
    start: ['hook', at(5, 'hangup'), afterFaults('hook', 500)],
    settleMs: 500 + PATIENCE_MS + 2_000,
    invariants: [
      must.oneWorker,
      must.workersStarted(2),
      SPAWNED,
      sometimes('a worker was asked to stop', 'worker-stops'),
      sometimes('a hook went past a gate that is not left', 'gate-passed'),
    ],
  },
});

export const OURS: readonly Scenario[] = [...OF_HOOKS, ...OF_CONNECTION];
