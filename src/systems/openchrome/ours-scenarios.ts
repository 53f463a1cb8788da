import { EXIT, type LeaseTiming, type Timing } from '../../model/index.ts';
import {
  always,
  atMostOneOwner,
  type Complaint,
  eventually,
  type Invariant,
  ifExercised,
  noStaleAct,
  nothingForeignSignalled,
  nothingUnprovenSignalled,
  type Scenario,
  type ScenarioOptions,
  scenario,
  sometimes,
  type World,
} from '../../scenario/index.ts';
import { headOf, noOrphan, noStaleState } from '../model/invariants.ts';
import { FIRST_PID, quits } from '../quits.ts';
import { ATTACHED } from './after.ts';
import { BROKER_PORT } from './broker-file.ts';
import { chrome, flagOf } from './chrome.ts';
import { host } from './host.ts';
import {
  chromeOnPort,
  everyHostLearnsWhy,
  givesUpAfterTwoFailures,
  nobodyGivesUp,
  startedMs,
  whenever,
  workingChromeStays,
} from './invariants.ts';
import { FALLBACK, HEADLESS } from './launcher.ts';
import { session } from './ours.ts';
import type { ChromeTiming } from './ours-chrome.ts';
import { script } from './script.ts';
import { cdpAddress, EXIT_RELEASED, HOME, PROFILE, TAKEOVER_MS } from './setup.ts';

const DIRECTORY = `${HOME}/owner`;

/** So that a half-zombie is taken over within {@link TAKEOVER_MS}; keeps the relations that {@link Timing} states. */
const TIMING: Timing = {
  probeEveryMs: 150,
  probeTimeoutMs: 200,
  failedProbes: 3,
  bootGraceMs: 600,
  leaseMs: 600,
  challengeMs: 850,
  termGraceMs: 200,
  killGraceMs: 300,
  selfCheckMs: 600,
  tidyEveryMs: 4_000,
  patienceMs: 20_000,
};
const CHROME_TIMING: ChromeTiming = { launchMs: 1_000, lookEveryMs: 600, askMs: 120, recoverMs: 3_500 };
/** When a contender comes upon an owner whose Chrome is gone for good. */
const ZOMBIE_AT_MS = 4_500;
const LEASES: LeaseTiming = { ttlMs: 1_500, sweepEveryMs: 750 };

const OPTIONS = {
  directory: DIRECTORY,
  endpoint: cdpAddress(BROKER_PORT),
  timing: TIMING,
  leases: LEASES,
  chrome: ['chrome'],
  chromeTiming: CHROME_TIMING,
  lookAgainMs: 1_000,
  useEveryMs: 700,
} as const;

const SAFETY: readonly Invariant[] = [
  atMostOneOwner,
  ...[noStaleAct, nothingForeignSignalled, nothingUnprovenSignalled].map(ifExercised),
];

/** Two on one profile spoil it. */
const oneChrome = always(
  'one Chrome on the profile',
  ({ processes }) => {
    const running = processes.filter(
      ({ alive, foreign, command }) => alive && !foreign && flagOf(command, 'user-data-dir') === PROFILE,
    );
    return running.length < 2 ? null : `on ${PROFILE} run ${running.map(({ name }) => name).join(' and ')}`;
  },
  { when: 'change' },
);

/** An owner that has been running for longer than any grace, and whose Chrome answers, is not ended. */
const healthyOwnerStays = always(
  'a healthy owner is never evicted',
  ({ evictions }) => {
    const graceMs = TIMING.bootGraceMs + TIMING.challengeMs + CHROME_TIMING.recoverMs;
    const wrong = evictions.find(({ owns, soundForMs }) => owns && soundForMs > graceMs);
    return wrong === undefined ? null : `${wrong.by.name} evicts ${wrong.of.name}, which is alive and well`;
  },
  { when: 'change' },
);

