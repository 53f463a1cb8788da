import { becomeOwner, EXIT } from '../../../model/index.ts';
import type { Program } from '../../../ports/index.ts';
import { eventually, type Scenario, sometimes } from '../../../scenario/index.ts';
import { daemon } from '../daemon.ts';
import {
  headOf,
  nobodyEvicted,
  noOrphan,
  noStaleState,
  SAFETY,
  SAFETY_WITHOUT_OWNER,
} from '../invariants.ts';
import { DIRECTORY, ENDPOINT, TIMING } from '../setup.ts';
import { claimStands, foundScenario, takenOver } from './kinds.ts';
import { claim, FIRST_AND_LATER, FIRST_PID, firstOf, sleeper, state, unsaid } from './setup.ts';

/** Owns the lock, lets it go, and lives on. */
const retired: Program = async (ports, argv) => {
  const contest = await becomeOwner(ports, { directory: DIRECTORY, endpoint: ENDPOINT, timing: TIMING });
  if (contest.kind === 'owner') await contest.owner.release();
  return sleeper(ports, argv);
};

/** Owns the lock, and lets it go at once. Says so if it can neither have it nor find who has. */
const brief: Program = async (ports) => {
  const contest = await becomeOwner(ports, { directory: DIRECTORY, endpoint: null, timing: TIMING });
  if (contest.kind === 'owner') await contest.owner.release();
  if (contest.kind !== 'blocked') return EXIT.done;
  ports.mark('blocked', { why: contest.why });
  return EXIT.blocked;
};

/** Its claims are lost. It asks whether it is the owner still, and releases before it has the answer. */
const hurried: Program = async (ports) => {
  const contest = await becomeOwner(ports, { directory: DIRECTORY, endpoint: ENDPOINT, timing: TIMING });
  if (contest.kind !== 'owner') return;
  const { owner } = contest;
  for (const name of await ports.fs.readdir(DIRECTORY)) await ports.fs.unlink(`${DIRECTORY}/${name}`);
  const asked = owner.isCurrent();
  await owner.release();
  await asked;
};

/** Asks the first daemon to stop. */
const stopper: Program = async ({ clock, process }) => {
  await clock.sleep(1_000);
  await process.kill(FIRST_PID + 1, 'SIGTERM');
};

/** Asks it when it has just begun to wait: who looks only now and then is too late. */
const ASKED_AFTER_MS = 1_100;
const GONE_WITHIN_MS = 100;

const asker: Program = async ({ clock, process }) => {
  await clock.sleep(ASKED_AFTER_MS);
  await process.kill(FIRST_PID + 1, 'SIGTERM');
};

/** Asks it at whatever moment the schedule wills. */
const hasty: Program = async ({ process }) => {
  await process.kill(FIRST_PID + 1, 'SIGTERM');
};

/** Asks it when it has just begun to own, its helper about to start: that is when it clears away its first claim. */
const prompt: Program = async ({ clock, fs, process }) => {
  while (!(await fs.readdir('/run')).includes('one')) await clock.sleep(0.1);
  while (!(await fs.readdir(DIRECTORY)).includes('gen-2')) await clock.sleep(0.1);
  while ((await fs.readdir(DIRECTORY)).includes('gen-1')) await clock.sleep(0.04);
  await process.kill(FIRST_PID + 1, 'SIGTERM');
};

const leftWhenAsked = eventually('who is asked to stop leaves at once', ({ processes }) => {
  const asked = processes.find(({ pid }) => pid === FIRST_PID + 1);
  // Before its first step it has no say in it.
  if (asked === undefined || asked.exitCode === EXIT.done || asked.exitSignal === 'SIGTERM') return null;
  return `${asked.name} is ${asked.state}, exit code ${asked.exitCode}`;
});

const nothingIsClaimed = eventually('who has left claims nothing', (world) => {
  const claim = headOf(DIRECTORY, world);
  return claim?.kind === 'owner' ? `the newest claim is that of PID ${claim.pid}` : null;
});

