/** Other processes that listen where the owner wants to serve, and an owner that listens and does not answer. */
import { EXIT } from '../../../model/index.ts';
import type { Program } from '../../../ports/index.ts';
import { eventually, type Scenario, sometimes } from '../../../scenario/index.ts';
import {
  afterFaults,
  at,
  endsAfter,
  FIRST_PID,
  foreign,
  scenariosOf,
  sleepForever,
  start,
  times,
} from '../../vocabulary/index.ts';
import {
  healthyOwnerStays,
  noOrphan,
  noStaleState,
  oneOwnerServes,
  SAFETY,
  SAFETY_WITHOUT_OWNER,
  TAKEOVER,
} from '../invariants.ts';
import { daemon } from '../programs/daemon.ts';
import { asOwner } from '../programs/lock-users.ts';
import { squatter } from '../programs/squatter.ts';
import { DAEMON, DIRECTORY, ENDPOINT, TIMING } from '../setup.ts';
import { allEndWith, found, leftAlone, takenOver } from './kinds.ts';
import { childOf, claim, FIRST, FIRST_AND_LATER, firstOf, PATIENT } from './setup.ts';

/** Listens where it wants to be the owner, before it is. */
const early: Program = async (ports, argv) => {
  await ports.net.listen(ENDPOINT);
  return PATIENT(ports, argv);
};

/** Owns, listens, looks whether it still owns, and never answers. */
const hung = asOwner(
  async (owner) => {
    owner.serves();
    return EXIT[await owner.untilFenced()];
  },
  { endpoint: ENDPOINT, otherwise: EXIT.blocked },
);

export const ELSEWHERE = daemon({ directory: '/run/two', endpoint: ENDPOINT, timing: TIMING, helper: null });

/** With the second one in every run, some guards would never be needed. */
const MAYBE_ANOTHER = ['daemon', start('daemon', { atMs: 100, optional: true }), afterFaults('daemon')];

const LEFT_ALONE = scenariosOf('model/found', leftAlone, {
  'foreign-listener': {
    about: "another user's process of the same command listens on the TCP port",
    machine: { busyMs: 0 },
    programs: { daemon: firstOf(squatter) },
    start: [start('daemon', { foreign: true, uid: 1_000 }), at(100, times(2, 'daemon'))],
  },
  'other-directory': {
    about: 'the same daemon on the same TCP port, with a state directory of its own',
    machine: { busyMs: 0 },
    programs: { daemon: firstOf(ELSEWHERE, PATIENT) },
    start: FIRST_AND_LATER,
  },
  'own-listener': {
    about: 'a contender that itself already listens on the TCP port',
    programs: { daemon: early },
    start: ['daemon'],
  },
  'stranger-listener': {
    about: 'a process of another command, child of an owner that lives, listens on the TCP port',
    machine: { busyMs: 0 },
    programs: { squatter },
    start: [foreign('sleeper'), foreign(`squatter ${childOf(FIRST)}`), at(100, times(2, 'daemon'))],
  },
});

const TAKEN_OVER = scenariosOf('model/found', takenOver, {
  'orphan-listener': {
    about: 'the TCP port is held by a child whose owner ends while we wait',
    machine: { busyMs: 0 },
    programs: {
      leaver: endsAfter(1_000),
      daemon: async (ports, argv) =>
        ((await ports.process.self()).pid === FIRST_PID + 1 ? squatter : DAEMON)(ports, argv),
    },
    start: [foreign('leaver'), `daemon ${childOf(FIRST)}`, afterFaults(`daemon ${childOf(FIRST)}`)],
  },
  'sick-holder': {
    about: 'the TCP port is held by a daemon of ours that answers nonsense and has no claim: it may be ended',
    settleMs: 8_000,
    machine: { busyMs: 0 },
    programs: { daemon: firstOf(squatter) },
    start: MAYBE_ANOTHER,
    invariants: [sometimes('a former owner was evicted', 'evict')],
  },
  'hung-owner': {
    about: 'an owner that looks after its claim and never answers',
    settleMs: 9_000,
    // An owner that hangs and is also late may be evicted before it has seen that it hangs.
    machine: { busyMs: 100 },
    programs: { daemon: firstOf(hung) },
    start: MAYBE_ANOTHER,
    invariants: [healthyOwnerStays(TIMING), noOrphan(DIRECTORY), noStaleState(DIRECTORY)],
  },
});

