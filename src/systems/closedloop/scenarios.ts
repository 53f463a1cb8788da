import {
  type Invariant,
  nothingForeignSignalled,
  nothingUnprovenSignalled,
  type Scenario,
  type ScenarioOptions,
  scenario,
  sometimes,
} from '../../check/index.ts';
import { processFileName } from '../../model/index.ts';
import type { Program } from '../../ports/index.ts';
import { AFTER } from './after.ts';
import { BEFORE, firstVersion } from './before.ts';
import {
  asksAtBootOnly,
  consenterServes,
  liveSpared,
  monitorServes,
  nobodySignalled,
  noPidFile,
  reclaimIsTold,
  saysWhy,
  servicesSpared,
} from './invariants.ts';
import { OURS, OWNER, app as oursApp } from './ours.ts';
import { ADDRESS, helper, init, MARKER, PID_FILE, sidecar, stranger } from './setup.ts';

/** The tool's sidecar takes 5 s to end after SIGTERM; so it is always SIGKILL that ends it. */
const SLOW = sidecar({ address: ADDRESS, endsInMs: 5_000 });
/** One that has nothing left to do ends sooner. */
const QUICK = sidecar({ address: ADDRESS, endsInMs: 50 });

/** One that crashes in the moment in which somebody looks at it for the second time. */
const BRIEF: Program = async ({ net, clock }) => {
  await net.listen(ADDRESS);
  await clock.sleep(11);
  return 1;
};

/** The user quits the app: `user PID`. */
const user: Program = async ({ process }, [pid = '']) => {
  await process.kill(Number(pid), 'SIGTERM');
  return 0;
};

const PROGRAMS: Readonly<Record<string, Program>> = { sidecar: SLOW, helper, stranger, init, user };
/** Of the first process of a run. */
const FIRST_PID = 1_001;

type Options = Partial<ScenarioOptions> & Pick<ScenarioOptions, 'id' | 'about' | 'start' | 'invariants'>;

function closedloopScenario(app: Program, { id, programs, ...options }: Options): Scenario {
  return scenario({
    id: `closedloop/${id}`,
    programs: { ...PROGRAMS, app, ...programs },
    faultsForMs: 2_000,
    settleMs: 8_000,
    machine: { busyMs: 100 },
    ...options,
    invariants: [...options.invariants],
  });
}

/** What the crash of an app leaves: nobody but PID 1 is its parent. */
const ORPHAN = { program: 'sidecar', argv: [MARKER] } as const;
const APP = { program: 'app', atMs: 200 } as const;
/** One app, and when that has its sidecar, another. */
const TWO_APPS = [{ program: 'app' }, { program: 'app', atMs: 1_000 }] as const;
const FOREIGN_EVERYWHERE = { program: 'stranger', argv: ['0.0.0.0'], foreign: true } as const;
/** The five restarts: 1 + 2 + 4 + 8 + 16 s. */
const ALL_RESTARTS_MS = 35_000;

const KILLED_ORPHAN = sometimes('an orphan was ended', 'killed-orphan');
const BLOCKED = sometimes('an app was told that another lives', 'blocked-live');
const ASKED = sometimes('consent was asked', 'asks-at-boot');
const SAID_FOREIGN = sometimes('a foreign holder was named', 'says-foreign');
const SAFE: readonly Invariant[] = [nothingForeignSignalled, liveSpared, asksAtBootOnly];