/** Owners that release, and whoever is asked to stop. */
export const LEAVING: readonly Scenario[] = [
  takenOver({
    id: 'model/found/retired',
    about: 'an owner that has released and lives on',
    machine: { busyMs: 0 },
    programs: { daemon: firstOf(retired) },
    start: [
      { program: 'daemon', foreign: true },
      { program: 'daemon', atMs: 100 },
    ],
    invariants: [nobodyEvicted],
  }),
  foundScenario({
    id: 'model/found/come-and-gone',
    about: 'between the look and the claim of one, another owns, leaves, and its claims are collected',
    machine: { busyMs: 0 },
    programs: { brief },
    start: [{ program: 'brief', count: 3 }],
    invariants: [...SAFETY, unsaid('blocked'), unsaid('fenced'), sometimes('a contender lost', 'lost')],
  }),
  foundScenario({
    id: 'model/found/asked-while-releasing',
    about: 'an owner whose claim is lost looks for it while it releases',
    machine: { busyMs: 0 },
    programs: { hurried },
    start: [{ program: 'hurried' }],
    invariants: [...SAFETY, nothingIsClaimed, sometimes('it released', 'release')],
  }),
  foundScenario({
    id: 'model/found/last-out',
    about: 'the only owner is asked to stop, and nobody comes after it',
    machine: { busyMs: 0 },
    programs: { stopper },
    start: [{ program: 'stopper', foreign: true }, { program: 'daemon' }],
    invariants: [
      ...SAFETY,
      noStaleState(DIRECTORY),
      noOrphan(DIRECTORY),
      sometimes('it released', 'release'),
    ],
  }),
  foundScenario({
    id: 'model/found/asked-while-waiting',
    about: 'a contender that waits for what it cannot judge is asked to stop',
    settleMs: ASKED_AFTER_MS + GONE_WITHIN_MS - 500,
    machine: { ...state({ 'gen-1': claim({ hostname: 'elsewhere', bootId: 'other' }) }), busyMs: 0 },
    programs: { asker },
    start: [{ program: 'asker', foreign: true }, { program: 'daemon' }],
    invariants: [...SAFETY_WITHOUT_OWNER, leftWhenAsked, claimStands],
  }),
  foundScenario({
    id: 'model/found/asked-at-the-endpoint',
    about: 'a contender that waits for the TCP port, its claim published, is asked to stop',
    settleMs: ASKED_AFTER_MS + GONE_WITHIN_MS - 500,
    machine: { busyMs: 0 },
    programs: {
      asker,
      daemon: firstOf(daemon({ directory: '/run/two', endpoint: ENDPOINT, timing: TIMING, helper: null })),
    },
    start: [...FIRST_AND_LATER, { program: 'asker', foreign: true }],
    invariants: [...SAFETY, leftWhenAsked, nothingIsClaimed, sometimes('it released', 'release')],
  }),
  foundScenario({
    id: 'model/found/asked-at-birth',
    about: 'a daemon is asked to stop at any moment of its start',
    settleMs: 1_000,
    programs: { hasty },
    machine: { busyMs: 0 },
    start: [{ program: 'hasty', foreign: true }, { program: 'daemon' }],
    invariants: [...SAFETY_WITHOUT_OWNER, leftWhenAsked, nothingIsClaimed, noStaleState(DIRECTORY)],
  }),
  foundScenario({
    id: 'model/found/asked-at-work',
    about: 'a daemon is asked to stop when it has just begun, its helper maybe on its way',
    settleMs: 1_000,
    programs: { prompt },
    machine: { files: { '/run': null }, busyMs: 0 },
    start: [{ program: 'prompt', foreign: true }, { program: 'daemon' }],
    invariants: [
      ...SAFETY,
      leftWhenAsked,
      nothingIsClaimed,
      noStaleState(DIRECTORY),
      noOrphan(DIRECTORY),
      sometimes('it owned', 'own'),
      sometimes('it had a helper', ({ processes }) =>
        processes.some(({ name }) => name.startsWith('helper')),
      ),
    ],
  }),
];
