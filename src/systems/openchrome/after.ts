import {
  atMostOneOwner,
  ifExercised,
  nothingForeignSignalled,
  type Scenario,
  sometimes,
} from '../../scenario/index.ts';
import { oldLock, openchrome } from './before.ts';
import {
  aSessionServes,
  everyHostLearnsWhy,
  givesUpAfterTwoFailures,
  healthyOwnerStays,
  nobodyGivesUp,
  noOrphan,
  takenOverInTime,
  workingChromeStays,
} from './invariants.ts';
import { AFTER } from './session.ts';

const session = { version: AFTER };

/** A user's own Chrome, which openchrome may attach to and never ends. */
export const ATTACHED = {
  program: 'chrome',
  argv: ['--remote-debugging-port=9333', '--user-data-dir=/home/user/chrome'],
  foreign: true,
} as const;

/** What the pull requests claim. Whoever comes, comes alone: what goes wrong otherwise is in findings/. */
export const AFTER_SCENARIOS: readonly Scenario[] = [
  openchrome({
    // #1477 alone, as it says that it closes the deadlock by itself.
    session: { version: { ...AFTER, releases: 'never' } },
    id: 'openchrome/after/half-zombie',
    about: 'within its grace a half-zombie is left alone; after that the next start takes over',
    start: [
      { program: 'serve' },
      { program: 'script', argv: ['update'], foreign: true, atMs: 2_000 },
      { program: 'serve', atMs: 15_000 },
      { program: 'serve', atMs: 125_000 },
      { program: 'serve', phase: 'settle', atMs: 1_000 },
    ],
    faultsForMs: 128_000,
    invariants: [
      healthyOwnerStays,
      takenOverInTime,
      aSessionServes,
      sometimes('a contender was refused', 'lost'),
      sometimes('a half-zombie was taken over', 'removed-half-zombie'),
    ],
  }),
  openchrome({
    session,
    id: 'openchrome/after/pid-reuse',
    about: 'a stranger bears the PID in the lock: its Chrome does not answer, so it is taken over',
    start: [
      { program: 'sleeper', foreign: true },
      { program: 'serve', atMs: 100 },
      { program: 'serve', phase: 'settle' },
    ],
    machine: { files: oldLock({}) },
    invariants: [
      atMostOneOwner,
      ifExercised(nothingForeignSignalled),
      takenOverInTime,
      aSessionServes,
      sometimes('the lock was taken over', 'removed-half-zombie'),
    ],
  }),
  openchrome({
    session,
    id: 'openchrome/after/self-release',
    about:
      'two relaunches in a row fail and Chrome does not answer: the owner ends with 70, its host starts another',
    start: [
      { program: 'host' },
      { program: 'script', argv: ['update'], foreign: true, atMs: 2_000 },
      { program: 'serve', phase: 'settle', atMs: 5_000 },
    ],
    faultsForMs: 22_000,
    invariants: [
      atMostOneOwner,
      workingChromeStays,
      givesUpAfterTwoFailures,
      aSessionServes,
      noOrphan,
      sometimes('an owner gave up', 'self-release'),
      sometimes('its host started another', 'host-respawned'),
    ],
  }),
  openchrome({
    session: { version: AFTER, relaunches: 9 },
    id: 'openchrome/after/anti-flap',
    about: 'Chrome crashes, one relaunch fails, the next succeeds: nobody gives up',
    start: [
      { program: 'serve' },
      { program: 'script', argv: ['break', 'crash-chrome'], foreign: true, atMs: 2_000 },
      { program: 'script', argv: ['mend'], foreign: true, atMs: 15_000 },
      { program: 'serve', phase: 'settle', atMs: 1_000 },
    ],
    faultsForMs: 22_000,
    invariants: [
      atMostOneOwner,
      nobodyGivesUp,
      aSessionServes,
      sometimes('a relaunch failed', 'relaunch-failed'),
      sometimes('Chrome was started again', 'chrome-relaunched'),
      sometimes('the watchdog was exhausted', 'watchdog-exhausted'),
    ],
  }),
  openchrome({
    session,
    id: 'openchrome/after/explained',
    about: 'who is refused answers the handshake, and says why: hosts can show it',
    start: [{ program: 'host' }, { program: 'host', atMs: 2_000 }, { program: 'host', phase: 'settle' }],
    faultsForMs: 4_000,
    invariants: [
      atMostOneOwner,
      everyHostLearnsWhy,
      aSessionServes,
      sometimes('a host was served', 'host-served'),
      sometimes('a host was told why it is not', 'host-told'),
    ],
  }),
  openchrome({
    session: { version: AFTER, descendants: true },
    id: 'openchrome/after/reaper',
    about: 'an owner dies: the next one ends its managed, fallback and headless Chromes, and nobody else’s',
    start: [
      { program: 'serve' },
      ATTACHED,
      { program: 'script', argv: ['crash-owner'], foreign: true, atMs: 5_000 },
      { program: 'serve', atMs: 6_000 },
      { program: 'serve', phase: 'settle' },
    ],
    faultsForMs: 8_000,
    invariants: [
      atMostOneOwner,
      nothingForeignSignalled,
      aSessionServes,
      noOrphan,
      sometimes('all three were reaped', ({ marks }) => marks.get('reaped') === 3),
    ],
  }),
  openchrome({
    session,
    id: 'openchrome/after/broker',
    about: 'an owner that was asked to takes clients; without one a client says what to start',
    start: [
      { program: 'host', argv: ['--connect-broker'] },
      { program: 'serve', argv: ['--broker'], atMs: 6_000 },
      { program: 'serve', argv: ['--connect-broker'], atMs: 8_000 },
      { program: 'serve', phase: 'settle' },
    ],
    faultsForMs: 10_000,
    invariants: [
      atMostOneOwner,
      everyHostLearnsWhy,
      aSessionServes,
      sometimes('there was no broker', 'no-broker'),
      sometimes('a client was served by the broker', 'brokered'),
    ],
  }),
];
