import {
  type Invariant,
  type Scenario,
  type ScenarioOptions,
  scenario,
  sometimes,
} from '../../check/index.ts';
import { becomeOwner } from '../../model/index.ts';
import type { Program } from '../../ports/index.ts';
import { onSlowDisk } from '../slow-disk.ts';
import { FOUND } from './found/index.ts';
import { claim, state } from './found/setup.ts';
import {
  healthyOwnerStays,
  laterTokensAreHigher,
  newestStays,
  nobodyEvicted,
  noOrphan,
  noStaleState,
  oneOwnerServes,
  SAFETY,
} from './invariants.ts';
import { BROKEN, DAEMON, DIRECTORY, HELPER, TCP_PORT, TIMING } from './setup.ts';

/** Takes the lock, works under it for a moment, lets it go. */
const worker: Program = async (ports) => {
  const contest = await becomeOwner(ports, { directory: DIRECTORY, endpoint: null, timing: TIMING });
  if (contest.kind !== 'owner') return 0;
  const { owner } = contest;
  for (let deed = 0; deed < 3; deed++) {
    if (!(await owner.act(() => {}))) return 0;
    await ports.clock.sleep(100);
  }
  await owner.release();
  return 0;
};

/** How late an operation begins that a disk is slow for. */
const SLOW_MS = 50;

/** Takes the lock, and lets it go at once. */
const brief: Program = async (ports) => {
  const contest = await becomeOwner(ports, { directory: DIRECTORY, endpoint: null, timing: TIMING });
  if (contest.kind === 'owner') await contest.owner.release();
};

const KEEPS_MS = 100;

/** Owns for a while, tidies up, and asks only in the end whether it is the owner still. */
const keeper: Program = async (ports) => {
  const contest = await becomeOwner(ports, { directory: DIRECTORY, endpoint: null, timing: TIMING });
  if (contest.kind !== 'owner') return;
  for (let i = 0; i < 3; i++) {
    await ports.clock.sleep(KEEPS_MS);
    await contest.owner.tidy();
  }
  await contest.owner.untilFenced();
};

/** Takes for litter what it does not know. */
const sweeper: Program = async ({ fs }) => {
  if (!(await fs.exists(DIRECTORY))) return;
  for (const name of await fs.readdir(DIRECTORY, { prefix: 'gen-' })) {
    await fs.unlinkIfThere(`${DIRECTORY}/${name}`);
  }
};

const ALONE: readonly Invariant[] = [healthyOwnerStays(TIMING), sometimes('a contender lost', 'lost')];

/** The lock alone: claims on disk, and nothing to ask the owner by. */
function lockScenario(options: Pick<ScenarioOptions, 'id' | 'about'> & Partial<ScenarioOptions>): Scenario {
  return scenario({
    programs: { worker },
    start: [
      { program: 'worker', count: 4 },
      { program: 'worker', phase: 'settle', atMs: 500 },
    ],
    faultsForMs: 2_000,
    settleMs: 4_000,
    // As on every Linux: only the last directory has to be made.
    machine: { busyMs: 200, files: { '/run': null } },
    ...options,
    invariants: [...SAFETY, ...ALONE, ...(options.invariants ?? [])],
  });
}

/** A daemon on a fixed TCP port, with a helper process of its own. */
function ownerScenario(options: Pick<ScenarioOptions, 'id' | 'about'> & Partial<ScenarioOptions>): Scenario {
  return scenario({
    programs: { daemon: DAEMON, helper: HELPER },
    start: [
      { program: 'daemon', count: 3 },
      { program: 'daemon', atMs: 1_500 },
      { program: 'daemon', phase: 'settle', atMs: 500 },
    ],
    faultsForMs: 4_000,
    settleMs: 14_000,
    machine: { busyMs: 200 },
    ...options,
    invariants: [
      ...SAFETY,
      healthyOwnerStays(TIMING),
      oneOwnerServes(DIRECTORY, TCP_PORT),
      noOrphan(DIRECTORY),
      noStaleState(DIRECTORY),
      sometimes('a contender lost', 'lost'),
      ...(options.invariants ?? []),
    ],
  });
}

const TAKEOVER = sometimes('a takeover happened', 'takeover');
const REAPED = sometimes('an orphan was reaped', 'reaped');
const EVICTED = sometimes('a former owner was evicted', 'evict');

