/** closedloop on our port reconciliation, with the faults of the findings and more. */
import { processFileName } from '../../../model/index.ts';
import type { ProcessInfo, Program } from '../../../ports/index.ts';
import {
  ifExercised,
  nothingForeignSignalled,
  nothingUnprovenSignalled,
  type Scenario,
  sometimes,
} from '../../../scenario/index.ts';
import {
  afterFaults,
  anyHasQuit,
  at,
  FIRST_PID,
  foreign,
  listensAt,
  type Member,
  nothingSignalled,
  scenariosOf,
  start,
  user,
} from '../../vocabulary/index.ts';
import { APP, FOREIGN_EVERYWHERE, ORPHAN, shared, TWO_APPS } from '../before.ts';
import { ALL_RESTARTS_MS } from '../constants.ts';
import * as must from '../invariants.ts';
import { dialogFor } from '../programs/dialog.ts';
import { QUICK } from '../programs/sidecar.ts';
import { ADDRESS } from '../setup.ts';
import { app, OURS, OWNER } from './supervisor.ts';

const OURS_APP: Program = (ports, argv) => {
  const consent = async ({ pid, command }: ProcessInfo): Promise<boolean> => {
    const { message, detail } = dialogFor({ pid, command: command.join(' ') });
    ports.mark('asks-at-boot', { message, detail });
    await ports.clock.sleep(500);
    return argv.includes('consents');
  };
  const sidecar = argv.includes('forks') ? [...OURS.sidecar, 'forks'] : OURS.sidecar;
  // A run is too short for a minute.
  const timing = { ...OURS.timing, readyWithinMs: 2_000, healthTimeoutMs: 500 };
  return app({ ...OURS, sidecar, timing, consent })(ports, argv);
};

/** Of an app that is gone. */
const GONE = processFileName(OWNER, {
  pid: 900,
  startTicks: 5,
  bootId: '00000000-0000-4000-8000-000000000001',
  pidNamespace: 'pid:[1]',
  hostname: 'machine',
});

/** Asks every process to end, the newest first, as systemd does. */
const logout: Program = async (ports) => {
  const { pid: own } = await ports.process.self();
  for (const pid of (await ports.process.list()).reverse()) {
    if (pid !== own) await user(ports, [`${pid}`, '0']);
  }
};

const { ASKED, BLOCKED, SAID_FOREIGN } = must;
const QUIT = sometimes('an app has quit', anyHasQuit('app'));
const RECLAIMED = sometimes('an orphan was ended', 'reclaimed');
const BOX = { pidNamespace: 'box' };

const ours: Member = {
  ...shared,
  programs: { ...shared.programs, app: OURS_APP },
  settleMs: 9_000,
  invariants: [
    ...[nothingForeignSignalled, nothingUnprovenSignalled].map(ifExercised),
    must.asksAtBootOnly,
    must.saysWhy,
  ],
};

