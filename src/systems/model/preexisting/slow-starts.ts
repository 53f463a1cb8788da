/** Owners that take long until they serve, and contenders that take long until they own. */

import { serveAsOwner } from '../../../model/index.ts';
import type { Program } from '../../../ports/index.ts';
import { type Scenario, sometimes } from '../../../scenario/index.ts';
import {
  at,
  FIRST_PID,
  foreign,
  isA,
  noEviction,
  noneLeft,
  scenariosOf,
  sleepForever,
  withoutUnixSockets,
} from '../../vocabulary/index.ts';
import { daemon } from '../programs/daemon.ts';
import { asOwner } from '../programs/lock-users.ts';
import { DAEMON, DIRECTORY, ENDPOINT, TIMING } from '../setup.ts';
import { takenOver, unsaid } from './kinds.ts';
import { ELSEWHERE } from './listeners.ts';
import { claim, FIRST_AND_LATER, firstOf, state } from './setup.ts';

/** Longer than any grace. */
const INITIALISES_MS = TIMING.hangMs + TIMING.challengeMs + 2_000;

/** Owns, and initialises for long before it serves. */
const slow = asOwner(
  async (owner, ports) => {
    await ports.clock.sleep(INITIALISES_MS);
    await serveAsOwner(ports, owner, {});
  },
  { endpoint: ENDPOINT },
);

const contenderLeaves = noneLeft(
  'a start that finds an owner that initialises leaves',
  (process) => isA(process, 'later') && process.alive,
  ({ name }) => `${name} still waits`,
);

const shared = {
  ...takenOver,
  machine: { busyMs: 0 },
  settleMs: INITIALISES_MS + 2_000,
  invariants: [...takenOver.invariants!, noEviction, unsaid('fenced')],
};

const INITIALISING = scenariosOf('model/found', shared, {
  'slow-start': {
    about: 'an owner initialises for longer than any grace; a start finds it at once, and leaves',
    programs: { slow, later: DAEMON },
    start: ['slow', at(500, 'later')],
    faultsForMs: 500,
    settleMs: 2_000,
    invariants: [contenderLeaves, unsaid('challenge')],
    // It does not serve yet.
  },
  'slow-start-of-a-new-version': {
    about:
      'an owner initialises for longer than any grace, and a start of a version that knows no certificates finds it',
    programs: { slow, old: withoutUnixSockets(DAEMON) },
    start: ['slow', at(500, 'old')],
    invariants: [sometimes('it was challenged', 'challenge')],
  },
});

/** Does not end when it is asked to. */
const stubborn: Program = async (ports) => {
  await ports.process.onSignal(['SIGTERM'], () => {});
  return sleepForever(ports);
};

/** Longer than it takes to challenge a contender that is silent, and to replace it. */
const EVICTS_MS = TIMING.bootGraceMs + TIMING.challengeMs + 1_500;
const patient = daemon({
  directory: DIRECTORY,
  endpoint: ENDPOINT,
  timing: { ...TIMING, termGraceMs: EVICTS_MS },
  helper: null,
});
/** When the first contender has claimed, and waits for the end of the former owner. */
const CLAIMED_MS = TIMING.bootGraceMs + TIMING.challengeMs + 1_000;

/** Asks the contender that waits for the TCP port to stop, and lets go of the port. */
const asker: Program = async ({ clock, process }) => {
  await clock.sleep(3_000);
  await process.kill(FIRST_PID + 1, 'SIGTERM');
  await clock.sleep(500);
  await process.kill(FIRST_PID, 'SIGTERM');
};

const STARTING = scenariosOf('model/found', takenOver, {
  'slow-eviction': {
    about: 'a contender waits long for the end of a former owner, and another one finds it meanwhile',
    machine: { ...state({ 'gen-1': claim({ command: ['stubborn'] }) }), busyMs: 0 },
    programs: { stubborn, patient },
    start: ['stubborn', 'patient', at(CLAIMED_MS, 'patient')],
    faultsForMs: CLAIMED_MS,
    settleMs: EVICTS_MS + 3_000,
    invariants: [unsaid('fenced'), sometimes('a former owner was evicted', 'evict')],
  },
  'asked-while-starting': {
    about: 'a contender that waits for the TCP port is asked to stop, when another one has found it',
    machine: { busyMs: 0 },
    programs: { asker, daemon: firstOf(ELSEWHERE) },
    start: [...FIRST_AND_LATER, foreign('asker'), at(1_000, 'daemon')],
    faultsForMs: 1_000,
    settleMs: 6_000,
  },
});

export const SLOW_STARTS: readonly Scenario[] = [...INITIALISING, ...STARTING];
