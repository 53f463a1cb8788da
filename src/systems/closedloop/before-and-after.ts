import { nothingForeignSignalled, sometimes } from '../../scenario/index.ts';
import { AFTER } from './after.ts';
import { BEFORE, firstVersion } from './before.ts';
import {
  asksAtBootOnly,
  consenterServes,
  liveSpared,
  monitorServes,
  nobodySignalled,
  noPidFile,
  saysWhy,
} from './invariants.ts';
import {
  ALL_RESTARTS_MS,
  APP,
  ASKED,
  BLOCKED,
  closedloopScenario,
  FIRST_PID,
  FOREIGN_EVERYWHERE,
  KILLED_ORPHAN,
  ORPHAN,
  SAFE,
  SAID_FOREIGN,
  TWO_APPS,
} from './script.ts';
import { PID_FILE } from './setup.ts';

export const BEFORE_SCENARIOS = [
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

export const AFTER_SCENARIOS = [
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