const BEFORE_SCENARIOS = [
  closedloopScenario(BEFORE, {
    id: 'before/orphan-blocks',
    about:
      'the sidecar of a crashed app holds the TCP port: the next one loses the bind five times, and gives up',
    expects: 'violation',
    violates: 'one sidecar of a live app serves',
    remedy: 'look who holds the TCP port before the start, and end an orphan',
    start: [ORPHAN, APP],
    settleMs: ALL_RESTARTS_MS,
    invariants: [monitorServes],
  }),
  closedloopScenario(firstVersion('loopbackOnly'), {
    id: 'before/loopback-only',
    about:
      'a foreign holder on 0.0.0.0 is not seen by a lookup of 127.0.0.1: five silent retries, a blank dashboard',
    expects: 'violation',
    violates: 'whoever gives up has said why',
    remedy: 'ask for the TCP port on any address',
    start: [FOREIGN_EVERYWHERE, APP],
    settleMs: ALL_RESTARTS_MS,
    invariants: [nothingForeignSignalled, saysWhy],
  }),
  closedloopScenario(firstVersion('pidFileIsProof'), {
    id: 'before/pid-file-proof',
    about:
      'two worktrees share the PID file: the second app takes the sidecar of the first, which lives, for an orphan',
    expects: 'violation',
    violates: 'the sidecar of a live app is spared',
    remedy: 'only a dead parent makes an orphan; the PID file annotates the log',
    start: [{ program: 'app' }, { program: 'app', atMs: 6_000 }],
    invariants: [liveSpared],
  }),
  closedloopScenario(firstVersion('asksInRecovery'), {
    id: 'before/modal-in-recovery',
    about:
      "an app's sidecar crashes, another app takes the TCP port meanwhile: a dialog comes up in the midst of work",
    expects: 'violation',
    violates: 'consent is asked at boot only',
    remedy: 'ask at boot; in crash recovery stop, and say so',
    start: TWO_APPS,
    faults: { kill: 1 },
    invariants: [asksAtBootOnly],
  }),
];

const AFTER_SCENARIOS = [
  closedloopScenario(AFTER, {
    id: 'after/orphan',
    about: 'the sidecar of a crashed app is ended, and the TCP port is free for the next',
    start: [{ program: 'app' }, { program: 'app', phase: 'settle' }],
    faults: { 'parent-death': 1 },
    invariants: [...SAFE, monitorServes, KILLED_ORPHAN],
  }),
  closedloopScenario(AFTER, {
    id: 'after/garbage-pid-file',
    about: 'a PID file of no PID changes nothing: an orphan is known by its parent',
    start: [ORPHAN, APP],
    machine: { busyMs: 100, files: { [PID_FILE]: 'gar\0bage' } },
    invariants: [...SAFE, monitorServes, KILLED_ORPHAN],
  }),
  closedloopScenario(AFTER, {
    id: 'after/live-refused',
    about: 'another app lives, and the user says no: nobody is ended, and nothing is tried again',
    start: TWO_APPS,
    invariants: [...SAFE, nobodySignalled, monitorServes, ASKED, BLOCKED],
  }),
  closedloopScenario(AFTER, {
    id: 'after/live-consented',
    about:
      'another app lives, and the user says yes: its sidecar is ended, and it does not fight for the TCP port',
    start: [{ program: 'app' }, { program: 'app', argv: ['consents'], atMs: 1_000 }],
    invariants: [
      nothingForeignSignalled,
      asksAtBootOnly,
      monitorServes,
      consenterServes,
      sometimes('a live instance was ended', 'killed-live'),
    ],
  }),
  closedloopScenario(AFTER, {
    id: 'after/foreign',
    about: 'a foreign holder on 0.0.0.0 is named, and left alone',
    start: [FOREIGN_EVERYWHERE, APP],
    settleMs: ALL_RESTARTS_MS,
    machine: { busyMs: 0 },
    invariants: [nobodySignalled, saysWhy, SAID_FOREIGN],
  }),
  closedloopScenario(AFTER, {
    id: 'after/other-user',
    about: 'the sidecar of another user is foreign, whatever its command line says',
    start: [{ ...ORPHAN, uid: 1_000, foreign: true }, APP],
    settleMs: ALL_RESTARTS_MS,
    machine: { busyMs: 0 },
    invariants: [nobodySignalled, saysWhy, SAID_FOREIGN],
  }),
  closedloopScenario(AFTER, {
    id: 'after/recovery',
    about:
      "an app's sidecar crashes, and another app takes the TCP port meanwhile: it stops, and asks nobody",
    start: TWO_APPS,
    faults: { kill: 1 },
    invariants: [...SAFE, BLOCKED],
  }),
  closedloopScenario(AFTER, {
    id: 'after/clean-stop',
    about: 'an app that is asked to end takes its sidecar and its PID file with it',
    start: [{ program: 'app' }, { program: 'user', argv: [`${FIRST_PID}`], foreign: true, atMs: 6_500 }],
    settleMs: 9_000,
    invariants: [noPidFile, sometimes('it had been ready', 'ready')],
  }),
];