/** The newest claim is that of a session that runs, and its own Chrome runs on the port; or see {@link hasGivenUp}. */
const aSessionServes = eventually('exactly one session serves', (world): Complaint => {
  const [owner, ...others] = world.currentClaims.map(({ process }) => process);
  if (owner === undefined) return hasGivenUp(world) ? null : 'nobody owns';
  if (others.length > 0) return `${others.length + 1} sessions own`;
  if (owner.state !== 'running') return `the owner, ${owner.name}, is ${owner.state}`;
  if (headOf(DIRECTORY, world)?.pid !== owner.pid)
    return `${owner.name} owns, and the newest claim is another’s`;
  const chrome = chromeOnPort(world);
  if (chrome?.parent !== owner || chrome.state !== 'running') {
    return `${owner.name} owns, and on Chrome’s port is ${chrome?.name ?? 'nobody'}`;
  }
  return null;
});

/** Two launches in a row were struck: the owner has said by its exit code that its host is to start another. */
function hasGivenUp({ processes }: World): boolean {
  const sessions = processes.filter(({ command }) => command[0] === 'serve');
  return sessions.every(({ alive }) => !alive) && sessions.some(({ exitCode }) => exitCode === EXIT_RELEASED);
}

/** From the start of a contender that comes long after Chrome has gone. */
function takenOverInTime(fromMs: number): Invariant {
  return whenever('a half-zombie is taken over within about 2 s', 'takeover', (world) => {
    const contender = world.processes.find(
      (process) => process.alive && startedMs(process) >= fromMs && process.command[0] === 'serve',
    );
    if (contender === undefined) return null;
    const tookMs = world.nowMs - startedMs(contender);
    return tookMs <= TAKEOVER_MS ? null : `${contender.name} took ${Math.round(tookMs)} ms`;
  });
}

function unsaid(marks: readonly string[]): Invariant {
  return always(
    `nobody says ${marks.join(', ')}`,
    (world) => {
      const said = marks.find((mark) => world.marks.has(mark));
      return said === undefined ? null : `somebody said ${said}`;
    },
    { when: 'change' },
  );
}

const onlyKnownCodes = eventually('who leaves says why by its exit code', ({ processes }) => {
  const codes: readonly (number | null)[] = [
    EXIT.done,
    2,
    EXIT.blocked,
    EXIT_RELEASED,
    EXIT.stateUnusable,
    EXIT.fenced,
  ];
  const wrong = processes.find(
    ({ command, alive, exitSignal, exitCode }) =>
      command[0] === 'serve' && !alive && exitSignal === null && !codes.includes(exitCode),
  );
  return wrong === undefined ? null : `${wrong.name} ended with ${wrong.exitCode}`;
});

function hasQuit({ command, exitCode }: World['processes'][number]): boolean {
  return command[0] === 'serve' && exitCode === EXIT.done;
}

/** Nobody comes later to reap what is left. */
const quitsCleanly = always(
  'a session that has quit leaves nothing',
  (world) => {
    const quit = world.processes.find(
      ({ command, exitCode }) => command[0] === 'serve' && exitCode === EXIT.done,
    );
    if (quit === undefined) return null;
    const left = world.processes.find(({ alive, command }) => alive && command[0] === 'chrome');
    if (left !== undefined) return `${quit.name} has quit, and its ${left.name} runs on`;
    const claim = headOf(DIRECTORY, world);
    return claim?.kind === 'owner' ? `${quit.name} has quit, and the newest claim is its own` : null;
  },
  { when: 'change' },
);

/** Every client that lives uses the broker, once the dust has settled: what it was last told was no error. */
function hasClients(world: World): boolean {
  return (world.marks.get('brokered') ?? 0) > 1;
}

function ours(options: Pick<ScenarioOptions, 'id' | 'about'> & Partial<ScenarioOptions>): Scenario {
  return scenario({
    start: [
      { program: 'serve', count: 2 },
      { program: 'serve', atMs: 1_500 },
      { program: 'serve', phase: 'settle', atMs: 500 },
    ],
    faultsForMs: 2_500,
    settleMs: 4_500,
    machine: { busyMs: 100 },
    ...options,
    programs: { serve: session(OPTIONS), chrome: chrome(), host, script, ...options.programs },
    invariants: [
      ...SAFETY,
      healthyOwnerStays,
      aSessionServes,
      noOrphan(DIRECTORY),
      noStaleState(DIRECTORY),
      onlyKnownCodes,
      ...(options.invariants ?? []),
    ],
  });
}

