/** What pull request 8 leaves. */
import type { Scenario } from '../../scenario/index.ts';
import { afterFaults, at, FIRST_PID, foreign, scenariosOf, start } from '../vocabulary/index.ts';
import { AFTER_CHANNEL, AFTER_DEDUP, after, embedding, LOCKED } from './after.ts';
import { ends, NOTHING_FOREIGN, REUSED } from './before.ts';
import { SIDECAR_MS } from './constants.ts';
import * as must from './invariants.ts';
import { server } from './programs/server.ts';
import { PREFIX, SIDECAR_LOCK, STATE } from './setup.ts';

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

const OF_THE_SIDECAR = scenariosOf('orchestrator/after', embedding, {
  'two-sidecars': {
    about:
      'two sessions start at once, and each starts a sidecar: one of them stays, and is known to no session',
    remedy: 'look and start under a lock, held until the port file is there',
    breaks: must.oneSidecar,
    start: ['claude one', 'claude two'],
    settleMs: 5_000,
  },
  'sidecar-lock-left': {
    about:
      'later there is a lock: a crash has left it, two sessions wait for a minute, and each starts a sidecar',
    remedy: 'name the holder by PID and start time, so that a lock of a dead one is taken at once, by one',
    breaks: must.oneSidecar,
    programs: LOCKED,
    start: ['claude one', 'claude two'],
    machine: { busyMs: 0, files: { [SIDECAR_LOCK]: '' } },
    settleMs: SIDECAR_MS.peer + 5_000,
  },
});

const dedup = { ...ends, programs: { ...ends.programs, server: AFTER_DEDUP } };

const OF_DUPLICATES = scenariosOf('orchestrator/after', dedup, {
  'dedup-by-age': {
    about: 'a session still talks to its older server when a newer one starts, which ends it',
    remedy: 'let a server that a client has initialized say so, and end only those without a client',
    breaks: must.keepsServer,
    start: ['reloading one older'],
  },
  'dedup-gap': {
    about: 'an older server ends by itself, and a foreign process gets its PID: the newer one ends that',
    remedy: 'bind the signal to the start time (a pidfd): check and signal in one operation',
    breaks: NOTHING_FOREIGN,
    start: ['reloading one late'],
    faults: { 'pid-reuse': 1 },
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
  'filter-rebound': {
    about:
      'in its source the filter knows one id, the latest: the first question replaces the one of its row',
    remedy: 'leave out every id that the server has registered under, or register anew under the right one',
    breaks: must.noPhantom,
    programs: { server: server({ sweep: 'alive', channel: 'latest' }) },
    start: ['claude one'],
    machine: { files: REUSED },
  },
  impostor: {
    about: 'a server is faster than its hook: it reads the legacy file, and registers as another session',
    remedy: 'wait for the file of the own session, and do not fall back to one that all sessions share',
    breaks: must.registeredUnderOwnId,
    start: ['claude one', 'claude two'],
  },
});

export const FINDINGS: readonly Scenario[] = [
  ...OF_FILES,
  ...OF_THE_SIDECAR,
  ...OF_DUPLICATES,
  ...OF_THE_CHANNEL,
];
