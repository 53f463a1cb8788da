/** Claims of other machines, containers and users: their PIDs mean nothing here, or name what we must not end. */

import { type Claim, certificatePath, EXIT, healthBody } from '../../../model/index.ts';
import type { Scenario } from '../../../scenario/index.ts';
import {
  afterFaults,
  at,
  foreign,
  listensAt,
  nothingSignalled,
  scenariosOf,
  start,
  times,
} from '../../vocabulary/index.ts';
import { SAFETY_WITHOUT_OWNER } from '../invariants.ts';
import { squatter } from '../programs/squatter.ts';
import { DIRECTORY, ENDPOINT } from '../setup.ts';
import { allEndWith, claimStands, leftAlone, noOwner, takenOver } from './kinds.ts';
import {
  ANOTHER_USER,
  claim,
  DEAD,
  EXT4,
  FIRST,
  FUSE,
  givesAway,
  LATER,
  leavesSocket,
  NFS,
  NO_PID,
  NONCE,
  state,
} from './setup.ts';

const TWO = times(2, 'daemon');
const OF_ANOTHER_USER = start('sleeper', { foreign: true, uid: ANOTHER_USER });

const CERTIFIED: Partial<Claim> = { pidNamespace: 'pid:[2]', certificate: true, filesystem: NFS };
const ELSEWHERE_CERTIFIED = claim(CERTIFIED);
const CERTIFICATE = certificatePath(DIRECTORY, { ...FIRST, nonce: NONCE });

const LEFT_ALONE = scenariosOf('model/found', leftAlone, {
  'other-host': {
    about: 'a claim of another machine, on a filesystem of a network; here a foreign process has its PID',
    machine: {
      ...state({ 'gen-1': claim({ hostname: 'elsewhere', bootId: 'other' }) }),
      filesystemType: NFS,
    },
    invariants: [claimStands],
  },
  'same-host-name': {
    about:
      'a claim of another machine that has the same host name, as pods and clones have, on a filesystem of a network',
    machine: { ...state({ 'gen-1': claim({ bootId: 'other' }) }), filesystemType: NFS },
    invariants: [claimStands],
  },
  'shared-with-a-guest': {
    about: 'a claim of a virtual machine that shares a directory of this machine',
    machine: state({ 'gen-1': claim({ bootId: 'other', filesystem: FUSE }) }),
    invariants: [claimStands],
  },
  'certificate-of-a-network': {
    about: 'the same, and a name that refuses connections, as that of a socket of another machine does',
    machine: { ...state({ 'gen-1': ELSEWHERE_CERTIFIED }), filesystemType: NFS, busyMs: 0 },
    programs: { leavesSocket: leavesSocket(CERTIFICATE) },
    start: [foreign('sleeper'), foreign('leavesSocket'), LATER],
    invariants: [claimStands],
  },
  'other-namespace': {
    about: 'a claim of another container; here a foreign process has its PID',
    machine: state({ 'gen-1': claim({ pidNamespace: 'pid:[2]' }) }),
    invariants: [claimStands],
  },
  'hidden-elsewhere': {
    about: 'a claim of another container below that of a dead owner',
    machine: state({ 'gen-1': claim({ pidNamespace: 'pid:[2]' }), 'gen-2': DEAD }),
    start: [foreign('sleeper'), TWO, afterFaults('daemon', 15_000)],
  },
  'other-user': {
    about: 'an owner of another user that does not answer',
    machine: { ...state({ 'gen-1': claim({ uid: ANOTHER_USER }) }), busyMs: 0 },
    programs: { giver: givesAway('gen-1') },
    start: [OF_ANOTHER_USER, foreign('giver'), LATER],
    invariants: [claimStands],
  },
  'forged-user': {
    about: "a claim of ours that names another user's process",
    machine: state({ 'gen-1': claim() }),
    start: [OF_ANOTHER_USER, TWO],
    invariants: [claimStands],
  },
  'planted-claim': {
    about: "another user's claim that names a process of ours",
    machine: { ...state({ 'gen-1': claim({ uid: ANOTHER_USER }), 'gen-2': DEAD }), busyMs: 0 },
    programs: { giver: givesAway('gen-1') },
    start: [foreign('sleeper'), foreign('giver'), LATER],
  },
  'other-command': {
    about: 'a claim that names a process of another command line, which answers nonsense',
    machine: state({ 'gen-1': claim({ command: ['other'] }) }),
    programs: { squatter },
    start: [foreign('squatter'), TWO],
    invariants: [claimStands],
  },
  'longer-command': {
    about: 'a claim that names a process of the same command, with other arguments',
    machine: state({ 'gen-1': claim({ command: ['sleeper', '--really'] }) }),
    invariants: [claimStands],
  },
});

/** Two starts find an owner that answers for the claim: none of them owns, and all of them leave. */
const ANSWERED = scenariosOf(
  'model/found',
  { ...leftAlone, settleMs: 2_000, invariants: [...SAFETY_WITHOUT_OWNER, noOwner, nothingSignalled] },
  {
    'answers-from-elsewhere': {
      about: 'a claim of another boot of a machine with the same host name, whose owner answers',
      machine: { ...state({ 'gen-1': claim({ bootId: 'other' }) }), busyMs: 0 },
      programs: { answering: listensAt(ENDPOINT, { status: 200, body: healthBody(NONCE) }) },
      start: [foreign('answering'), at(50, TWO)],
      invariants: [claimStands, allEndWith('all starts find it', EXIT.done)],
    },
  },
);

const TAKEN_OVER = scenariosOf('model/found', takenOver, {
  'renamed-machine': {
    about: 'a claim of a dead process of this machine, which had another host name then',
    machine: state({ 'gen-1': claim({ hostname: 'elsewhere', pid: NO_PID }) }),
  },
  'rebooted-and-renamed': {
    about:
      'a claim of before a restart, since which the machine has another host name; the filesystem is its own',
    machine: state({ 'gen-1': claim({ hostname: 'elsewhere', bootId: 'before', filesystem: EXT4 }) }),
  },
});

export const FOREIGN_CLAIMS: readonly Scenario[] = [...LEFT_ALONE, ...ANSWERED, ...TAKEN_OVER];
