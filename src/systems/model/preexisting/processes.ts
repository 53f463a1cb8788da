/** Zombies, orphans and children: those of former owners, of other owners, and our own. */
import { childMarker } from '../../../model/index.ts';
import { hasCode, type Program } from '../../../ports/index.ts';
import { eventually, type Scenario, sometimes } from '../../../scenario/index.ts';
import {
  afterFaults,
  at,
  endsAfter,
  FIRST_TICKS,
  foreign,
  isA,
  onChange,
  scenariosOf,
  sleepForever,
  start,
  times,
  withoutUnixSockets,
} from '../../vocabulary/index.ts';
import { noOrphan, noOrphanBesideOwner, TAKEOVER } from '../invariants.ts';
import { DAEMON, DIRECTORY } from '../setup.ts';
import { takenOver, unsaid } from './kinds.ts';
import { childOf, claim, DEAD, FIRST, GONE, LATER, state } from './setup.ts';

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

/** A helper that has a child of its own, which need not know about owners; and one whose child is not marked. */
const nests: Program = async (ports) => {
  await ports.process.spawn(['sleeper']);
  return sleepForever(ports);
};
/** A helper that starts another process when it is asked to end. */
const persists: Program = async (ports) => {
  await ports.process.onSignal(['SIGTERM'], async () => {
    await ports.process.spawn(['sleeper'], { detached: true });
    await ports.process.exit();
  });
  return sleepForever(ports);
};
const releases: Program = async (ports) => {
  await ports.process.spawn(['sleeper'], { env: { ONE_SURVIVOR_OWNER: '' } });
  return sleepForever(ports);
};

const releasedLives = eventually(
  'a child without the mark lives, and that is said',
  ({ processes, marks }) => {
    if (!processes.some((process) => isA(process, 'sleeper') && process.alive)) return 'it has ended';
    return marks.has('spared') ? null : 'nothing was said';
  },
);

const noSleeperBesideOwner = onChange('what an orphan starts at last ends too', (world) =>
  world.currentClaims.length > 0 && world.processes.some((each) => isA(each, 'sleeper') && each.alive)
    ? 'there is an owner, and a sleeper'
    : null,
);

const KILLED_OWNER = ['daemon', foreign(at(1_000, 'murderer')), at(1_500, 'daemon')] as const;

/** No process outside has this PID. */
const IN_CONTAINER = { pid: 7, pidNamespace: 'pid:[2]' };

export const PROCESSES: readonly Scenario[] = scenariosOf('model/found', takenOver, {
  zombie: {
    about: 'an owner without a certificate that has ended, and that its parent has not reaped',
    faultsForMs: 3_500,
    settleMs: 0,
    programs: { careless, murderer, daemon: withoutUnixSockets(DAEMON) },
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
  'orphan-tree': {
    about: 'a killed owner had a helper, and that one a child of its own',
    faultsForMs: 3_000,
    programs: { helper: nests, murderer },
    start: KILLED_OWNER,
    invariants: [TAKEOVER, noOrphan(DIRECTORY), noOrphanBesideOwner(DIRECTORY)],
  },
  'free-over-orphan': {
    about: 'an orphan, and a claim that was given up by a start that had not ended it',
    machine: state({ 'gen-1': DEAD, 'gen-2': claim({ kind: 'free', ...GONE, nonce: 'f'.repeat(16) }) }),
    start: [`sleeper ${childOf(GONE)}`, LATER],
    invariants: [noOrphanBesideOwner(DIRECTORY)],
  },
  'orphan-persists': {
    about: 'a helper of a killed owner starts another process when it is asked to end',
    faultsForMs: 3_000,
    programs: { helper: persists, murderer },
    start: KILLED_OWNER,
    invariants: [TAKEOVER, noSleeperBesideOwner],
  },
  'released-child': {
    about: 'a helper of a killed owner has a child from which it has taken the mark',
    faultsForMs: 3_000,
    programs: { helper: releases, murderer },
    start: KILLED_OWNER,
    invariants: [TAKEOVER, releasedLives],
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
  'later-orphan': {
    about: 'the same, long after that owner has begun',
    settleMs: 10_000,
    programs: { leaver: endsAfter(7_000) },
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
