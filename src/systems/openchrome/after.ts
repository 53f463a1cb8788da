/** What the pull requests claim. Every process comes alone: what goes wrong otherwise is in findings/. */
import {
  atMostOneOwner,
  ifExercised,
  nothingForeignSignalled,
  type Scenario,
  type Start,
  sometimes,
} from '../../scenario/index.ts';
import { afterFaults, at, foreign, type Member, scenariosOf } from '../vocabulary/index.ts';
import { shared } from './before.ts';
import * as must from './invariants.ts';
import { ACTIVE_PORT } from './programs/auto-connect.ts';
import { chrome } from './programs/chrome.ts';
import { oldLock } from './programs/controller-lock.ts';
import { guardian } from './programs/guardian.ts';
import { AFTER, serve } from './programs/session.ts';
import { CDP_PORT, PROFILE } from './setup.ts';

/** What all scenarios of the fixed sessions share. */
export const after: Member = { ...shared, programs: { ...shared.programs, serve: serve(AFTER) } };

const OWN_PORT = 9_333;
const OWN_PROFILE = '/home/user/chrome';

/** A Chrome that a user has started, on TCP port 9333. */
export function usersChrome(profile: string): Start {
  return foreign(`chrome --remote-debugging-port=${OWN_PORT} --user-data-dir=${profile}`);
}

/** A user's own Chrome, which openchrome may attach to and never ends. */
export const ATTACHED = usersChrome(OWN_PROFILE);

/** What a Chrome writes into its profile once it listens. */
export const ACTIVE_PORTS = {
  [`${OWN_PROFILE}/${ACTIVE_PORT}`]: `${OWN_PORT}\n/devtools/browser/1\n`,
  [`${PROFILE}/${ACTIVE_PORT}`]: `${CDP_PORT}\n/devtools/browser/2\n`,
};

