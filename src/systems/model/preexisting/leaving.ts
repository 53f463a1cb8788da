/** Owners that release, and processes that are asked to stop. */
import { becomeOwner, EXIT, serveOwner } from '../../../model/index.ts';
import type { Program } from '../../../ports/index.ts';
import { eventually, type Scenario, sometimes } from '../../../scenario/index.ts';
import {
  at,
  FIRST_PID,
  foreign,
  noEviction,
  scenariosOf,
  sleepForever,
  times,
} from '../../vocabulary/index.ts';
import { headOf, noOrphan, noStaleState, SAFETY, SAFETY_WITHOUT_OWNER } from '../invariants.ts';
import { asOwner } from '../programs/lock-users.ts';
import { DIRECTORY, ENDPOINT, TIMING } from '../setup.ts';
import { claimStands, found, takenOver, unsaid } from './kinds.ts';
import { ELSEWHERE } from './listeners.ts';
import { claim, FIRST_AND_LATER, firstOf, inspector, LEFT_CERTIFICATE, NFS, state } from './setup.ts';

/** Owns the lock, releases it, and lives on. */
const retired: Program = async (ports, argv) => {
  await asOwner((owner) => owner.release(), { endpoint: ENDPOINT })(ports, argv);
  return sleepForever(ports);
};

/** Owns the lock, and releases it at once. Says so if it can neither have it nor find its owner. */
const brief: Program = async (ports) => {
  const contest = await becomeOwner(ports, { directory: DIRECTORY, endpoint: null, timing: TIMING });
  if (contest.kind === 'owner') await contest.owner.release();
  if (contest.kind !== 'blocked') return EXIT.done;
  ports.mark('blocked', { why: contest.why });
  return EXIT.blocked;
};

/** Its claims are lost. It asks whether it still is the owner, and releases before it has the answer. */
const hurried = asOwner(
  async (owner, { fs }) => {
    for (const name of await fs.readdir(DIRECTORY)) await fs.unlink(`${DIRECTORY}/${name}`);
    const asked = owner.isCurrent();
    await owner.release();
    await asked;
  },
  { endpoint: ENDPOINT },
);

/** Longer than its endpoint may be silent otherwise, and a challenge may stand; shorter than a close may take. */
const CLOSES_MS = TIMING.bootGraceMs - 100;

const slowToClose = serveOwner({
  directory: DIRECTORY,
  endpoint: ENDPOINT,
  timing: TIMING,
  service: ({ clock }) => ({ close: () => clock.sleep(CLOSES_MS) }),
});

/** Asks the first daemon to stop, after this time; 0: at any moment that the schedule chooses. */
function stopper(afterMs: number): Program {
  return async ({ clock, process }) => {
    if (afterMs > 0) await clock.sleep(afterMs);
    await process.kill(FIRST_PID + 1, 'SIGTERM');
  };
}

/** When it has just begun to wait: if it looked only now and then, it would be too late. */
const ASKED_AFTER_MS = 1_100;
const GONE_WITHIN_MS = 100;

/** Asks it when it has just begun to own, its helper about to start: that is when it clears away its first claim. */
const prompt: Program = async ({ clock, fs, process }) => {
  while (!(await fs.readdir('/run')).includes('one')) await clock.sleep(0.1);
  while (!(await fs.readdir(DIRECTORY)).includes('gen-2')) await clock.sleep(0.1);
  while ((await fs.readdir(DIRECTORY)).includes('gen-1')) await clock.sleep(0.04);
  await process.kill(FIRST_PID + 1, 'SIGTERM');
};

const leftWhenAsked = eventually('a process that is asked to stop ends at once', ({ processes }) => {
  const asked = processes.find(({ pid }) => pid === FIRST_PID + 1);
  // Before its first step it cannot handle the signal.
  if (asked === undefined || asked.exitCode === EXIT.done || asked.exitSignal === 'SIGTERM') return null;
  return `${asked.name} is ${asked.state}, exit code ${asked.exitCode}`;
});

