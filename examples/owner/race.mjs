// @ts-check
import {
  atMostOneOwner,
  eventually,
  ifExercised,
  nothingUnprovenSignalled,
  scenario,
  sometimes,
} from 'one-survivor';
import { daemon } from './daemon.mjs';

/** Short, because polling costs steps in a simulation. */
const TIMING = {
  ...{ probeEveryMs: 250, probeTimeoutMs: 300, bootGraceMs: 2_500, leaseMs: 1_000, challengeMs: 1_200 },
  ...{ termGraceMs: 400, killGraceMs: 400, selfCheckMs: 500, tidyEveryMs: 2_000, patienceMs: 20_000 },
};
const argv = ['/run/counter', '49152', JSON.stringify(TIMING)];

/** The same daemon, on a machine where processes are killed and stopped, and files lost. */
export default scenario({
  id: 'example/counter/starts',
  about: 'the counting daemon: starts at once and later; kills, stops, lost files',
  programs: { daemon },
  start: [
    { program: 'daemon', argv, count: 3 },
    { program: 'daemon', argv, atMs: 1_500 },
    { program: 'daemon', argv, phase: 'settle', atMs: 500 },
  ],
  faults: { kill: 2, stop: 1, 'lose-state': { max: 1, under: '/run/counter' } },
  faultsForMs: 4_000,
  settleMs: 14_000,
  invariants: [
    atMostOneOwner,
    // Signals are only sent if an owner has to be ended, which is rare.
    ifExercised(nothingUnprovenSignalled),
    eventually('exactly one owner', ({ currentClaims: { length } }) =>
      length === 1 ? null : `${length} processes own`,
    ),
    sometimes('a contender lost', 'lost'),
    sometimes('a takeover happened', 'takeover'),
  ],
});

/**
 * Asks the first process of the run to stop, at a moment that the schedule chooses.
 *
 * @type {import('one-survivor').Program}
 */
const user = async ({ process }) => process.kill(1_001, 'SIGTERM');

/** Asked to stop before, during or after its start, it never leaves a claim without an owner. */
export const stops = scenario({
  id: 'example/counter/stops',
  about: 'the counting daemon is asked to stop at any moment of its start',
  programs: { daemon, user },
  start: [
    { program: 'daemon', argv },
    { program: 'user', foreign: true, atMs: 2 },
  ],
  settleMs: 1_000,
  invariants: [
    eventually('who has stopped claims nothing', (world) => {
      const daemon = world.processes.find(({ pid }) => pid === 1_001);
      const claimed = Object.values(world.files()).some((text) => text?.includes('"kind":"owner"'));
      return daemon?.exitCode === 0 && claimed ? 'it ended with 0, and its claim is still there' : null;
    }),
    sometimes('it had owned', 'own'),
  ],
});