export const MODEL: readonly Scenario[] = [
  lockScenario({
    id: 'model/lock/cold-start',
    about: 'four starts at once, any one killed at any moment',
    faults: { kill: 1 },
    invariants: [TAKEOVER],
  }),
  lockScenario({
    id: 'model/lock/stopped-owner',
    about: 'four starts at once, some stopped for a while, one killed',
    faults: { stop: 2, kill: 1 },
    invariants: [TAKEOVER],
  }),
  lockScenario({
    id: 'model/lock/pid-reuse',
    about: 'owners killed, strangers born with their PIDs',
    faults: { kill: 2, 'pid-reuse': 2 },
    invariants: [TAKEOVER],
  }),
  lockScenario({
    id: 'model/lock/lost-files',
    about: 'files of the lock vanish while it is contended for and held',
    faults: { 'lose-state': { max: 2, under: DIRECTORY }, kill: 1 },
    invariants: [TAKEOVER],
  }),
  lockScenario({
    id: 'model/lock/lost-claims',
    about: 'claims vanish, that of a start on a slow disk and that of whoever has begun anew meanwhile',
    programs: { worker, slow: onSlowDisk(worker, SLOW_MS, 'link'), sweeper },
    start: [
      { program: 'slow', count: 1 },
      // Left to chance, the two losses hardly ever come when they tell: after each of the slow one's names, and before the next.
      { program: 'sweeper', foreign: true, atMs: SLOW_MS + 5 },
      { program: 'sweeper', foreign: true, atMs: 2 * SLOW_MS - 5 },
      { program: 'worker', count: 2, atMs: SLOW_MS + 10 },
    ],
    faultsForMs: 300,
    settleMs: 1_000,
    machine: { busyMs: 50 },
    faults: { 'lose-state': { max: 2, under: DIRECTORY } },
  }),
  lockScenario({
    id: 'model/lock/lost-number',
    about: 'a claim vanishes before its start looks again, and another start wins its number meanwhile',
    programs: {
      first: onSlowDisk(worker, SLOW_MS, 'readdir', 'unlink'),
      second: onSlowDisk(worker, SLOW_MS, 'readdir'),
      sweeper,
    },
    // The first looks, publishes, clears up and looks again, each a slow operation later.
    start: [
      { program: 'first' },
      { program: 'sweeper', foreign: true, atMs: 2.4 * SLOW_MS },
      { program: 'second', atMs: 2.2 * SLOW_MS },
    ],
    faultsForMs: 10 * SLOW_MS,
    settleMs: 1_000,
    machine: { busyMs: 0, files: { '/run': null } },
    invariants: [newestStays(DIRECTORY)],
  }),
  lockScenario({
    id: 'model/lock/late-link',
    about:
      'a start takes its token, and publishes it when another has come and gone, and all claims are lost',
    programs: { slow: onSlowDisk(worker, SLOW_MS, 'link'), brief, sweeper },
    start: [
      { program: 'slow' },
      { program: 'brief', count: 2, atMs: 0.3 * SLOW_MS },
      { program: 'sweeper', foreign: true, atMs: 0.8 * SLOW_MS },
    ],
    faultsForMs: 10 * SLOW_MS,
    settleMs: 1_000,
    machine: { busyMs: 0, files: { '/run': null } },
    invariants: [laterTokensAreHigher],
  }),
  lockScenario({
    id: 'model/lock/lost-and-tidied',
    about:
      'an owner tidies up that does not know yet that its claim is lost, and that another has begun anew',
    programs: { worker, keeper, sweeper },
    start: [
      { program: 'keeper' },
      { program: 'sweeper', foreign: true, atMs: 1.5 * KEEPS_MS },
      { program: 'worker', count: 2, atMs: 1.6 * KEEPS_MS },
    ],
    faultsForMs: 5 * KEEPS_MS,
    settleMs: 1_000,
    machine: { busyMs: 0, ...state({ 'gen-7': claim({ kind: 'free' }) }) },
    invariants: [newestStays(DIRECTORY)],
  }),
  ownerScenario({
    id: 'model/owner/cold-start',
    about: 'three starts at once and a late one, two killed at any moment',
    faults: { kill: 2 },
    invariants: [TAKEOVER, REAPED],
  }),
  ownerScenario({
    id: 'model/owner/stopped-owner',
    about: 'owners stopped for a moment, past their lease, for good',
    faults: { stop: { max: 2, forMs: [50, 1_500, 20_000, Number.POSITIVE_INFINITY] }, kill: 1 },
    invariants: [TAKEOVER, EVICTED, REAPED],
  }),
  ownerScenario({
    id: 'model/owner/short-stops',
    about: 'owners stopped for less than their grace: nobody is ended',
    faults: { stop: { max: 2, forMs: [50, 1_500] } },
    invariants: [nobodyEvicted],
  }),
  ownerScenario({
    id: 'model/owner/pid-reuse',
    about: 'owners and helpers killed or stopped, strangers born with their PIDs',
    faults: { kill: 2, stop: 1, 'pid-reuse': 2 },
    invariants: [TAKEOVER, REAPED],
  }),
  ownerScenario({
    id: 'model/owner/lost-metadata',
    about: 'claims vanish or are torn while their owner lives',
    faults: {
      'lose-state': { max: 2, under: DIRECTORY },
      'tear-state': { max: 2, under: DIRECTORY },
      'corrupt-state': { max: 1, under: DIRECTORY },
      stop: 1,
      kill: 1,
    },
    invariants: [TAKEOVER],
  }),
  ownerScenario({
    id: 'model/owner/restarts',
    about: 'reboots, power cuts, suspends and jumps of the clock',
    start: [
      { program: 'daemon', count: 2, atBoot: true },
      { program: 'daemon', atMs: 1_500 },
      { program: 'daemon', phase: 'settle', atMs: 500 },
    ],
    faults: { reboot: 1, 'power-cut': 1, suspend: 1, 'clock-jump': 1, stop: 1, kill: 1 },
    invariants: [TAKEOVER],
  }),
  ownerScenario({
    id: 'model/owner/bad-weather',
    about:
      'disks that fail or are full, too many descriptors, questions that are late or lost, a stranger on the port',
    faults: {
      eio: 1,
      enospc: 1,
      emfile: 1,
      eacces: 1,
      'slow-probe': 2,
      'lost-probe': 2,
      'port-grab': { max: 1, tcpPort: TCP_PORT },
      kill: 1,
    },
    invariants: [TAKEOVER],
  }),
  ownerScenario({
    id: 'model/owner/self-release',
    about: 'the helper cannot be started: owners give up by themselves until it is mended',
    programs: {
      daemon: DAEMON,
      helper: HELPER,
      mender: async ({ fs }) => {
        await fs.unlink(BROKEN);
        return 0;
      },
    },
    machine: { busyMs: 200, files: { [BROKEN]: '' } },
    start: [
      { program: 'daemon', count: 2 },
      { program: 'mender', phase: 'settle' },
      { program: 'daemon', phase: 'settle', atMs: 500 },
    ],
    faults: { kill: 1 },
    invariants: [sometimes('a self-release happened', 'self-release')],
  }),
  ...FOUND,
];
