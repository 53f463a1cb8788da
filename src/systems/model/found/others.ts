import type { Scenario } from '../../../scenario/index.ts';
import { claimStands, leftAlone, takenOver } from './kinds.ts';
import { claim, DEAD, NO_PID, state } from './setup.ts';
import { squatter } from './squatter.ts';

/** Claims whose PIDs mean nothing here, unless they do. */
export const OTHER_MACHINES: readonly Scenario[] = [
  leftAlone({
    id: 'model/found/other-host',
    about: 'a claim of another machine; here a stranger bears its PID',
    machine: state({ 'gen-1': claim({ hostname: 'elsewhere', bootId: 'other' }) }),
    invariants: [claimStands],
  }),
  takenOver({
    id: 'model/found/renamed-machine',
    about: 'a claim of a dead process of this machine, which had another host name then',
    machine: state({ 'gen-1': claim({ hostname: 'elsewhere', pid: NO_PID }) }),
  }),
  leftAlone({
    id: 'model/found/other-namespace',
    about: 'a claim of another container; here a stranger bears its PID',
    machine: state({ 'gen-1': claim({ pidNamespace: 'pid:[2]' }) }),
    invariants: [claimStands],
  }),
];

/** Claims of those whom we may not end. */
export const OTHER_OWNERS: readonly Scenario[] = [
  leftAlone({
    id: 'model/found/hidden-elsewhere',
    about: 'a claim of another container below that of a dead owner',
    machine: state({ 'gen-1': claim({ pidNamespace: 'pid:[2]' }), 'gen-2': DEAD }),
    start: [
      { program: 'sleeper', foreign: true },
      { program: 'daemon', count: 2 },
      { program: 'daemon', phase: 'settle', atMs: 15_000 },
    ],
  }),
  leftAlone({
    id: 'model/found/other-user',
    about: 'an owner of another user that does not answer',
    machine: state({ 'gen-1': claim({ uid: 1_000 }) }),
    start: [
      { program: 'sleeper', foreign: true, uid: 1_000 },
      { program: 'daemon', count: 2 },
    ],
    invariants: [claimStands],
  }),
  leftAlone({
    id: 'model/found/forged-user',
    about: "a claim of ours that names another user's process",
    machine: state({ 'gen-1': claim() }),
    start: [
      { program: 'sleeper', foreign: true, uid: 1_000 },
      { program: 'daemon', count: 2 },
    ],
  }),
  leftAlone({
    id: 'model/found/planted-claim',
    about: "another user's claim that names a process of ours",
    machine: state({ 'gen-1': claim({ uid: 1_000 }), 'gen-2': DEAD }),
  }),
  leftAlone({
    id: 'model/found/other-command',
    about: 'a claim that names a process of another command line, which answers nonsense',
    machine: state({ 'gen-1': claim({ command: ['other'] }) }),
    programs: { squatter },
    start: [
      { program: 'squatter', foreign: true },
      { program: 'daemon', count: 2 },
    ],
  }),
  leftAlone({
    id: 'model/found/longer-command',
    about: 'a claim that names a process of the same command, with other arguments',
    machine: state({ 'gen-1': claim({ command: ['sleeper', '--really'] }) }),
  }),
];
