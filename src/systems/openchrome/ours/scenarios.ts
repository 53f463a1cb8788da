/** openchrome on our protocol, with the faults of the findings and more. */
import { type Scenario, sometimes } from '../../../scenario/index.ts';
import {
  afterFaults,
  anyHasQuit,
  at,
  FIRST_PID,
  foreign,
  type Member,
  scenariosOf,
  times,
  user,
} from '../../vocabulary/index.ts';
import { ATTACHED, usersChrome } from '../after.ts';
import * as must from '../invariants.ts';
import { chrome } from '../programs/chrome.ts';
import { PROFILE } from '../setup.ts';
import { DIRECTORY, LOST, prompt, REAPED, SERVE_ALL, shared, TAKEOVER } from './family.ts';
import { oneChrome, quitsCleanly, SAFETY } from './invariants.ts';
import { SHARING } from './sharing.ts';

/** When a contender finds an owner whose Chrome is gone for good. */
const ZOMBIE_AT_MS = 4_500;

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
  'twelve-sessions': {
    about: 'twelve sessions at once: one serves, the eleven others are refused, each with the reason',
    start: [times(12, 'host')],
    faultsForMs: 0,
    settleMs: 6_000,
    invariants: [oneChrome, must.everyHostLearnsWhy, must.oneOfAllIsServed],
  },
  'profile-in-use': {
    about: 'a user’s Chrome has the managed profile: its lock is left alone, and the session gives up',
    programs: { chrome: chrome({ singleton: true }) },
    start: [usersChrome(PROFILE), at(500, 'serve'), afterFaults('serve', 500)],
    invariants: [
      must.oneChromePerProfile,
      sometimes('the profile was in use', 'profile-in-use'),
      sometimes('a session gave up', 'self-release'),
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

export const OURS: readonly Scenario[] = [...UNDER_FAULTS, ...SHARING, ...FIXES, ...CLEAN_STOP];
