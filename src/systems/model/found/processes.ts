import { childMarker } from '../../../model/index.ts';
import { hasCode, type Program } from '../../../ports/index.ts';
import { type Scenario, sometimes } from '../../../scenario/index.ts';
import { noOrphan, noOrphanBesideOwner } from '../invariants.ts';
import { DIRECTORY } from '../setup.ts';
import { takenOver } from './kinds.ts';
import { childOf, DEAD, FIRST, FIRST_TICKS, GONE, leaver, state, unsaid } from './setup.ts';

/** Starts a daemon and never asks after it: what has ended stays a zombie. */
const careless: Program = async ({ process }) => {
  const { pid } = await process.self();
  await process.spawn(['daemon']);
  await process.kill(pid, 'SIGSTOP');
};

/** Ends the first daemon there is. */
const murderer: Program = async ({ process }) => {
  for (const pid of await process.list()) {
    const { command } = await process.info(pid);
    if (command[0] !== 'daemon') continue;
    await process.kill(pid, 'SIGKILL');
    return;
  }
};

/** A PID that nobody bears outside. */
const IN_CONTAINER = { pid: 7, pidNamespace: 'pid:[2]' };

/** What has ended, what is left of dead owners, what says too much on its command line. */
export const PROCESSES: readonly Scenario[] = [
  takenOver({
    id: 'model/found/zombie',
    about: 'an owner that has ended and that nobody has asked after',
    faultsForMs: 3_500,
    settleMs: 0,
    machine: {},
    programs: { careless, murderer },
    start: [
      { program: 'careless', foreign: true },
      { program: 'murderer', foreign: true, atMs: 1_000 },
      { program: 'daemon', atMs: 1_500 },
    ],
    invariants: [sometimes('a takeover happened', 'takeover')],
  }),
  takenOver({
    id: 'model/found/orphans',
    about: 'children of owners that are gone, that live, of other directories, of other users',
    machine: state({ 'gen-1': DEAD }),
    start: [
      { program: 'sleeper', foreign: true },
      { program: 'sleeper', argv: [childOf(GONE)] },
      { program: 'sleeper', argv: [childOf(GONE, '/run/two')], foreign: true },
      { program: 'sleeper', argv: [childOf(GONE)], foreign: true, uid: 1_000 },
      { program: 'sleeper', argv: [childOf(FIRST)], foreign: true },
      { program: 'daemon', argv: [childOf(GONE)], optional: true },
      { program: 'daemon', argv: [childOf(GONE)], phase: 'settle' },
    ],
    invariants: [noOrphanBesideOwner(DIRECTORY), sometimes('an orphan was reaped', 'reaped')],
  }),
  takenOver({
    id: 'model/found/container-child',
    about: 'a child of an owner that lives in a container, seen from outside: its PID means nothing here',
    machine: {},
    start: [
      { program: 'sleeper', foreign: true, ...IN_CONTAINER },
      {
        program: 'sleeper',
        foreign: true,
        argv: [childMarker(DIRECTORY, { ...IN_CONTAINER, startTicks: FIRST_TICKS })],
      },
      { program: 'daemon', count: 2 },
    ],
  }),
  takenOver({
    id: 'model/found/many-words',
    about: 'a command line of thousands of empty words: the claim must still be readable',
    machine: {},
    start: [{ program: 'daemon', argv: Array.from({ length: 4_000 }, () => '') }],
  }),
];

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

/** Children of others, and own ones that fail. */
export const CHILDREN: readonly Scenario[] = [
  takenOver({
    id: 'model/found/late-orphan',
    about: 'a child loses its owner while another owner is at work',
    settleMs: 4_000,
    machine: {},
    programs: { leaver },
    start: [
      { program: 'leaver', foreign: true },
      { program: 'sleeper', argv: [childOf(FIRST)] },
      { program: 'daemon', phase: 'settle' },
    ],
    invariants: [noOrphan(DIRECTORY)],
  }),
  takenOver({
    id: 'model/found/moody-helper',
    about: 'a helper that fails now and then, but never twice in a row, is no reason to give up',
    settleMs: 4_000,
    machine: { busyMs: 0, files: { [SEEN]: '' } },
    programs: { helper: moody },
    start: [{ program: 'daemon' }],
    invariants: [unsaid('self-release')],
  }),
];