export const AFTER_SCENARIOS: readonly Scenario[] = scenariosOf('openchrome/after', after, {
  'half-zombie': {
    about: 'within its grace a half-zombie is left alone; after that the next start takes over',
    // #1477 alone, as it says that it closes the deadlock by itself.
    programs: { serve: serve({ ...AFTER, releases: 'never' }) },
    start: [
      'serve',
      foreign(at(2_000, 'script update')),
      at(15_000, 'serve'),
      at(125_000, 'serve'),
      afterFaults('serve', 1_000),
    ],
    faultsForMs: 128_000,
    invariants: [
      must.healthyOwnerStays,
      must.takenOverInTime,
      must.aSessionServes,
      sometimes('a contender was refused', 'lost'),
      sometimes('a half-zombie was taken over', 'removed-half-zombie'),
    ],
  },
  'pid-reuse': {
    about: 'a foreign process has the PID in the lock: its Chrome does not answer, so it is taken over',
    start: [foreign('sleeper'), at(100, 'serve'), afterFaults('serve')],
    machine: { files: oldLock({}) },
    invariants: [
      atMostOneOwner,
      ifExercised(nothingForeignSignalled),
      must.takenOverInTime,
      must.aSessionServes,
      sometimes('the lock was taken over', 'removed-half-zombie'),
    ],
  },
  'self-release': {
    about: 'two relaunches fail and Chrome is silent: the owner ends with 70, its host starts another',
    start: ['host', foreign(at(2_000, 'script update')), afterFaults('serve', 5_000)],
    faultsForMs: 22_000,
    invariants: [
      atMostOneOwner,
      must.workingChromeStays,
      must.givesUpAfterTwoFailures,
      must.aSessionServes,
      must.noOrphan,
      sometimes('an owner gave up', 'self-release'),
      sometimes('its host started another', 'host-respawned'),
    ],
  },
  'anti-flap': {
    about: 'Chrome crashes, one relaunch fails, the next succeeds: the owner does not give up',
    programs: { serve: serve(AFTER, { relaunches: 9 }) },
    start: [
      'serve',
      foreign(at(2_000, 'script break crash-chrome')),
      foreign(at(15_000, 'script mend')),
      afterFaults('serve', 1_000),
    ],
    faultsForMs: 22_000,
    invariants: [
      atMostOneOwner,
      must.noneGivesUp,
      must.aSessionServes,
      sometimes('a relaunch failed', 'relaunch-failed'),
      sometimes('Chrome was started again', 'chrome-relaunched'),
      sometimes('the watchdog was exhausted', 'watchdog-exhausted'),
    ],
  },
  explained: {
    about: 'a refused session answers the handshake, and says why: hosts can show it',
    start: ['host', at(2_000, 'host'), afterFaults('host')],
    faultsForMs: 4_000,
    invariants: [
      atMostOneOwner,
      must.everyHostLearnsWhy,
      must.aSessionServes,
      sometimes('a host was served', 'host-served'),
      sometimes('a host was told why it is not', 'host-told'),
    ],
  },
  reaper: {
    about: 'an owner dies: the next one ends its managed, fallback and headless Chromes, and no others',
    programs: { serve: serve(AFTER, { descendants: true }) },
    start: [
      'serve',
      ATTACHED,
      foreign(at(5_000, 'script crash-owner')),
      at(6_000, 'serve'),
      afterFaults('serve'),
    ],
    faultsForMs: 8_000,
    invariants: [
      atMostOneOwner,
      nothingForeignSignalled,
      must.aSessionServes,
      must.noOrphan,
      sometimes('all three were reaped', ({ marks }) => marks.get('reaped') === 3),
    ],
  },
  watchdog: {
    about: 'an owner dies: its watchdog process ends the managed Chrome, the next owner reaps the two others',
    programs: { guardian, serve: serve(AFTER, { descendants: true, guarded: true }) },
    start: [
      'serve',
      ATTACHED,
      foreign(at(5_000, 'script crash-owner')),
      at(6_100, 'serve'),
      afterFaults('serve'),
    ],
    faultsForMs: 8_000,
    invariants: [
      atMostOneOwner,
      nothingForeignSignalled,
      must.aSessionServes,
      must.noOrphan,
      sometimes('the watchdog process ended the managed Chrome', 'guarded'),
      sometimes('the two others were reaped', ({ marks }) => marks.get('reaped') === 2),
    ],
  },
  'second-lock': {
    about: 'a user starts a Chrome on the managed profile: the lock of the Chrome that has it keeps it out',
    programs: { chrome: chrome({ singleton: true }), serve: serve(AFTER, { clearsProfileLock: true }) },
    start: ['serve', at(3_000, usersChrome(PROFILE)), afterFaults('serve')],
    faultsForMs: 4_000,
    invariants: [
      atMostOneOwner,
      must.oneChromePerProfile,
      must.aSessionServes,
      sometimes('the profile was in use', 'profile-in-use'),
    ],
  },
  'auto-connect': {
    about:
      'a session may attach to a user’s own Chrome; to the managed one it may not, however its path is written',
    start: [
      'serve',
      ATTACHED,
      at(2_000, `serve --auto-connect=${PROFILE}`),
      at(2_000, `serve --auto-connect=${PROFILE}/../profile/`),
      at(2_000, `serve --auto-connect=${OWN_PROFILE}`),
      afterFaults('serve'),
    ],
    machine: { files: ACTIVE_PORTS },
    faultsForMs: 4_000,
    invariants: [
      atMostOneOwner,
      must.managedIsNotAttachedTo,
      must.aSessionServes,
      sometimes('both were refused', ({ marks }) => marks.get('managed-profile-refused') === 2),
      sometimes('a session attached to the user’s own', `attached-${OWN_PORT}`),
    ],
  },
  broker: {
    about: 'an owner that was asked to takes clients; without one a client says what to start',
    start: [
      'host --connect-broker',
      at(6_000, 'serve --broker'),
      at(8_000, 'serve --connect-broker'),
      afterFaults('serve'),
    ],
    faultsForMs: 10_000,
    invariants: [
      atMostOneOwner,
      must.everyHostLearnsWhy,
      must.aSessionServes,
      sometimes('there was no broker', 'no-broker'),
      sometimes('a client was served by the broker', 'brokered'),
    ],
  },
});
