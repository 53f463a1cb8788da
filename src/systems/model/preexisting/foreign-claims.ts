/** Claims of other machines, containers and users: their PIDs mean nothing here, or name what we must not end. */
import type { Scenario } from '../../../scenario/index.ts';
import { afterFaults, foreign, scenariosOf, start, times } from '../../vocabulary/index.ts';
import { squatter } from '../programs/squatter.ts';
import { claimStands, leftAlone, takenOver } from './kinds.ts';
import { ANOTHER_USER, claim, DEAD, givesAway, LATER, NO_PID, state } from './setup.ts';

const TWO = times(2, 'daemon');
const OF_ANOTHER_USER = start('sleeper', { foreign: true, uid: ANOTHER_USER });

const LEFT_ALONE = scenariosOf('model/found', leftAlone, {
  'other-host': {
    about: 'a claim of another machine; here a foreign process has its PID',
    machine: state({ 'gen-1': claim({ hostname: 'elsewhere', bootId: 'other' }) }),
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

const TAKEN_OVER = scenariosOf('model/found', takenOver, {
  'renamed-machine': {
    about: 'a claim of a dead process of this machine, which had another host name then',
    machine: state({ 'gen-1': claim({ hostname: 'elsewhere', pid: NO_PID }) }),
  },
});

export const FOREIGN_CLAIMS: readonly Scenario[] = [...LEFT_ALONE, ...TAKEN_OVER];