const nothingIsClaimed = eventually('a process that has left claims nothing', (world) => {
  const claim = headOf(DIRECTORY, world);
  return claim?.kind === 'owner' ? `the newest claim is that of PID ${claim.pid}` : null;
});

const RELEASED = sometimes('it released', 'release');

const RETIRED = scenariosOf('model/found', takenOver, {
  retired: {
    about: 'an owner that has released and lives on',
    machine: { busyMs: 0 },
    programs: { daemon: firstOf(retired) },
    start: FIRST_AND_LATER,
    invariants: [noEviction],
  },
});

const STOPPING = scenariosOf('model/found', takenOver, {
  'start-during-a-stop': {
    about:
      'a start finds an owner that has been asked to stop, and that takes a while: it is not content with it',
    machine: { busyMs: 0 },
    settleMs: 5_000,
    programs: { stopper: stopper(1_000), daemon: slowToClose },
    start: [foreign('stopper'), 'daemon', at(1_050, 'daemon')],
    faultsForMs: 2_000,
    invariants: [noEviction],
  },
});

const shared = { ...found, machine: { busyMs: 0 } };

const ASKED = scenariosOf('model/found', shared, {
  'come-and-gone': {
    about: 'between the look and the claim of one, another owns, leaves, and its claims are collected',
    programs: { brief },
    start: [times(3, 'brief')],
    invariants: [...SAFETY, unsaid('blocked'), unsaid('fenced'), sometimes('a contender lost', 'lost')],
  },
  'asked-while-releasing': {
    about: 'an owner whose claim is lost looks for it while it releases',
    programs: { hurried },
    start: ['hurried'],
    invariants: [...SAFETY, nothingIsClaimed, RELEASED],
  },
  'last-out': {
    about: 'the only owner is asked to stop, and no other comes after it',
    programs: { stopper: stopper(1_000), inspector: inspector('cert-') },
    start: [foreign('stopper'), 'daemon', foreign(at(2_400, 'inspector'))],
    invariants: [...SAFETY, noStaleState(DIRECTORY), unsaid(LEFT_CERTIFICATE), noOrphan(DIRECTORY), RELEASED],
  },
  'asked-while-waiting': {
    about: 'a contender that waits for a claim that it cannot judge is asked to stop',
    settleMs: ASKED_AFTER_MS + GONE_WITHIN_MS - 500,
    machine: {
      ...state({ 'gen-1': claim({ hostname: 'elsewhere', bootId: 'other' }) }),
      filesystemType: NFS,
    },
    programs: { asker: stopper(ASKED_AFTER_MS) },
    start: [foreign('asker'), 'daemon'],
    invariants: [...SAFETY_WITHOUT_OWNER, leftWhenAsked, claimStands],
  },
  'asked-at-the-endpoint': {
    about: 'a contender that waits for the TCP port, its claim published, is asked to stop',
    settleMs: ASKED_AFTER_MS + GONE_WITHIN_MS - 500,
    programs: { asker: stopper(ASKED_AFTER_MS), daemon: firstOf(ELSEWHERE) },
    start: [...FIRST_AND_LATER, foreign('asker')],
    invariants: [...SAFETY, leftWhenAsked, nothingIsClaimed, RELEASED],
  },
  'asked-at-birth': {
    about: 'a daemon is asked to stop at any moment of its start',
    settleMs: 1_000,
    programs: { hasty: stopper(0) },
    start: [foreign('hasty'), 'daemon'],
    invariants: [...SAFETY_WITHOUT_OWNER, leftWhenAsked, nothingIsClaimed, noStaleState(DIRECTORY)],
  },
  'asked-at-work': {
    about: 'a daemon is asked to stop when it has just begun, its helper maybe on its way',
    settleMs: 1_000,
    programs: { prompt },
    machine: { files: { '/run': null } },
    start: [foreign('prompt'), 'daemon'],
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
  },
});

export const LEAVING: readonly Scenario[] = [...RETIRED, ...STOPPING, ...ASKED];
