import { becomeOwner } from '../../model/index.ts';
import type { Program } from '../../ports/index.ts';
import {
  type Invariant,
  type Scenario,
  type ScenarioOptions,
  scenario,
  sometimes,
} from '../../scenario/index.ts';
import { onSlowDisk } from '../slow-disk.ts';
import { claim, state } from './found/setup.ts';
import { healthyOwnerStays, newestStays, SAFETY, TAKEOVER } from './invariants.ts';
import { DIRECTORY, TIMING } from './setup.ts';

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

export const LOCK: readonly Scenario[] = [
  lockScenario({
    id: 'model/lock/cold-start',
    about: 'four starts at once, any one killed at any moment',
    faults: { kill: 1 },
    invariants: [TAKEOVER],
  }),
  lockScenario({
    id: 'model/lock/stopped-owner',
    about: 'four starts at once, some stopped for a while or for good, one killed',
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
];
