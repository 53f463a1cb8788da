/** Pull request 257 after review: a holder is foreign, orphan or live, and looked at again before the signal. */
import type { Program } from '../../ports/index.ts';
import { nothingForeignSignalled, type Scenario, sometimes } from '../../scenario/index.ts';
import {
  afterFaults,
  at,
  FIRST_PID,
  foreign,
  nothingSignalled,
  scenariosOf,
  start,
} from '../vocabulary/index.ts';
import { APP, FOREIGN_EVERYWHERE, ORPHAN, shared, TWO_APPS } from './before.ts';
import { ALL_RESTARTS_MS } from './constants.ts';
import * as must from './invariants.ts';
import { reconcileWith } from './programs/reconcile.ts';
import { app } from './programs/supervisor.ts';
import { FLAKY_TOOLS } from './programs/tools.ts';
import { PID_FILE } from './setup.ts';

export const AFTER: Program = app(reconcileWith());

/** What all scenarios of the fixed app share. */
export const after = { ...shared, programs: { ...shared.programs, app: AFTER } };

/** Kills the first process after so many simulated milliseconds: of several moments the schedule chooses. */
const crash: Program = async ({ clock, process }, moments) => {
  await clock.sleep(Number(await Promise.race(moments.map((word) => clock.monotonicMs().then(() => word)))));
  await process.kill(FIRST_PID, 'SIGKILL');
};

const { ASKED, BLOCKED, SAFE, SAID_FOREIGN } = must;
const KILLED_ORPHAN = sometimes('an orphan was ended', 'killed-orphan');

export const AFTER_SCENARIOS: readonly Scenario[] = scenariosOf('closedloop/after', after, {
  orphan: {
    about: 'the sidecar of a crashed app is ended, and the TCP port is free for the next',
    start: ['app', afterFaults('app')],
    faults: { 'parent-death': 1 },
    invariants: [...SAFE, must.monitorServes, KILLED_ORPHAN],
  },
  'whose-orphan': {
    about:
      'the log says of an orphan whether it is that of the PID file, or one that another worktree has left',
    programs: { crash },
    // Before the app has written the PID file, and after.
    start: ['app', foreign('crash 3000 8000'), afterFaults('app')],
    faultsForMs: 9_000,
    machine: { files: { [PID_FILE]: '4711' } },
    invariants: [
      ...SAFE,
      ...must.logSaysWhose,
      must.monitorServes,
      sometimes('an orphan was of the PID file', 'says-prior-instance'),
      sometimes('an orphan was another’s', 'says-orphan-only'),
    ],
  },
  'lookup-fails': {
    about: 'lsof and ps hang now and then, and are given up: the app starts its sidecar nonetheless',
    programs: { app: app(reconcileWith({}, { tools: FLAKY_TOOLS })) },
    start: ['app', afterFaults('app')],
    faults: { 'parent-death': 1 },
    settleMs: ALL_RESTARTS_MS,
    invariants: [...SAFE, must.bootGoesOn, KILLED_ORPHAN, sometimes('a lookup failed', 'lookup-failed')],
  },
  win32: {
    about: 'on Windows no holder is looked for: as before, five restarts and an app without its monitor',
    programs: { app: app(reconcileWith({}, { platform: 'win32' })) },
    start: [ORPHAN, APP],
    settleMs: ALL_RESTARTS_MS,
    machine: { busyMs: 0 },
    invariants: [nothingSignalled, must.bootGoesOn, sometimes('the app gave up', 'gave-up')],
  },
  'garbage-pid-file': {
    about: 'a PID file without a PID changes nothing: an orphan is known by its parent',
    start: [ORPHAN, APP],
    machine: { files: { [PID_FILE]: 'gar\0bage' } },
    invariants: [...SAFE, must.monitorServes, KILLED_ORPHAN],
  },
  'live-refused': {
    about: 'another app lives, and the user says no: no process is ended, and nothing is tried again',
    start: TWO_APPS,
    settleMs: ALL_RESTARTS_MS,
    machine: { busyMs: 0 },
    invariants: [...SAFE, nothingSignalled, must.monitorServes, must.refusalIsFinal, ASKED, BLOCKED],
  },
  'live-consented': {
    about: 'another app lives, and the user says yes: its sidecar is ended, and it gives up the port',
    start: ['app', at(1_000, 'app consents')],
    invariants: [
      nothingForeignSignalled,
      must.asksAtBootOnly,
      must.monitorServes,
      must.consenterServes,
      sometimes('a live instance was ended', 'killed-live'),
    ],
  },
  foreign: {
    about: 'a foreign holder on 0.0.0.0 is named, and left alone',
    start: [FOREIGN_EVERYWHERE, APP],
    settleMs: ALL_RESTARTS_MS,
    machine: { busyMs: 0 },
    invariants: [nothingSignalled, must.saysWhy, SAID_FOREIGN],
  },
  'other-user': {
    about: 'the sidecar of another user is foreign, whatever its command line says',
    start: [start(ORPHAN, { uid: 1_000, foreign: true }), APP],
    settleMs: ALL_RESTARTS_MS,
    machine: { busyMs: 0 },
    invariants: [nothingSignalled, must.saysWhy, SAID_FOREIGN],
  },
  recovery: {
    about: 'a sidecar crashes, and another app takes the TCP port: the first app stops, and asks no user',
    start: TWO_APPS,
    faults: { kill: 1 },
    invariants: [...SAFE, BLOCKED],
  },
  'clean-stop': {
    about: 'an app that is asked to end takes its sidecar and its PID file with it',
    start: ['app', foreign(at(6_500, `user ${FIRST_PID}`))],
    settleMs: 9_000,
    invariants: [must.noPidFile, sometimes('it had been ready', 'ready')],
  },
});
