// @ts-check
import {
  atMostOneOwner,
  eventually,
  noStaleAct,
  nothingUnprovenSignalled,
  scenario,
  sometimes,
} from 'one-survivor';
import { daemon } from './daemon.mjs';

/** Short: what is idle costs nothing in a simulation, but what happens meanwhile does. */
const TIMING = {
  ...{ probeEveryMs: 250, probeTimeoutMs: 300, bootGraceMs: 2_500, leaseMs: 1_000, challengeMs: 1_200 },
  ...{ termGraceMs: 400, killGraceMs: 400, selfCheckMs: 500, tidyEveryMs: 2_000, patienceMs: 20_000 },
};
const argv = ['/run/counter', '49152', JSON.stringify(TIMING)];

/** The very daemon, on a machine where owners are killed, stopped, and their files lost. */
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
    noStaleAct,
    nothingUnprovenSignalled,
    eventually('exactly one owner', ({ currentClaims: { length } }) =>
      length === 1 ? null : `${length} processes own`,
    ),
    sometimes('a contender lost', 'lost'),
    sometimes('a takeover happened', 'takeover'),
  ],
});
