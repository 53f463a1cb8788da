/** openchrome on our protocol, with the faults of the findings and more. */
import type { LeaseTiming, Timing } from '../../../model/index.ts';
import { type Scenario, sometimes, type World } from '../../../scenario/index.ts';
import { noOrphan, noStaleState } from '../../model/invariants.ts';
import {
  afterFaults,
  anyHasQuit,
  at,
  FIRST_PID,
  foreign,
  type Member,
  scenariosOf,
  soundOwnerStays,
  times,
  user,
} from '../../vocabulary/index.ts';
import { ATTACHED } from '../after.ts';
import * as must from '../invariants.ts';
import { chrome } from '../programs/chrome.ts';
import { events } from '../programs/events.ts';
import { host } from '../programs/host.ts';
import { FALLBACK, HEADLESS } from '../programs/launcher.ts';
import { BROKER_PORT, cdpAddress, HOME } from '../setup.ts';
import type { ChromeTiming } from './chrome.ts';
import { oneChrome, oneSessionServes, onlyKnownCodes, quitsCleanly, SAFETY, unsaid } from './invariants.ts';
import { session } from './session.ts';

const DIRECTORY = `${HOME}/owner`;

/** A half-zombie is taken over within `TAKEOVER_MS`; the relations that {@link Timing} states hold. */
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
const LEASES: LeaseTiming = { ttlMs: 1_500, sweepEveryMs: 750 };
/** When a contender finds an owner whose Chrome is gone for good. */
const ZOMBIE_AT_MS = 4_500;

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
const SERVE = session(OPTIONS);
const SERVE_ALL = session({ ...OPTIONS, descendants: [FALLBACK, HEADLESS] });

const LOST = sometimes('a contender was refused', 'lost');
const TAKEOVER = sometimes('a takeover happened', 'takeover');
const REAPED = sometimes('an orphan was reaped', 'reaped');
/** After the faults every living client uses the broker. */
const USED = sometimes('a client used the broker', ({ marks }: World) => (marks.get('brokered') ?? 0) > 1);

const shared: Member = {
  programs: { serve: SERVE, chrome: chrome(), host, script: events },
  start: [times(2, 'serve'), at(1_500, 'serve'), afterFaults('serve', 500)],
  faultsForMs: 2_500,
  settleMs: 4_500,
  machine: { busyMs: 100 },
  invariants: [
    ...SAFETY,
    // Longer than any grace, with a Chrome that answers.
    soundOwnerStays(TIMING.bootGraceMs + TIMING.challengeMs + CHROME_TIMING.recoverMs),
    oneSessionServes(DIRECTORY),
    noOrphan(DIRECTORY),
    noStaleState(DIRECTORY),
    onlyKnownCodes,
  ],
};
const prompt: Member = { ...shared, machine: { busyMs: 0 } };

const UNDER_FAULTS = scenariosOf('openchrome/ours', shared, {
  'cold-start': {
    about: 'two starts at once, a third and a fourth later; two processes killed at any moment',
    faults: { kill: 2 },
    invariants: [oneChrome, LOST, TAKEOVER, REAPED],
  },
  stopped: {
    about: 'sessions and Chromes are stopped for a moment, past every grace, for good; one is killed',
    faults: { stop: { max: 2, forMs: [50, 1_500, 20_000, Number.POSITIVE_INFINITY] }, kill: 1 },
    invariants: [oneChrome, LOST, TAKEOVER, sometimes('a former owner was evicted', 'evict')],
  },
  'pid-reuse': {
    about: 'sessions and Chromes killed or stopped, foreign processes born with their PIDs',
    faults: { kill: 2, stop: 1, 'pid-reuse': 2 },
    invariants: [oneChrome, TAKEOVER, REAPED],
  },
  'lost-metadata': {
    about: 'claims vanish or are torn while their owner lives',
    faults: {
      'lose-state': { max: 2, under: DIRECTORY },
      'tear-state': { max: 2, under: DIRECTORY },
      'corrupt-state': { max: 1, under: DIRECTORY },
      kill: 1,
    },
    invariants: [TAKEOVER],
  },
  clocks: {
    about: 'suspends, jumps of the clock both ways, and a kill',
    faults: { suspend: 1, 'clock-jump': 2, kill: 1 },
    invariants: [oneChrome, LOST, TAKEOVER],
  },
  broker: {
    about: 'an owner takes clients because it was asked to; a client that crashes loses its lease',
    start: [
      'serve --broker',
      at(800, times(2, 'serve --connect-broker')),
      afterFaults('serve --broker', 500),
    ],
    faults: { kill: 2 },
    faultsForMs: 3_000,
    invariants: [oneChrome, USED, sometimes('a lease was reclaimed', 'lease-reclaimed')],
  },
  'auto-broker': {
    about: 'all are asked to share: the first owns, the others attach; one takes its place when it is killed',
    start: [times(3, 'serve --auto-broker'), afterFaults('serve --auto-broker', 500)],
    faults: { kill: 2 },
    faultsForMs: 3_000,
    invariants: [oneChrome, USED, sometimes('a client became the owner', 'promoted'), unsaid(['degraded'])],
  },
  'never-by-default': {
    about: 'without a request to share, no broker is published; a client learns what to start',
    start: [times(2, 'serve'), 'host --connect-broker', afterFaults('serve', 500)],
    faults: { kill: 1 },
    invariants: [
      unsaid(['broker-published', 'attached', 'lease-granted']),
      LOST,
      sometimes('there was no broker', 'no-broker'),
      sometimes('a host was told so', 'host-told'),
    ],
  },
});