const RECLAIMS = scenariosOf('closedloop/ours', ours, {
  orphan: {
    about: 'apps and sidecars killed at any moment, foreign processes born with their PIDs',
    start: [...TWO_APPS, afterFaults('app')],
    faults: { kill: 1, 'parent-death': 1, 'pid-reuse': 2 },
    invariants: [must.liveSpared, must.monitorServes, RECLAIMED, BLOCKED],
  },
  'hung-sidecar': {
    about: 'apps and sidecars stopped for a while or for good',
    programs: { sidecar: QUICK },
    start: ['app', afterFaults('app')],
    faults: { stop: { max: 1, forMs: [50, 1_500, Number.POSITIVE_INFINITY] }, 'parent-death': 1 },
    invariants: [must.liveSpared, must.monitorServes, RECLAIMED],
  },
  'live-consented': {
    about: 'another app lives, and the user says yes',
    programs: { sidecar: QUICK },
    start: ['app', at(500, 'app consents')],
    faults: { 'pid-reuse': 1, stop: { max: 1, forMs: [1_500] } },
    faultsForMs: 3_000,
    invariants: [
      must.monitorServes,
      must.consenterServes,
      ASKED,
      sometimes('a live instance was ended', 'reclaimed'),
    ],
  },
  'live-refused': {
    about: 'another app lives, and the user says no: no process is ended, and nothing is tried again',
    start: TWO_APPS,
    settleMs: ALL_RESTARTS_MS,
    machine: { busyMs: 0 },
    invariants: [must.liveSpared, nothingSignalled, must.monitorServes, must.refusalIsFinal, ASKED, BLOCKED],
  },
  subreaper: {
    about: 'a subreaper has adopted the orphan: it is known by the app that it names',
    start: [
      start('init', { subreaper: true, foreign: true }),
      start('app', { parent: 'init' }),
      afterFaults(start('app', { parent: 'init' })),
    ],
    faults: { 'parent-death': 1 },
    invariants: [must.liveSpared, must.monitorServes, RECLAIMED],
  },
  container: {
    about: 'the app is PID 1 of its container, which does not reap: its sidecar is spared, orphans are ended',
    start: [start('app', { ...BOX, pid: 1 }), start('app', { ...BOX, atMs: 1_000 })],
    invariants: [must.liveSpared, must.monitorServes, BLOCKED],
  },
  zombie: {
    about: 'PID 1 of a container does not reap: an ended orphan is a zombie, and has ended',
    start: [
      start('init', { ...BOX, pid: 1, foreign: true }),
      start('app', BOX),
      afterFaults(start('app', BOX)),
    ],
    faults: { 'parent-death': 1 },
    invariants: [must.liveSpared, must.monitorServes, RECLAIMED],
  },
  'second-holder': {
    about: 'a foreign process on another address is not in the way; the orphan and its child are',
    programs: { sidecar: QUICK },
    start: [foreign('stranger 127.0.0.2'), 'app forks', afterFaults('app')],
    faults: { 'parent-death': 1, 'clock-jump': { max: 1, forMs: [-3_600_000] } },
    invariants: [must.liveSpared, must.monitorServes, RECLAIMED],
  },
  'clean-stop': {
    about: 'an app is asked to end at any moment, even while it starts its sidecar: it leaves nothing',
    programs: { user },
    start: [
      'app',
      // Its birth, the first answer of its sidecar, the moments after, and those of another start of it.
      foreign(`user ${FIRST_PID} 0 1000 1050 2000`),
      afterFaults('app'),
    ],
    faults: { kill: 1, 'pid-reuse': 1 },
    faultsForMs: 5_000,
    invariants: [must.quitsCleanly, must.monitorServes, QUIT, sometimes('it had been ready', 'ready')],
  },
  logout: {
    about: 'app and sidecar are asked to end at once, as at a logout: the sidecar may be gone first',
    // It ends at once when it is asked to.
    programs: { user: logout, sidecar: listensAt(ADDRESS) },
    start: ['app', foreign(at(15, 'user'))],
    faults: { 'pid-reuse': 1 },
    faultsForMs: 20,
    settleMs: 3_000,
    machine: { busyMs: 0 },
    invariants: [must.quitsCleanly, QUIT],
  },
});

const blocked: Member = {
  ...ours,
  settleMs: ALL_RESTARTS_MS,
  machine: { busyMs: 0 },
  invariants: [...ours.invariants!, nothingSignalled, SAID_FOREIGN],
};

const FOREIGN_HOLDERS = scenariosOf('closedloop/ours', blocked, {
  foreign: {
    about: 'a foreign holder on 0.0.0.0 is named, and left alone, even if the user would say yes',
    start: [FOREIGN_EVERYWHERE, at(200, 'app consents')],
  },
  'other-users': {
    about: "another user's holder is named, seen or not",
    start: [
      start('stranger 127.0.0.1', { uid: 1_001, foreign: true }),
      start('app', { atMs: 200, uid: 1_000 }),
    ],
  },
  'other-users-sidecar': {
    about: "another user's sidecar, whose app is gone, is foreign: root could end it, and does not",
    start: [start(`${ORPHAN} ${GONE}`, { uid: 1_000, foreign: true }), APP],
  },
});

export const OURS_SCENARIOS: readonly Scenario[] = [...RECLAIMS, ...FOREIGN_HOLDERS];
