import { processFileName } from '../../model/index.ts';
import type { Program } from '../../ports/index.ts';
import {
  type Invariant,
  ifExercised,
  nothingForeignSignalled,
  nothingUnprovenSignalled,
  type Scenario,
  scenario,
  sometimes,
} from '../../scenario/index.ts';
import { FIRST_PID, quits } from '../quits.ts';
import {
  asksAtBootOnly,
  consenterServes,
  hasQuit,
  liveSpared,
  monitorServes,
  nobodySignalled,
  quitsCleanly,
  saysWhy,
} from './invariants.ts';
import { OURS, OWNER, app as oursApp } from './ours.ts';
import {
  ALL_RESTARTS_MS,
  APP,
  ASKED,
  BLOCKED,
  FOREIGN_EVERYWHERE,
  type Options,
  PROGRAMS,
  QUICK,
  SAID_FOREIGN,
  TWO_APPS,
} from './script.ts';
import { ADDRESS, MARKER, stranger } from './setup.ts';

const OURS_SAFETY: readonly Invariant[] = [
  ...[nothingForeignSignalled, nothingUnprovenSignalled].map(ifExercised),
  asksAtBootOnly,
  saysWhy,
];

const QUIT = sometimes('an app has quit', ({ processes }) => processes.some(hasQuit));
const RECLAIMED = sometimes('an orphan was ended', 'reclaimed');

function ours({ id, programs, ...options }: Options): Scenario {
  return scenario({
    id: `closedloop/ours/${id}`,
    programs: { ...PROGRAMS, app: OURS_APP, ...programs },
    faultsForMs: 2_000,
    settleMs: 9_000,
    machine: { busyMs: 100 },
    ...options,
    invariants: [...OURS_SAFETY, ...options.invariants],
  });
}

function ofAnAppThatIsGone(): string {
  const where = {
    bootId: '00000000-0000-4000-8000-000000000001',
    pidNamespace: 'pid:[1]',
    hostname: 'machine',
  };
  return processFileName(OWNER, { pid: 900, startTicks: 5, ...where });
}

const OURS_APP: Program = (ports, argv) => {
  const consent = async (): Promise<boolean> => {
    ports.mark('asks-at-boot');
    await ports.clock.sleep(500);
    return argv.includes('consents');
  };
  const sidecar = argv.includes('forks') ? [...OURS.sidecar, 'forks'] : OURS.sidecar;
  // A run is too short for a minute.
  const timing = { ...OURS.timing, readyWithinMs: 2_000, healthTimeoutMs: 500 };
  return oursApp({ ...OURS, sidecar, timing, consent })(ports, argv);
};

/** Ends at once when it is asked to. */
const MEEK: Program = (ports) => stranger(ports, [ADDRESS.host]);

/** As systemd does it. */
const quitsAll: Program = async (ports) => {
  const { pid: own } = await ports.process.self();
  for (const pid of (await ports.process.list()).reverse()) {
    if (pid !== own) await quits(ports, [`${pid}`, '0']);
  }
};