const FIXES = scenariosOf('openchrome/ours', prompt, {
  'half-zombie': {
    about: 'an owner lives, its watchdog hangs, its Chrome is gone: taken over within about 2 s',
    start: [
      'serve --hung-watchdog',
      foreign(at(700, 'script crash-chrome')),
      at(ZOMBIE_AT_MS, 'serve'),
      afterFaults('serve', 500),
    ],
    faultsForMs: 6_500,
    settleMs: 3_000,
    invariants: [
      oneChrome,
      must.takenOverInTimeFrom(ZOMBIE_AT_MS),
      sometimes('an owner was fenced', 'fenced'),
      TAKEOVER,
    ],
  },
  'self-release': {
    about: 'an update takes away the owner’s Chrome: it ends with 70, and its host starts another',
    start: ['host', foreign(at(2_000, 'script update')), afterFaults('serve', 500)],
    invariants: [
      oneChrome,
      must.workingChromeStays,
      must.givesUpAfterTwoFailures,
      sometimes('an owner gave up', 'self-release'),
      sometimes('its host started another', 'host-respawned'),
    ],
  },
  'anti-flap': {
    about: 'Chrome crashes and one relaunch fails: the owner does not give up',
    start: [
      'serve',
      foreign(at(2_000, 'script break crash-chrome')),
      foreign(at(3_900, 'script mend')),
      afterFaults('serve', 500),
    ],
    faultsForMs: 4_200,
    settleMs: 2_500,
    invariants: [
      oneChrome,
      must.noneGivesUp,
      sometimes('a relaunch failed', 'relaunch-failed'),
      sometimes('Chrome was started again', 'chrome-relaunched'),
    ],
  },
  explained: {
    about: 'refused hosts learn why; when the owner is gone one of them is served by its own session',
    start: [
      'host',
      at(1_500, 'host'),
      foreign(at(2_200, 'script crash-session')),
      afterFaults('host', 1_500),
    ],
    invariants: [
      oneChrome,
      must.everyHostLearnsWhy,
      sometimes('a host was served', 'host-served'),
      sometimes('a host was told why it is not', 'host-told'),
      sometimes('a degraded session became the owner', 'promoted'),
    ],
  },
  reaper: {
    about: 'an owner dies: the next one ends its managed, fallback and headless Chromes, and no others',
    start: [
      'serve',
      ATTACHED,
      foreign(at(3_000, 'script crash-session')),
      at(4_000, 'serve'),
      afterFaults('serve'),
    ],
    programs: { serve: SERVE_ALL },
    faultsForMs: 4_500,
    settleMs: 2_500,
    invariants: [
      oneChrome,
      sometimes('all three were reaped', ({ marks }) => (marks.get('reaped') ?? 0) >= 3),
    ],
  },
});

const alone: Member = { settleMs: 2_000, machine: { busyMs: 100 }, invariants: SAFETY };

const CLEAN_STOP = scenariosOf('openchrome/ours', alone, {
  'clean-stop': {
    about: 'a session is asked to end at any moment, one of its Chromes maybe on its way: they end with it',
    programs: { serve: SERVE_ALL, chrome: chrome(), user },
    start: [
      'serve --broker',
      // It owns, and is about to start the first of its Chromes; and so on, after a look at each.
      foreign(at(2.6, `user ${FIRST_PID} 0 never`)),
      foreign(at(2.7, `user ${FIRST_PID} 0 600 1200 2000`)),
    ],
    faults: { 'pid-reuse': 1 },
    invariants: [
      quitsCleanly(DIRECTORY),
      sometimes('a session has quit', anyHasQuit('serve')),
      sometimes('Chrome was up', 'up'),
    ],
  },
});

export const OURS: readonly Scenario[] = [...UNDER_FAULTS, ...FIXES, ...CLEAN_STOP];
