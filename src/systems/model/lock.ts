/** The lock alone: claims on disk, and no endpoint by which the owner could be asked. */
import { type Scenario, sometimes } from '../../scenario/index.ts';
import {
  afterFaults,
  at,
  foreign,
  type Member,
  onSlowDisk,
  scenariosOf,
  times,
} from '../vocabulary/index.ts';
import { healthyOwnerStays, newestStays, SAFETY, TAKEOVER } from './invariants.ts';
import { claim, state } from './preexisting/setup.ts';
import { brief, KEEPS_MS, keeper, sweeper, worker } from './programs/lock-users.ts';
import { DIRECTORY, TIMING } from './setup.ts';

/** How late an operation begins on a disk that is slow for it. */
const SLOW_MS = 50;

const shared: Member = {
  programs: { worker },
  start: [times(4, 'worker'), afterFaults('worker', 500)],
  machine: { busyMs: 200 },
  faultsForMs: 2_000,
  settleMs: 4_000,
  invariants: [...SAFETY, healthyOwnerStays(TIMING), sometimes('a contender lost', 'lost')],
};

/** As on every Linux: only the last directory has to be made. */
const withRun: Member = { ...shared, machine: { busyMs: 200, files: { '/run': null } } };

const WITH_RUN = scenariosOf('model/lock', withRun, {
  'cold-start': {
    about: 'four starts at once, any one killed at any moment',
    faults: { kill: 1 },
    invariants: [TAKEOVER],
  },
  'stopped-owner': {
    about: 'four starts at once, some stopped for a while or for good, one killed',
    faults: { stop: 2, kill: 1 },
    invariants: [TAKEOVER],
  },
  'pid-reuse': {
    about: 'owners killed, foreign processes born with their PIDs',
    faults: { kill: 2, 'pid-reuse': 2 },
    invariants: [TAKEOVER],
  },
  'lost-files': {
    about: 'files of the lock vanish while it is contended for and held',
    faults: { 'lose-state': { max: 2, under: DIRECTORY }, kill: 1 },
    invariants: [TAKEOVER],
  },
  'lost-number': {
    about: 'a claim vanishes before its start looks again, and another start wins its number meanwhile',
    programs: {
      first: onSlowDisk(worker, SLOW_MS, 'readdir', 'unlink'),
      second: onSlowDisk(worker, SLOW_MS, 'readdir'),
      sweeper,
    },
    // The first looks, publishes, clears up and looks again, each a slow operation later.
    start: ['first', foreign(at(2.4 * SLOW_MS, 'sweeper')), at(2.2 * SLOW_MS, 'second')],
    faultsForMs: 10 * SLOW_MS,
    settleMs: 1_000,
    machine: { busyMs: 0 },
    invariants: [newestStays(DIRECTORY)],
  },
  'late-link': {
    about: 'a start publishes its token after another start has come and gone and all claims are lost',
    programs: { slow: onSlowDisk(worker, SLOW_MS, 'link'), brief, sweeper },
    start: ['slow', at(0.3 * SLOW_MS, times(2, 'brief')), foreign(at(0.8 * SLOW_MS, 'sweeper'))],
    faultsForMs: 10 * SLOW_MS,
    settleMs: 1_000,
    machine: { busyMs: 0 },
  },
});

const WITHOUT_RUN = scenariosOf('model/lock', shared, {
  'lost-claims': {
    about: 'claims vanish: that of a start on a slow disk, and that of a start that has begun anew meanwhile',
    programs: { slow: onSlowDisk(worker, SLOW_MS, 'link'), sweeper },
    start: [
      times(1, 'slow'),
      // By chance alone the two losses hardly ever come when they matter: after each name of the slow one, before the next.
      foreign(at(SLOW_MS + 5, 'sweeper')),
      foreign(at(2 * SLOW_MS - 5, 'sweeper')),
      at(SLOW_MS + 10, times(2, 'worker')),
    ],
    faultsForMs: 300,
    settleMs: 1_000,
    machine: { busyMs: 50 },
    faults: { 'lose-state': { max: 2, under: DIRECTORY } },
  },
  'lost-and-tidied': {
    about: 'an owner tidies up before it knows that its claim is lost and another has begun anew',
    programs: { keeper, sweeper },
    start: ['keeper', foreign(at(1.5 * KEEPS_MS, 'sweeper')), at(1.6 * KEEPS_MS, times(2, 'worker'))],
    faultsForMs: 5 * KEEPS_MS,
    settleMs: 1_000,
    machine: { busyMs: 0, ...state({ 'gen-7': claim({ kind: 'free' }) }) },
    invariants: [newestStays(DIRECTORY)],
  },
});

export const LOCK: readonly Scenario[] = [...WITH_RUN, ...WITHOUT_RUN];