const LOST = sometimes('a contender was refused', 'lost');
const TAKEOVER = sometimes('a takeover happened', 'takeover');
const REAPED = sometimes('an orphan was reaped', 'reaped');

export const OURS: readonly Scenario[] = [
  ours({
    id: 'openchrome/ours/cold-start',
    about: 'two starts at once, a third and a fourth later; two processes killed at any moment',
    faults: { kill: 2 },
    invariants: [oneChrome, LOST, TAKEOVER, REAPED],
  }),
  ours({
    id: 'openchrome/ours/half-zombie',
    about:
      'an owner lives, its watchdog hangs, its Chrome is gone: the next start takes over within about 2 s',
    start: [
      { program: 'serve', argv: ['--hung-watchdog'] },
      { program: 'script', argv: ['crash-chrome'], foreign: true, atMs: 700 },
      { program: 'serve', atMs: ZOMBIE_AT_MS },
      { program: 'serve', phase: 'settle', atMs: 500 },
    ],
    machine: { busyMs: 0 },
    faultsForMs: 6_500,
    settleMs: 3_000,
    invariants: [
      oneChrome,
      takenOverInTime(ZOMBIE_AT_MS),
      sometimes('an owner was fenced', 'fenced'),
      TAKEOVER,
    ],
  }),
  ours({
    id: 'openchrome/ours/stopped',
    about: 'sessions and Chromes are stopped for a moment, past every grace, for good; one is killed',
    faults: { stop: { max: 2, forMs: [50, 1_500, 20_000, Number.POSITIVE_INFINITY] }, kill: 1 },
    invariants: [oneChrome, LOST, TAKEOVER, sometimes('a former owner was evicted', 'evict')],
  }),
  ours({
    id: 'openchrome/ours/pid-reuse',
    about: 'sessions and Chromes killed or stopped, strangers born with their PIDs',
    faults: { kill: 2, stop: 1, 'pid-reuse': 2 },
    invariants: [oneChrome, TAKEOVER, REAPED],
  }),
  ours({
    id: 'openchrome/ours/lost-metadata',
    about: 'claims vanish or are torn while their owner lives',
    faults: {
      'lose-state': { max: 2, under: DIRECTORY },
      'tear-state': { max: 2, under: DIRECTORY },
      'corrupt-state': { max: 1, under: DIRECTORY },
      kill: 1,
    },
    invariants: [TAKEOVER],
  }),
  ours({
    id: 'openchrome/ours/clocks',
    about: 'suspends, jumps of the clock both ways, and a kill',
    faults: { suspend: 1, 'clock-jump': 2, kill: 1 },
    invariants: [oneChrome, LOST, TAKEOVER],
  }),
  ours({
    id: 'openchrome/ours/self-release',
    about:
      'an update takes away the Chrome that the owner knows: it gives up with 70, and its host starts a fresh one',
    start: [
      { program: 'host' },
      { program: 'script', argv: ['update'], foreign: true, atMs: 2_000 },
      { program: 'serve', phase: 'settle', atMs: 500 },
    ],
    machine: { busyMs: 0 },
    invariants: [
      oneChrome,
      workingChromeStays,
      givesUpAfterTwoFailures,
      sometimes('an owner gave up', 'self-release'),
      sometimes('its host started another', 'host-respawned'),
    ],
  }),
  ours({
    id: 'openchrome/ours/anti-flap',
    about: 'Chrome crashes and one relaunch fails: nobody gives up',
    start: [
      { program: 'serve' },
      { program: 'script', argv: ['break', 'crash-chrome'], foreign: true, atMs: 2_000 },
      { program: 'script', argv: ['mend'], foreign: true, atMs: 3_900 },
      { program: 'serve', phase: 'settle', atMs: 500 },
    ],
    machine: { busyMs: 0 },
    faultsForMs: 4_200,
    settleMs: 2_500,
    invariants: [
      oneChrome,
      nobodyGivesUp,
      sometimes('a relaunch failed', 'relaunch-failed'),
      sometimes('Chrome was started again', 'chrome-relaunched'),
    ],
  }),
  ours({
    id: 'openchrome/ours/explained',
    about:
      'hosts that are refused learn why; when the owner is gone one of them is served by its own session',
    start: [
      { program: 'host' },
      { program: 'host', atMs: 1_500 },
      { program: 'script', argv: ['crash-session'], foreign: true, atMs: 2_200 },
      { program: 'host', phase: 'settle', atMs: 1_500 },
    ],
    machine: { busyMs: 0 },
    invariants: [
      oneChrome,
      everyHostLearnsWhy,
      sometimes('a host was served', 'host-served'),
      sometimes('a host was told why it is not', 'host-told'),
      sometimes('a degraded session became the owner', 'promoted'),
    ],
  }),
  ours({
    id: 'openchrome/ours/reaper',
    about: 'an owner dies: the next one ends its managed, fallback and headless Chromes, and nobody else’s',
    start: [
      { program: 'serve' },
      ATTACHED,
      { program: 'script', argv: ['crash-session'], foreign: true, atMs: 3_000 },
      { program: 'serve', atMs: 4_000 },
      { program: 'serve', phase: 'settle' },
    ],
    programs: { serve: session({ ...OPTIONS, descendants: [FALLBACK, HEADLESS] }) },
    faultsForMs: 4_500,
    settleMs: 2_500,
    machine: { busyMs: 0 },
    invariants: [
      oneChrome,
      sometimes('all three were reaped', ({ marks }) => (marks.get('reaped') ?? 0) >= 3),
    ],
  }),
  ours({
    id: 'openchrome/ours/broker',
    about:
      'an owner takes clients because it was asked to; a client that crashes loses its lease, others keep theirs',
    start: [
      { program: 'serve', argv: ['--broker'] },
      { program: 'serve', argv: ['--connect-broker'], count: 2, atMs: 800 },
      { program: 'serve', argv: ['--broker'], phase: 'settle', atMs: 500 },
    ],
    faults: { kill: 2 },
    faultsForMs: 3_000,
    invariants: [
      oneChrome,
      sometimes('a client used the broker', hasClients),
      sometimes('a lease was reclaimed', 'lease-reclaimed'),
    ],
  }),
  ours({
    id: 'openchrome/ours/auto-broker',
    about:
      'all are asked to share: the first owns, the others attach; one of them takes its place when it is killed',
    start: [
      { program: 'serve', argv: ['--auto-broker'], count: 3 },
      { program: 'serve', argv: ['--auto-broker'], phase: 'settle', atMs: 500 },
    ],
    faults: { kill: 2 },
    faultsForMs: 3_000,
    invariants: [
      oneChrome,
      sometimes('a client used the broker', hasClients),
      sometimes('a client became the owner', 'promoted'),
      unsaid(['degraded']),
    ],
  }),
  ours({
    id: 'openchrome/ours/never-by-default',
    about:
      'nobody asked to share: no broker is published, nobody attaches; who looks for one is told what to start',
    start: [
      { program: 'serve', count: 2 },
      { program: 'host', argv: ['--connect-broker'] },
      { program: 'serve', phase: 'settle', atMs: 500 },
    ],
    faults: { kill: 1 },
    invariants: [
      unsaid(['broker-published', 'attached', 'lease-granted']),
      LOST,
      sometimes('there was no broker', 'no-broker'),
      sometimes('a host was told so', 'host-told'),
    ],
  }),
  scenario({
    id: 'openchrome/ours/clean-stop',
    about: 'a session is asked to end at any moment, one of its Chromes maybe on its way: they end with it',
    programs: {
      serve: session({ ...OPTIONS, descendants: [FALLBACK, HEADLESS] }),
      chrome: chrome(),
      user: quits,
    },
    start: [
      { program: 'serve', argv: ['--broker'] },
      // It owns, and is about to start the first of its Chromes; and so on, after a look at each.
      { program: 'user', argv: [`${FIRST_PID}`, '0', 'never'], foreign: true, atMs: 2.6 },
      { program: 'user', argv: [`${FIRST_PID}`, '0', '600', '1200', '2000'], foreign: true, atMs: 2.7 },
    ],
    faults: { 'pid-reuse': 1 },
    machine: { busyMs: 100 },
    settleMs: 2_000,
    invariants: [
      ...SAFETY,
      quitsCleanly,
      sometimes('a session has quit', ({ processes }) => processes.some(hasQuit)),
      sometimes('Chrome was up', 'up'),
    ],
  }),
];