const SOCKET = '/run/daemon.sock';
const atPath = daemon({
  directory: DIRECTORY,
  endpoint: { kind: 'unix', path: SOCKET },
  timing: TIMING,
  helper: null,
});

const listensAtPath = eventually('the owner listens at the path', ({ machine, currentClaims: [owner] }) => {
  const found = machine.listeners
    .all()
    .find(({ address }) => address.kind === 'unix' && address.path === SOCKET);
  return found?.holders.some(({ pid }) => pid === owner?.process.pid)
    ? null
    : `no socket of ${owner?.process.name ?? 'an owner'} at ${SOCKET}`;
});

/** Has owned at the path; its name and its claim were taken away. It lives on, and closes its listener much later. */
const deposed = asOwner(
  async (owner, ports) => {
    const { clock, fs } = ports;
    await fs.unlink(SOCKET);
    for (const name of await fs.readdir(DIRECTORY)) await fs.unlink(`${DIRECTORY}/${name}`);
    await fs.writeFile(`${DIRECTORY}/gen-9`, claim({ kind: 'free' }));
    await owner.untilFenced();
    await clock.sleep(1_500);
    await owner.release();
    return sleepForever(ports);
  },
  { endpoint: { kind: 'unix', path: SOCKET } },
);

/** Connects in the end. */
const client: Program = async ({ mark, probe }) => {
  await probe.connect({ kind: 'unix', path: SOCKET }, TIMING.probeTimeoutMs);
  mark('connected');
};

const nameStays = eventually('the owner can be reached by the path', ({ marks }) =>
  marks.has('connected') ? null : 'no client could connect',
);

const AT_A_PATH = scenariosOf('model/found', found, {
  'left-socket': {
    about:
      'owners at a fixed Unix path are killed and stopped: the next one replaces the name that they leave',
    machine: { files: { '/run': null } },
    programs: { daemon: atPath },
    start: [times(2, 'daemon'), at(1_000, 'daemon'), afterFaults('daemon', 500)],
    faults: { kill: 1, stop: { max: 1, forMs: [3_000, Number.POSITIVE_INFINITY] } },
    faultsForMs: 4_000,
    settleMs: 12_000,
    invariants: [...SAFETY, oneOwnerServes(DIRECTORY, null), listensAtPath, TAKEOVER],
  },
  'late-close': {
    about: 'a former owner closes its listener when the next one has the path already',
    machine: { files: { '/run': null }, busyMs: 0 },
    programs: { daemon: firstOf(deposed, atPath), client },
    start: ['daemon', at(500, 'daemon'), foreign(afterFaults('client', 4_000))],
    settleMs: 6_000,
    invariants: [...SAFETY, oneOwnerServes(DIRECTORY, null), nameStays],
  },
  'file-at-the-path': {
    about: 'a file that is no socket at the path where the owner wants to listen: it stays',
    machine: { files: { [SOCKET]: 'precious' }, busyMs: 0 },
    programs: {
      daemon: daemon({
        directory: DIRECTORY,
        endpoint: { kind: 'unix', path: SOCKET },
        timing: { ...TIMING, patienceMs: 1_000 },
        helper: null,
      }),
    },
    start: ['daemon'],
    settleMs: 4_000,
    invariants: [
      ...SAFETY_WITHOUT_OWNER,
      allEndWith('it is blocked', EXIT.blocked),
      eventually('the file stays', (world) => (world.files()[SOCKET] === 'precious' ? null : 'it is gone')),
    ],
  },
});

export const LISTENERS: readonly Scenario[] = [...LEFT_ALONE, ...TAKEN_OVER, ...AT_A_PATH];
