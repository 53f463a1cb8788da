/** What pull request 8 leaves. */
import type { Scenario } from '../../scenario/index.ts';
import { afterFaults, at, FIRST_PID, foreign, scenariosOf, start } from '../vocabulary/index.ts';
import { AFTER_CHANNEL, after } from './after.ts';
import { REUSED } from './before.ts';
import * as must from './invariants.ts';
import { server } from './programs/server.ts';
import { PREFIX, STATE } from './setup.ts';

const IDENTITY = 'name the file by PID and start time: then another process of that PID has another file';
const BOX = { pidNamespace: 'box' };
const liveKeepsFile = must.liveKeepsFile(must.BY_PID);
const noStaleFile = must.noStaleFile(must.BY_PID);

const OF_FILES = scenariosOf('orchestrator/after', after, {
  'eperm-is-dead': {
    about: "the probe of another user's session says EPERM, which counts as dead: its file is deleted",
    remedy: 'only ESRCH says that no process has a PID',
    breaks: liveKeepsFile,
    // The version whose comment says that EPERM is alive, and whose code says that it is dead.
    programs: { server: server({ sweep: 'dead' }) },
    start: [
      foreign('admin'),
      start('claude one', { uid: 1_000, atMs: 10 }),
      start('claude two', { uid: 1_001, atMs: 10 }),
    ],
    machine: { busyMs: 0 },
  },
  'probe-unlink-gap': {
    about: 'between probe and unlink a new session gets the PID and writes its file, which is then deleted',
    remedy: IDENTITY,
    breaks: liveKeepsFile,
    start: ['claude one', at(0.3, 'claude two'), at(0.35, 'claude three')],
    machine: {
      busyMs: 0,
      files: Object.fromEntries([1, 2].map((n) => [`${STATE}/${PREFIX}${FIRST_PID + n}`, 'of-old'])),
    },
  },
  'pid-reuse': {
    about: 'a process that is no session has the PID of an ended one: its file is never removed',
    remedy: IDENTITY,
    breaks: noStaleFile,
    start: [foreign('init'), 'claude one', afterFaults('claude last')],
    machine: { files: REUSED },
    invariants: [must.REAPED],
  },
  zombie: {
    about: 'PID 1 of a container does not reap an adopted session: to the probe the zombie is alive',
    remedy: 'read the state of the process: a zombie has ended',
    breaks: noStaleFile,
    start: [
      start('init', { ...BOX, pid: 1, foreign: true }),
      start('shell', { ...BOX, foreign: true }),
      start('claude one 800', { ...BOX, parent: 'shell' }),
      afterFaults(start('claude last', BOX)),
    ],
  },
  'other-namespace': {
    about: 'a container shares the project: outside, its PIDs mean nothing, and it loses its files',
    remedy: 'name the PID namespace and the host in the file, and leave alone the files of others',
    breaks: liveKeepsFile,
    start: [start('claude inside', BOX), 'claude outside'],
  },
  'late-hook': {
    about: 'a hook outlives its session and so has parent 1: its file is active-session-1, alive for ever',
    remedy: 'write no file when there is no session above the hook',
    breaks: noStaleFile,
    start: ['claude brief 0.05', afterFaults('claude last')],
  },
  'nine-hops': {
    about: 'a server more than 8 processes below its live session is reported as an orphan',
    remedy: 'climb to the first process; or let the server write down which session it serves',
    breaks: must.noneReportedWrongly,
    start: [
      'oldclaude 60000',
      start('nest 7 oldserver', { parent: 'oldclaude' }),
      afterFaults('claude last'),
    ],
  },
  'adopted-by-claude': {
    about: 'a session is PID 1 of its container and adopts orphans: they have a live session above them',
    remedy: 'let the server write down which session it serves: the process that has adopted it says nothing',
    breaks: must.orphansReported,
    start: [
      start('claude outer', { ...BOX, pid: 1 }),
      start('oldclaude 200', { ...BOX, parent: 'claude' }),
      afterFaults(start('claude last', { ...BOX, parent: 'claude' })),
    ],
  },
});

const channel = { ...after, programs: { ...after.programs, server: AFTER_CHANNEL } };

const OF_THE_CHANNEL = scenariosOf('orchestrator/after', channel, {
  'still-drifted': {
    about: 'the filter hides the wrong id, it does not fix it: others know the session by a dead one’s id',
    remedy: 'read no file whose start time is not that of the session',
    breaks: must.registeredUnderOwnId,
    start: ['claude one'],
    machine: { files: REUSED },
  },
  'hidden-sibling': {
    about: 'the wrong id is that of a resumed session: the filter hides it, and neither sees the other',
    remedy: 'tell sessions apart by their processes, not by the ids that they believe to have',
    breaks: must.siblingsSeen,
    start: ['claude one', at(100, 'claude of-old')],
    machine: { files: REUSED },
    invariants: [must.noPhantom],
  },
  impostor: {
    about: 'a server is faster than its hook: it reads the legacy file, and registers as another session',
    remedy: 'wait for the file of the own session, and do not fall back to one that all sessions share',
    breaks: must.registeredUnderOwnId,
    start: ['claude one', 'claude two'],
  },
});

export const FINDINGS: readonly Scenario[] = [...OF_FILES, ...OF_THE_CHANNEL];
