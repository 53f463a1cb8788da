/** Zombies, orphans and children: those of former owners, of other owners, and our own. */
import { childMarker } from '../../../model/index.ts';
import { hasCode, type Program } from '../../../ports/index.ts';
import { type Scenario, sometimes } from '../../../scenario/index.ts';
import {
  afterFaults,
  at,
  endsAfter,
  FIRST_TICKS,
  foreign,
  scenariosOf,
  start,
  times,
} from '../../vocabulary/index.ts';
import { noOrphan, noOrphanBesideOwner, TAKEOVER } from '../invariants.ts';
import { DIRECTORY } from '../setup.ts';
import { takenOver, unsaid } from './kinds.ts';
import { childOf, DEAD, FIRST, GONE, state } from './setup.ts';

/** Starts a daemon and never waits for it: when that has ended it stays a zombie. */
const careless: Program = async ({ process }) => {
  const { pid } = await process.self();
  await process.spawn(['daemon']);
  await process.kill(pid, 'SIGSTOP');
};

/** Ends the first daemon there is. */
const murderer: Program = async ({ process }) => {
  for (const pid of await process.list()) {
    const { command } = await process.info(pid);
    if (command[0] === 'daemon') return process.kill(pid, 'SIGKILL');
  }
};

const SEEN = '/run/seen';

/** Fails to start every other time, and ends after a while in between. */
const moody: Program = async ({ fs, clock }) => {
  try {
    await fs.unlink(SEEN);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    await fs.writeFile(SEEN, '');
    return 1;
  }
  await clock.sleep(700);
  return 0;
};

/** No process outside has this PID. */
const IN_CONTAINER = { pid: 7, pidNamespace: 'pid:[2]' };

export const PROCESSES: readonly Scenario[] = scenariosOf('model/found', takenOver, {
  zombie: {
    about: 'an owner that has ended and that its parent has not reaped',
    faultsForMs: 3_500,
    settleMs: 0,
    programs: { careless, murderer },
    start: [foreign('careless'), foreign(at(1_000, 'murderer')), at(1_500, 'daemon')],
    invariants: [TAKEOVER],
  },
  orphans: {
    about: 'children of owners that are gone, that live, of other directories, of other users',
    machine: state({ 'gen-1': DEAD }),
    start: [
      foreign('sleeper'),
      `sleeper ${childOf(GONE)}`,
      foreign(`sleeper ${childOf(GONE, '/run/two')}`),
      start(`sleeper ${childOf(GONE)}`, { foreign: true, uid: 1_000 }),
      foreign(`sleeper ${childOf(FIRST)}`),
      start(`daemon ${childOf(GONE)}`, { optional: true }),
      afterFaults(`daemon ${childOf(GONE)}`),
    ],
    invariants: [noOrphanBesideOwner(DIRECTORY), sometimes('an orphan was reaped', 'reaped')],
  },
  'container-child': {
    about: 'a child of an owner that lives in a container, seen from outside: its PID means nothing here',
    start: [
      start('sleeper', { foreign: true, ...IN_CONTAINER }),
      foreign(`sleeper ${childMarker(DIRECTORY, { ...IN_CONTAINER, startTicks: FIRST_TICKS })}`),
      times(2, 'daemon'),
    ],
  },
  'many-words': {
    about: 'a command line of thousands of empty words: the claim must still be readable',
    start: [{ program: 'daemon', argv: Array.from({ length: 4_000 }, () => '') }],
  },
  'late-orphan': {
    about: 'a child loses its owner while another owner is at work',
    settleMs: 4_000,
    programs: { leaver: endsAfter(1_000) },
    start: [foreign('leaver'), `sleeper ${childOf(FIRST)}`, afterFaults('daemon')],
    invariants: [noOrphan(DIRECTORY)],
  },
  'moody-helper': {
    about: 'a helper that fails now and then, but never twice in a row, is no reason to give up',
    settleMs: 4_000,
    machine: { busyMs: 0, files: { [SEEN]: '' } },
    programs: { helper: moody },
    start: ['daemon'],
    invariants: [unsaid('self-release')],
  },
});
