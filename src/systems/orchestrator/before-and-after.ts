import { AFTER, AFTER_CHANNEL } from './after.ts';
import { BEFORE, BEFORE_CHANNEL } from './before.ts';
import {
  BY_PID,
  liveKeepsFile,
  noneReportedWrongly,
  noPhantom,
  noStaleFile,
  orphansReported,
} from './invariants.ts';
import {
  COME_AND_GO,
  DRIFTED,
  OLD_AND_NEW,
  orchestratorScenario,
  REAPED,
  REUSED,
  SIBLING,
  STALE,
  SUSPECT,
} from './script.ts';
import { MARKER } from './setup.ts';

export const BEFORE_SCENARIOS = [
  orchestratorScenario(BEFORE, {
    id: 'before/never-reaped',
    about: 'each session writes a file of its PID, and nobody ever removes one',
    expects: 'violation',
    violates: 'no file of a session that has ended',
    remedy: 'sweep at the start: remove the files whose PID nobody bears',
    start: COME_AND_GO,
    invariants: [noStaleFile(BY_PID)],
  }),
  orchestratorScenario(BEFORE_CHANNEL, {
    id: 'before/phantom-sibling',
    about:
      'a file that a former bearer of the PID has left gives the server the id of a session that is gone',
    expects: 'violation',
    violates: 'no session sees itself as another',
    remedy: 'leave the id that the server has registered under out of its siblings too',
    start: [{ program: 'claude', argv: ['one'] }],
    machine: { files: REUSED },
    invariants: [noPhantom],
  }),
  orchestratorScenario(BEFORE, {
    id: 'before/orphan-unseen',
    about: 'a server of an old version outlives its session, and nobody says so',
    expects: 'violation',
    violates: 'an orphan is reported',
    remedy: 'look for servers with no live session above them, and log them',
    start: OLD_AND_NEW,
    invariants: [orphansReported],
  }),
];

export const AFTER_SCENARIOS = [
  orchestratorScenario(AFTER, {
    id: 'after/reaper',
    about: 'files of ended sessions go at the next start, those of live ones stay',
    start: COME_AND_GO,
    machine: { busyMs: 50, files: STALE },
    invariants: [noStaleFile(BY_PID), liveKeepsFile(BY_PID), REAPED],
  }),
  orchestratorScenario(AFTER, {
    id: 'after/eperm-is-alive',
    about: "another user's session may not be signalled, and so it lives",
    start: [
      { program: 'admin', foreign: true },
      { program: 'claude', argv: ['one'], uid: 1_000, atMs: 10 },
      { program: 'claude', argv: ['two'], uid: 1_001, atMs: 10 },
      { program: 'claude', argv: ['last'], uid: 1_000, phase: 'settle' },
    ],
    machine: { busyMs: 0, files: STALE },
    invariants: [liveKeepsFile(BY_PID), REAPED],
  }),
  orchestratorScenario(AFTER, {
    id: 'after/empty-directory',
    about: 'no directory at all, or an empty one: nothing to do',
    start: [{ program: 'server', argv: [MARKER, 'alone'] }, ...COME_AND_GO],
    invariants: [liveKeepsFile(BY_PID)],
  }),
  orchestratorScenario(AFTER, {
    id: 'after/orphan-scan',
    about:
      'an orphan of an old version is reported, a sibling of a live session is not, up to 8 parents below it',
    start: [...OLD_AND_NEW, { program: 'nest', argv: ['6', 'oldserver'], parent: 'claude' }],
    invariants: [orphansReported, noneReportedWrongly, SUSPECT],
  }),
  orchestratorScenario(AFTER_CHANNEL, {
    id: 'after/self-id-filter',
    about: 'the server has registered under another id than its session has, and knows both for its own',
    start: [
      { program: 'claude', argv: ['one'] },
      { program: 'claude', argv: ['two'] },
    ],
    machine: { files: REUSED },
    invariants: [noPhantom, DRIFTED, SIBLING],
  }),
];
