/** Machines that show less than others, and directories that are not as they should be. */
import type { Ports, Program } from '../../../ports/index.ts';
import type { Scenario } from '../../../scenario/index.ts';
import {
  afterFaults,
  noEviction,
  nothingSignalled,
  scenariosOf,
  sleepForever,
  start,
} from '../../vocabulary/index.ts';
import { DIRECTORY } from '../setup.ts';
import { takenOver, unsaid } from './kinds.ts';
import { ANOTHER_USER, claim, GONE, LATER } from './setup.ts';

/** Above the state directory. */
const PARENT = '/run';
const NEWEST = `${DIRECTORY}/gen-1`;

/** Makes the state directory of a user, as root does when it installs a daemon. */
function installer(rest: (ports: Ports) => Promise<unknown>): Program {
  return async (ports) => {
    const { fs } = ports;
    await fs.mkdir(PARENT, { mode: 0o755 });
    await fs.mkdir(DIRECTORY, { mode: 0o700 });
    await rest(ports);
    await fs.chown(DIRECTORY, ANOTHER_USER, ANOTHER_USER);
    return sleepForever(ports);
  };
}

/** The user may pass through the directory above, and not list it. */
const closesParent = installer(({ fs }) => fs.chmod(PARENT, 0o711));

/** A claim of the user, whose PID is that of a process of root by now: of this one. */
const leavesClaim = installer(async ({ fs, process }) => {
  const { pid } = await process.self();
  await fs.writeFile(NEWEST, claim({ uid: ANOTHER_USER, pid, startTicks: GONE.startTicks }));
  await fs.chown(NEWEST, ANOTHER_USER, ANOTHER_USER);
});

/** Takes away the state directory, with all that is in it. */
const remover: Program = async ({ clock, fs }) => {
  await clock.sleep(1_000);
  for (const name of await fs.readdir(DIRECTORY)) await fs.unlinkIfThere(`${DIRECTORY}/${name}`);
  await fs.rmdir(DIRECTORY).catch(() => {});
};

const shared = {
  ...takenOver,
  machine: { busyMs: 0 },
  invariants: [...takenOver.invariants!, unsaid('unusable'), nothingSignalled],
};
const USERS = start(LATER, { uid: ANOTHER_USER });

export const SURROUNDINGS: readonly Scenario[] = scenariosOf('model/found', shared, {
  'closed-parent': {
    about: 'a directory above the state directory cannot be read by the user, only passed through',
    programs: { closesParent },
    start: [start('closesParent', { foreign: true }), USERS],
  },
  'hidden-processes': {
    about: 'processes of other users are hidden (hidepid), and one of them has the PID of a former owner',
    machine: { hidepid: true },
    programs: { leavesClaim },
    start: [start('leavesClaim', { foreign: true }), USERS],
  },
  'lost-directory': {
    about: 'the state directory is removed while an owner is at work: it makes it again',
    programs: { remover },
    start: [start('remover', { foreign: true }), 'daemon', afterFaults('daemon', 1_500)],
    settleMs: 4_000,
    invariants: [noEviction, unsaid('fenced')],
  },
});
