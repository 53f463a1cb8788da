/** Machines that show less than others, and directories that are not as they should be. */
import { serveOwner } from '../../../model/index.ts';
import { type Ports, type Program, SystemError } from '../../../ports/index.ts';
import { type Scenario, sometimes } from '../../../scenario/index.ts';
import {
  afterFaults,
  at,
  foreign,
  noEviction,
  nothingSignalled,
  scenariosOf,
  sleepForever,
  start,
} from '../../vocabulary/index.ts';
import { DIRECTORY, ENDPOINT, TIMING } from '../setup.ts';
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

/** Waits neither for the end of its ownership nor asks for it, and one of its looks into the directory fails. */
const unaware: Program = (ports, argv) => {
  let fails = false;
  const fs = new Proxy(ports.fs, {
    get(of, name: keyof Ports['fs']) {
      const member = of[name] as (...args: unknown[]) => unknown;
      if (name !== 'readdir') return member.bind(of);
      return (path: string, ...more: unknown[]) => {
        if (!fails) return member.call(of, path, ...more);
        fails = false;
        return Promise.reject(new SystemError('EIO', { op: 'readdir', fd: 3 }));
      };
    },
  });
  void ports.clock.sleep(800).then(() => {
    fails = true;
  });
  return serveOwner({
    directory: DIRECTORY,
    endpoint: ENDPOINT,
    timing: { ...TIMING, tidyEveryMs: 60_000 },
    service: () => ({ stay: () => new Promise(() => {}) }),
  })({ ...ports, fs }, argv);
};

/** Removes the claims, and nothing else. */
const loser: Program = async ({ fs }) => {
  for (const name of await fs.readdir(DIRECTORY, { prefix: 'gen-' }))
    await fs.unlinkIfThere(`${DIRECTORY}/${name}`);
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
  'failed-check': {
    about: 'one check of an owner fails, which does not wait for its end; then its claim is lost',
    programs: { unaware, loser },
    start: ['unaware', foreign(at(2_000, 'loser')), at(3_500, 'daemon')],
    faultsForMs: 3_000,
    settleMs: 2_000,
    invariants: [sometimes('a check failed', 'unchecked')],
  },
});