export const OURS_SCENARIOS = [
  ours({
    id: 'orphan',
    about:
      'apps and sidecars killed at any moment, strangers born with their PIDs: the next app has its monitor',
    start: [...TWO_APPS, { program: 'app', phase: 'settle' }],
    faults: { kill: 1, 'parent-death': 1, 'pid-reuse': 2 },
    invariants: [liveSpared, monitorServes, RECLAIMED, BLOCKED],
  }),
  ours({
    id: 'hung-sidecar',
    about: 'apps and sidecars stopped for a while or for good',
    programs: { sidecar: QUICK },
    start: [{ program: 'app' }, { program: 'app', phase: 'settle' }],
    faults: { stop: { max: 1, forMs: [50, 1_500, Number.POSITIVE_INFINITY] }, 'parent-death': 1 },
    invariants: [liveSpared, monitorServes, RECLAIMED],
  }),
  ours({
    id: 'live-consented',
    about: 'another app lives, and the user says yes',
    programs: { sidecar: QUICK },
    start: [{ program: 'app' }, { program: 'app', argv: ['consents'], atMs: 500 }],
    faults: { 'pid-reuse': 1, stop: { max: 1, forMs: [1_500] } },
    faultsForMs: 3_000,
    invariants: [monitorServes, consenterServes, ASKED, sometimes('a live instance was ended', 'reclaimed')],
  }),
  ours({
    id: 'foreign',
    about: 'a foreign holder on 0.0.0.0 is named, and left alone, even if the user would say yes',
    start: [FOREIGN_EVERYWHERE, { ...APP, argv: ['consents'] }],
    settleMs: ALL_RESTARTS_MS,
    machine: { busyMs: 0 },
    invariants: [nobodySignalled, SAID_FOREIGN],
  }),
  ours({
    id: 'other-users',
    about: "another user's holder is named, seen or not",
    start: [
      { program: 'stranger', argv: ['127.0.0.1'], uid: 1_001, foreign: true },
      { ...APP, uid: 1_000 },
    ],
    settleMs: ALL_RESTARTS_MS,
    machine: { busyMs: 0 },
    invariants: [nobodySignalled, SAID_FOREIGN],
  }),
  ours({
    id: 'other-users-sidecar',
    about: "another user's sidecar, whose app is gone, is foreign: root could end it, and does not",
    start: [{ program: 'sidecar', argv: [MARKER, ofAnAppThatIsGone()], uid: 1_000, foreign: true }, APP],
    settleMs: ALL_RESTARTS_MS,
    machine: { busyMs: 0 },
    invariants: [nobodySignalled, SAID_FOREIGN],
  }),
  ours({
    id: 'subreaper',
    about: 'a subreaper has adopted the orphan: it is known by the app that it names',
    start: [
      { program: 'init', subreaper: true, foreign: true },
      { program: 'app', parent: 'init' },
      { program: 'app', parent: 'init', phase: 'settle' },
    ],
    faults: { 'parent-death': 1 },
    invariants: [liveSpared, monitorServes, RECLAIMED],
  }),
  ours({
    id: 'container',
    about:
      'the app is PID 1 of its container, which reaps nobody: its sidecar is spared, and orphans are ended',
    start: [
      { program: 'app', pidNamespace: 'box', pid: 1 },
      { program: 'app', pidNamespace: 'box', atMs: 1_000 },
    ],
    invariants: [liveSpared, monitorServes, BLOCKED],
  }),
  ours({
    id: 'zombie',
    about: 'PID 1 of a container does not reap: an ended orphan is a zombie, and has ended',
    start: [
      { program: 'init', pidNamespace: 'box', pid: 1, foreign: true },
      { program: 'app', pidNamespace: 'box' },
      { program: 'app', pidNamespace: 'box', phase: 'settle' },
    ],
    faults: { 'parent-death': 1 },
    invariants: [liveSpared, monitorServes, RECLAIMED],
  }),
  ours({
    id: 'second-holder',
    about: 'a stranger on another address is not in the way; the orphan is, with a child that has its socket',
    programs: { sidecar: QUICK },
    start: [
      { program: 'stranger', argv: ['127.0.0.2'], foreign: true },
      { program: 'app', argv: ['forks'] },
      { program: 'app', phase: 'settle' },
    ],
    faults: { 'parent-death': 1, 'clock-jump': { max: 1, forMs: [-3_600_000] } },
    invariants: [liveSpared, monitorServes, RECLAIMED],
  }),
  ours({
    id: 'clean-stop',
    about:
      'an app is asked to end at any moment, its sidecar or its files maybe on their way: it leaves nothing',
    programs: { user: quits },
    start: [
      { program: 'app' },
      // Its birth, the first answer of its sidecar, the moments after, and those of another start of it.
      { program: 'user', argv: [`${FIRST_PID}`, '0', '1000', '1050', '2000'], foreign: true },
      { program: 'app', phase: 'settle' },
    ],
    faults: { kill: 1, 'pid-reuse': 1 },
    faultsForMs: 5_000,
    invariants: [quitsCleanly, monitorServes, QUIT, sometimes('it had been ready', 'ready')],
  }),
  ours({
    id: 'logout',
    about:
      'app and sidecar are asked to end at once, as at the end of a session: the sidecar may be gone when its app signals it',
    programs: { user: quitsAll, sidecar: MEEK },
    start: [{ program: 'app' }, { program: 'user', foreign: true, atMs: 15 }],
    faults: { 'pid-reuse': 1 },
    faultsForMs: 20,
    settleMs: 3_000,
    machine: { busyMs: 0 },
    invariants: [quitsCleanly, QUIT],
  }),
];