type Finding = Pick<ScenarioOptions, 'violates'> & Required<Pick<ScenarioOptions, 'remedy'>>;

function finding({ id, ...options }: Options & Finding): Scenario {
  return closedloopScenario(AFTER, { id: `after/${id}`, expects: 'violation', ...options });
}

const NAME_THE_APP =
  'name the app on the command line of its sidecar by PID and start time, and look whether it lives';
const NAME_THE_PROCESS = 'signal a process by PID and start time, as pidfd_send_signal(2) does';

const FINDINGS = [
  finding({
    id: 'subreaper',
    about:
      'under systemd --user an orphan has the subreaper for a parent: it counts as live, and is never reclaimed',
    violates: 'one sidecar of a live app serves',
    remedy: NAME_THE_APP,
    start: [
      { program: 'init', subreaper: true, foreign: true },
      { program: 'app', parent: 'init' },
      { program: 'app', parent: 'init', phase: 'settle' },
    ],
    faults: { 'parent-death': 1 },
    invariants: [...SAFE, monitorServes],
  }),
  finding({
    id: 'pid-1-in-a-container',
    about:
      'the app is PID 1 of its container: its live sidecar has parent 1, and another app ends it without asking',
    violates: 'the sidecar of a live app is spared',
    remedy: NAME_THE_APP,
    start: [
      { program: 'app', pidNamespace: 'box', pid: 1 },
      { program: 'app', pidNamespace: 'box', atMs: 1_000 },
    ],
    invariants: [liveSpared],
  }),
  finding({
    id: 'second-holder',
    about:
      'a stranger on another address of the same TCP port comes first: the orphan that is in the way is not seen',
    violates: 'one sidecar of a live app serves',
    remedy: 'look at all holders, and leave out those on addresses that are not in the way',
    start: [{ program: 'stranger', argv: ['127.0.0.2'], foreign: true }, { ...ORPHAN, atMs: 10 }, APP],
    settleMs: ALL_RESTARTS_MS,
    invariants: [nothingForeignSignalled, monitorServes],
  }),
  finding({
    id: 'zombie',
    about:
      'PID 1 of a container does not reap: the ended orphan reads as alive, and the reclaim is said to have failed',
    violates: 'a reclaim that has worked is not said to have failed',
    remedy: 'read the state of the process: a zombie has ended; or ask whether the TCP port is free',
    start: [
      { program: 'init', pidNamespace: 'box', pid: 1, foreign: true },
      { program: 'app', pidNamespace: 'box' },
      { program: 'app', pidNamespace: 'box', phase: 'settle' },
    ],
    faults: { 'parent-death': 1 },
    invariants: [...SAFE, reclaimIsTold],
  }),
  finding({
    id: 'group-child',
    about: 'a child of the orphan has inherited its socket and outlives SIGTERM: the TCP port stays in use',
    violates: 'one sidecar of a live app serves',
    remedy: 'wait for all of the group, and for the TCP port, not for its leader only',
    programs: { sidecar: QUICK },
    start: [{ program: 'sidecar', argv: [MARKER, 'forks'] }, APP],
    settleMs: ALL_RESTARTS_MS,
    invariants: [nothingForeignSignalled, monitorServes],
  }),
  finding({
    id: 'verify-signal-gap',
    about: 'between the second look and SIGTERM the orphan ends, and a stranger is given its PID',
    violates: 'nothing foreign is signalled',
    remedy: NAME_THE_PROCESS,
    programs: { sidecar: BRIEF },
    start: [
      { ...ORPHAN, atMs: 0.09 },
      { program: 'app', atMs: 11 },
    ],
    faults: { 'pid-reuse': 1 },
    faultsForMs: 12,
    // The run ends before the poll does: that is another finding.
    settleMs: 500,
    machine: { busyMs: 0 },
    invariants: [nothingForeignSignalled],
  }),
  finding({
    id: 'polled-by-pid',
    about:
      'the orphan ends upon SIGTERM, and a stranger is given its PID before the next poll: it is sent SIGKILL',
    violates: 'nothing foreign is signalled',
    remedy: NAME_THE_PROCESS,
    programs: { sidecar: QUICK },
    start: [ORPHAN, APP],
    faults: { 'pid-reuse': 1 },
    invariants: [nothingForeignSignalled],
  }),
  finding({
    id: 'unseen-user',
    about:
      "lsof does not show another user's sockets: the holder is nobody, and the app gives up without saying why",
    violates: 'whoever gives up has said why',
    remedy: 'read the user of the socket from /proc/net/tcp, and name that',
    start: [
      { program: 'stranger', argv: ['127.0.0.1'], uid: 1_001, foreign: true },
      { ...APP, uid: 1_000 },
    ],
    settleMs: ALL_RESTARTS_MS,
    invariants: [nothingForeignSignalled, saysWhy],
  }),
  finding({
    id: 'service',
    about:
      'somebody runs a sidecar as a service: its parent is PID 1 because PID 1 has started it, and it is ended',
    violates: 'a sidecar that PID 1 has started is spared',
    remedy: NAME_THE_APP,
    start: [ORPHAN, APP],
    invariants: [servicesSpared],
  }),
  finding({
    id: 'hung-sidecar',
    about: 'a sidecar that is stopped, or hangs, is alive by PID: nobody starts it anew',
    violates: 'one sidecar of a live app serves',
    remedy: 'ask it now and then, and start it anew after several unanswered questions',
    start: [{ program: 'app' }],
    faults: { stop: { max: 1, forMs: [Number.POSITIVE_INFINITY] } },
    invariants: [monitorServes],
  }),
  finding({
    id: 'consent-in-vain',
    about:
      'the ended instance is started again 1 s later by its app, which knows nothing: if ours is slow, it is first',
    violates: 'who has the consent gets the TCP port',
    remedy: 'tell the other app, before its sidecar is ended, that the TCP port is not its any more',
    programs: { sidecar: QUICK },
    start: [{ program: 'app' }, { program: 'app', argv: ['consents'], atMs: 500 }],
    faults: { stop: { max: 1, forMs: [1_500] } },
    faultsForMs: 3_000,
    invariants: [nothingForeignSignalled, consenterServes],
  }),
  finding({
    id: 'clock-put-back',
    about:
      'the wait for the end of an orphan goes by the wall clock: put back, it takes an hour, and the boot waits',
    violates: 'one sidecar of a live app serves',
    remedy: 'measure by the monotonic clock',
    start: [{ ...ORPHAN, argv: [MARKER, 'stubborn'] }, APP],
    faults: { 'clock-jump': { max: 1, forMs: [-3_600_000] } },
    invariants: [...SAFE, monitorServes],
  }),
];

const OURS_SAFETY: readonly Invariant[] = [
  nothingForeignSignalled,
  nothingUnprovenSignalled,
  asksAtBootOnly,
  saysWhy,
];

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

const OURS_SCENARIOS = [
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
    faults: { 'pid-reuse': 1 },
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
];

export const CLOSEDLOOP: readonly Scenario[] = [
  ...BEFORE_SCENARIOS,
  ...AFTER_SCENARIOS,
  ...FINDINGS,
  ...OURS_SCENARIOS,
];
