import type { Program } from '../../ports/index.ts';
import type { Scenario, ScenarioOptions } from '../../scenario/index.ts';
import { AFTER, AFTER_CHANNEL, AFTER_EPERM_IS_DEAD } from './after.ts';
import {
  BY_PID,
  liveKeepsFile,
  noneReportedWrongly,
  noPhantom,
  noStaleFile,
  orphansReported,
  registeredUnderOwnId,
  siblingsSeen,
} from './invariants.ts';
import { FIRST_PID, type Options, orchestratorScenario, REAPED, REUSED } from './script.ts';
import { PREFIX, STATE } from './setup.ts';

type Finding = Pick<ScenarioOptions, 'violates'> & Required<Pick<ScenarioOptions, 'remedy'>>;

function finding(server: Program, options: Options & Finding): Scenario {
  return orchestratorScenario(server, { ...options, id: `after/${options.id}`, expects: 'violation' });
}

const IDENTITY = 'name the file by PID and start time: then another process of that PID has another file';

export const FINDINGS = [
  finding(AFTER_EPERM_IS_DEAD, {
    id: 'eperm-is-dead',
    about:
      "the probe of another user's session says EPERM, which the code takes for dead: its file is deleted",
    violates: 'a live session keeps its file',
    remedy: 'only ESRCH says that nobody bears a PID',
    start: [
      { program: 'admin', foreign: true },
      { program: 'claude', argv: ['one'], uid: 1_000, atMs: 10 },
      { program: 'claude', argv: ['two'], uid: 1_001, atMs: 10 },
    ],
    machine: { busyMs: 0 },
    invariants: [liveKeepsFile(BY_PID)],
  }),
  finding(AFTER, {
    id: 'probe-unlink-gap',
    about:
      'between the probe and the unlink a new session is given the PID and writes its file, which is then deleted',
    violates: 'a live session keeps its file',
    remedy: IDENTITY,
    start: [
      { program: 'claude', argv: ['one'] },
      { program: 'claude', argv: ['two'], atMs: 0.3 },
      { program: 'claude', argv: ['three'], atMs: 0.35 },
    ],
    machine: {
      busyMs: 0,
      files: {
        [`${STATE}/${PREFIX}${FIRST_PID + 1}`]: 'of-old',
        [`${STATE}/${PREFIX}${FIRST_PID + 2}`]: 'of-old',
      },
    },
    invariants: [liveKeepsFile(BY_PID)],
  }),
  finding(AFTER, {
    id: 'pid-reuse',
    about: 'the PID of an ended session is borne by a process that is no session: its file is never reaped',
    violates: 'no file of a session that has ended',
    remedy: IDENTITY,
    start: [
      { program: 'init', foreign: true },
      { program: 'claude', argv: ['one'] },
      { program: 'claude', argv: ['last'], phase: 'settle' },
    ],
    machine: { busyMs: 50, files: REUSED },
    invariants: [noStaleFile(BY_PID), REAPED],
  }),
  finding(AFTER, {
    id: 'zombie',
    about:
      'a session that PID 1 of a container has adopted and does not reap is a zombie, which the probe takes for alive',
    violates: 'no file of a session that has ended',
    remedy: 'read the state of the process: a zombie has ended',
    start: [
      { program: 'init', pidNamespace: 'box', pid: 1, foreign: true },
      { program: 'shell', pidNamespace: 'box', foreign: true },
      { program: 'claude', argv: ['one', '800'], pidNamespace: 'box', parent: 'shell' },
      { program: 'claude', argv: ['last'], pidNamespace: 'box', phase: 'settle' },
    ],
    invariants: [noStaleFile(BY_PID)],
  }),
  finding(AFTER, {
    id: 'other-namespace',
    about:
      'a container shares the project: its PIDs mean nothing outside, and a live session there loses its file',
    violates: 'a live session keeps its file',
    remedy: 'name the PID namespace and the host in the file, and leave alone what is of others',
    start: [
      { program: 'claude', argv: ['inside'], pidNamespace: 'box' },
      { program: 'claude', argv: ['outside'] },
    ],
    invariants: [liveKeepsFile(BY_PID)],
  }),
  finding(AFTER, {
    id: 'late-hook',
    about:
      'a hook that outlives its session has PID 1 for a parent: its file is active-session-1, which is alive for ever',
    violates: 'no file of a session that has ended',
    remedy: 'write no file when there is no session above the hook',
    start: [
      { program: 'claude', argv: ['brief', '0.05'] },
      { program: 'claude', argv: ['last'], phase: 'settle' },
    ],
    invariants: [noStaleFile(BY_PID)],
  }),
  finding(AFTER, {
    id: 'nine-hops',
    about:
      'a server more than 8 processes below its live session is reported as an orphan, for somebody to kill',
    violates: 'no server of a live session is reported',
    remedy: 'climb to the first process; or let the server write down whom it serves',
    start: [
      { program: 'oldclaude', argv: ['60000'] },
      { program: 'nest', argv: ['7', 'oldserver'], parent: 'oldclaude' },
      { program: 'claude', argv: ['last'], phase: 'settle' },
    ],
    invariants: [noneReportedWrongly],
  }),
  finding(AFTER, {
    id: 'adopted-by-claude',
    about:
      'a session is PID 1 of its container and adopts the orphans of those below it: they have a live session above',
    violates: 'an orphan is reported',
    remedy: 'let the server write down whom it serves: who has adopted it says nothing',
    start: [
      { program: 'claude', argv: ['outer'], pidNamespace: 'box', pid: 1 },
      { program: 'oldclaude', argv: ['200'], pidNamespace: 'box', parent: 'claude' },
      { program: 'claude', argv: ['last'], pidNamespace: 'box', parent: 'claude', phase: 'settle' },
    ],
    invariants: [orphansReported],
  }),
  finding(AFTER_CHANNEL, {
    id: 'still-drifted',
    about:
      'the filter hides the wrong id, it does not mend it: others know the session by the id of one that is gone',
    violates: 'a live session is registered under its own id',
    remedy: 'read no file of which the start time is not that of the session',
    start: [{ program: 'claude', argv: ['one'] }],
    machine: { busyMs: 50, files: REUSED },
    invariants: [registeredUnderOwnId],
  }),
  finding(AFTER_CHANNEL, {
    id: 'hidden-sibling',
    about:
      'the wrong id is that of a session that somebody has resumed: the filter hides it, and neither sees the other',
    violates: 'live sessions are told of each other',
    remedy: 'tell sessions apart by the process that they are, not by the id that one believes to have',
    start: [
      { program: 'claude', argv: ['one'] },
      { program: 'claude', argv: ['of-old'], atMs: 100 },
    ],
    machine: { busyMs: 50, files: REUSED },
    invariants: [noPhantom, siblingsSeen],
  }),
  finding(AFTER_CHANNEL, {
    id: 'impostor',
    about:
      'a server that starts before its hook has written reads the legacy file, and registers as another live session',
    violates: 'a live session is registered under its own id',
    remedy: 'wait for the file of the own session, and do not fall back to one that all sessions share',
    start: [
      { program: 'claude', argv: ['one'] },
      { program: 'claude', argv: ['two'] },
    ],
    invariants: [registeredUnderOwnId],
  }),
];
