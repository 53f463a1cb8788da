/** orchestrator before its fixes: it neither sweeps nor scans, and knows only the id of the session that asks. */
import { processFileName } from '../../model/index.ts';
import { ifExercised, nothingForeignSignalled, type Scenario } from '../../scenario/index.ts';
import {
  afterFaults,
  at,
  FIRST_PID,
  type Member,
  nothingSignalled,
  scenariosOf,
} from '../vocabulary/index.ts';
import { BY_PID, noPhantom, noStaleFile, oneServerPerSession, orphansReported } from './invariants.ts';
import { server } from './programs/server.ts';
import { PROGRAMS } from './programs/sessions.ts';
import { PREFIX, STATE } from './setup.ts';

export const BEFORE = server({});

/** The old server signals none at all. */
export const NOTHING_FOREIGN = ifExercised(nothingForeignSignalled);

/** No process of a run has this PID. */
export const STALE: Readonly<Record<string, string>> = { [`${STATE}/${PREFIX}900`]: 'gone' };
/** And a file of an earlier process with the PID of the first session. */
export const REUSED = { ...STALE, [`${STATE}/${PREFIX}${FIRST_PID}`]: 'of-old' };
/** The same, by names that tell the two processes apart. */
export const FORMER = {
  ...STALE,
  [`${STATE}/${formerName(PREFIX)}`]: 'of-old',
  [`${STATE}/${formerName('server-')}`]: 'torn {',
};

function formerName(prefix: string): string {
  const where = {
    bootId: '00000000-0000-4000-8000-000000000000',
    pidNamespace: 'pid:[1]',
    hostname: 'machine',
  };
  return processFileName(prefix, { pid: FIRST_PID, startTicks: 5, ...where });
}

/** Sessions that come and go; the last one comes when the faults are over. */
export const COME_AND_GO = [
  'claude one 1000',
  at(200, 'claude two 1000'),
  at(400, 'claude stays'),
  afterFaults('claude last', 100),
];

/** A session with an old server ends; others are there, and come. */
export const OLD_AND_NEW = [
  'oldclaude 200',
  'oldclaude 60000',
  'claude stays',
  afterFaults('claude last', 100),
];

/** What all scenarios of orchestrator share. The scan reports; it never ends a process. */
export const shared: Member = {
  programs: PROGRAMS,
  faultsForMs: 1_500,
  settleMs: 2_500,
  machine: { busyMs: 50 },
  invariants: [nothingSignalled],
};

const OF_FILES = scenariosOf('orchestrator/before', shared, {
  'never-reaped': {
    about: 'each session writes a file of its PID, and no file is ever removed',
    remedy: 'sweep at the start: remove the files whose PID no process has',
    breaks: noStaleFile(BY_PID),
    programs: { server: BEFORE },
    start: COME_AND_GO,
  },
  'orphan-unseen': {
    about: 'a server of an old version outlives its session, and nothing says so',
    remedy: 'look for servers with no live session above them, and log them',
    breaks: orphansReported,
    programs: { server: BEFORE },
    start: OLD_AND_NEW,
  },
});

/** A server may end another. */
export const ends: Member = { ...shared, invariants: [NOTHING_FOREIGN] };

const OF_DUPLICATES = scenariosOf('orchestrator/before', ends, {
  'duplicate-server': {
    about: 'plugins are loaded anew, and the server of before is not ended: one session has two of them',
    remedy: 'end the older servers of the same session at the start of a new one',
    breaks: oneServerPerSession,
    programs: { server: BEFORE },
    start: ['reloading one newer'],
  },
});

/** A file of an earlier process has the PID of the first session. On a machine as busy as the default. */
export const reused: Member = { ...shared, machine: { files: REUSED } };

const OF_THE_CHANNEL = scenariosOf('orchestrator/before', reused, {
  'phantom-sibling': {
    about: 'an earlier process with the PID has left a file: the server takes a dead session’s id from it',
    remedy: 'leave the id that the server has registered under out of its siblings too',
    breaks: noPhantom,
    programs: { server: server({ channel: 'asking' }) },
    start: ['claude one'],
  },
});

export const BEFORE_SCENARIOS: readonly Scenario[] = [...OF_FILES, ...OF_DUPLICATES, ...OF_THE_CHANNEL];
