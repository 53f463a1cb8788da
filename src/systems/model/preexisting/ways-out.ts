/** Every way out of a start withdraws its claim: the process may live on, and must not be ended for a claim that it has given up. */
import { becomeOwner, serveAsOwner } from '../../../model/index.ts';
import type { Address, Ports, Program } from '../../../ports/index.ts';
import { eventually, type Scenario } from '../../../scenario/index.ts';
import {
  at,
  FIRST_PID,
  noEviction,
  nothingSignalled,
  orElse,
  scenariosOf,
  sleepForever,
} from '../../vocabulary/index.ts';
import { headOf, noStaleState } from '../invariants.ts';
import { asOwner } from '../programs/lock-users.ts';
import { DIRECTORY, ENDPOINT, TIMING } from '../setup.ts';
import { found, takenOver, unsaid } from './kinds.ts';
import { claim, firstOf } from './setup.ts';

/** Longer than the kernel accepts: listening fails with EINVAL. */
const TOO_LONG: Address = { kind: 'unix', path: `/run/${'long'.repeat(30)}` };
const FILLER = '/run/filler';
/** Room for some claims, and not for many. */
const SMALL_DISK_BYTES = 6_000;

/** An application that needs a daemon, and lives on without one: nothing that happens in here ends it. */
function application(starts: (ports: Ports) => Promise<unknown>): Program {
  return async (ports) => {
    await starts(ports).catch(() => {});
    return sleepForever(ports);
  };
}

const badEndpoint = application((ports) =>
  becomeOwner(ports, { directory: DIRECTORY, endpoint: TOO_LONG, timing: TIMING }),
);

/** Its work fails when it has just become the owner. */
const failsAtWork = application(
  asOwnerThatListens((owner, ports) =>
    serveAsOwner(ports, owner, { work: () => Promise.reject(new Error('the application fails')) }, []).then(
      () => {},
    ),
  ),
);

/** The disk is full when it gives up its claim. */
const leavesFullDisk = application(
  asOwnerThatListens(async (owner, { fs }) => {
    const filler = await fs.open(FILLER, 'w');
    while ((await orElse(fs.write(filler, 'x'.repeat(SMALL_DISK_BYTES)), 0, 'ENOSPC')) > 0);
    await owner.release();
    await fs.close(filler);
    await fs.unlink(FILLER);
  }),
);

/** It is challenged when it gives up its claim. */
const leavesChallenged = application(
  asOwnerThatListens(async (owner, { fs }) => {
    const challenge = claim({ kind: 'challenge', pid: 999, challenges: owner.claim.nonce });
    await fs.writeFile(`${DIRECTORY}/gen-${owner.generation + 1}`, challenge);
    await owner.release();
  }),
);

/** The name of its claim is there, but it does not come to know. */
const cannotTidy = application((ports) =>
  becomeOwner(
    { ...ports, fs: failing(ports.fs, 'unlink') },
    { directory: DIRECTORY, endpoint: ENDPOINT, timing: TIMING },
  ),
);

/** It has its claim, and cannot look for orphans. */
const cannotLook = application((ports) =>
  becomeOwner(
    { ...ports, process: failing(ports.process, 'list') },
    { directory: DIRECTORY, endpoint: ENDPOINT, timing: TIMING },
  ),
);

/** A part of the ports, of which one method always fails. */
function failing<T extends object>(port: T, broken: keyof T): T {
  return new Proxy(port, {
    get(_, name) {
      if (name === broken) return () => Promise.reject(new Error(`${String(name)} fails`));
      const member: unknown = port[name as keyof T];
      return typeof member === 'function' ? member.bind(port) : member;
    },
  });
}

function asOwnerThatListens(deed: Parameters<typeof asOwner>[0]): (ports: Ports) => Promise<unknown> {
  return (ports) => asOwner(deed, { endpoint: ENDPOINT })(ports, []) as Promise<unknown>;
}

const ownsNoMore = eventually('the application claims nothing', (world) => {
  const head = headOf(DIRECTORY, world);
  return head?.kind === 'owner' && head.pid === FIRST_PID
    ? 'the newest claim is that of the application'
    : null;
});

const lives = {
  start: ['daemon', at(500, 'daemon')],
  machine: { busyMs: 0, files: { '/run': null } },
  invariants: [...takenOver.invariants!, ownsNoMore, noEviction, nothingSignalled],
};

export const WAYS_OUT: readonly Scenario[] = scenariosOf(
  'model/found',
  { ...found, ...lives },
  {
    'endpoint-refused': {
      about: 'an application cannot listen at its endpoint, and lives on without a daemon',
      programs: { daemon: firstOf(badEndpoint) },
    },
    'failed-at-work': {
      about: 'what an owner does fails, and its process lives on',
      programs: { daemon: firstOf(failsAtWork) },
    },
    'left-a-full-disk': {
      about: 'an owner gives up its claim on a full disk, and lives on',
      machine: { capacityBytes: SMALL_DISK_BYTES },
      programs: { daemon: firstOf(leavesFullDisk) },
      invariants: [unsaid('unusable'), noStaleState(DIRECTORY)],
    },
    'left-challenged': {
      about: 'an owner gives up its claim while it is challenged, and lives on',
      programs: { daemon: firstOf(leavesChallenged) },
      settleMs: 4_000,
    },
    'claimed-and-failed': {
      about: 'a start fails after its claim can be seen, and its process lives on',
      programs: { daemon: firstOf(cannotTidy) },
    },
    'failed-on-the-way': {
      about: 'a start fails between its claim and its endpoint, and its process lives on',
      programs: { daemon: firstOf(cannotLook) },
    },
  },
);
