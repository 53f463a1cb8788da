import { becomeOwner, EXIT } from '../../../model/index.ts';
import type { Program } from '../../../ports/index.ts';
import { type Scenario, sometimes } from '../../../scenario/index.ts';
import { daemon } from '../daemon.ts';
import { healthyOwnerStays, noOrphan, noStaleState } from '../invariants.ts';
import { DAEMON, DIRECTORY, ENDPOINT, TIMING } from '../setup.ts';
import { leftAlone, takenOver } from './kinds.ts';
import { childOf, FIRST, FIRST_AND_LATER, FIRST_PID, firstOf, leaver, PATIENT } from './setup.ts';
import { squatter } from './squatter.ts';

/** Listens where it wants to be the owner, before it is. */
const early: Program = async (ports, argv) => {
  await ports.net.listen(ENDPOINT);
  return PATIENT(ports, argv);
};

/** Somebody listens where the owner is to serve. */
export const LISTENERS: readonly Scenario[] = [
  leftAlone({
    id: 'model/found/foreign-listener',
    about: "another user's process of the same command listens on the TCP port",
    machine: { busyMs: 0 },
    programs: { daemon: firstOf(squatter) },
    start: [
      { program: 'daemon', foreign: true, uid: 1_000 },
      { program: 'daemon', count: 2, atMs: 100 },
    ],
  }),
  leftAlone({
    id: 'model/found/other-directory',
    about: 'the same daemon on the same TCP port, with a state directory of its own',
    machine: { busyMs: 0 },
    programs: {
      daemon: firstOf(
        daemon({ directory: '/run/two', endpoint: ENDPOINT, timing: TIMING, helper: null }),
        PATIENT,
      ),
    },
    start: FIRST_AND_LATER,
    invariants: [],
  }),
  leftAlone({
    id: 'model/found/own-listener',
    about: 'a contender that listens on the TCP port already, itself',
    machine: {},
    programs: { daemon: early },
    start: [{ program: 'daemon' }],
  }),
  leftAlone({
    id: 'model/found/stranger-listener',
    about: 'a process of another command, child of an owner that lives, listens on the TCP port',
    machine: { busyMs: 0 },
    programs: { squatter },
    start: [
      { program: 'sleeper', foreign: true },
      { program: 'squatter', argv: [childOf(FIRST)], foreign: true },
      { program: 'daemon', count: 2, atMs: 100 },
    ],
  }),
  takenOver({
    id: 'model/found/orphan-listener',
    about: 'the TCP port is held by a child whose owner ends while we wait',
    machine: { busyMs: 0 },
    programs: {
      leaver,
      daemon: async (ports, argv) =>
        ((await ports.process.self()).pid === FIRST_PID + 1 ? squatter : DAEMON)(ports, argv),
    },
    start: [
      { program: 'leaver', foreign: true },
      { program: 'daemon', argv: [childOf(FIRST)] },
      { program: 'daemon', argv: [childOf(FIRST)], phase: 'settle' },
    ],
  }),
];

/** It may be ended: it is one of ours. */
export const SICK_HOLDER = takenOver({
  id: 'model/found/sick-holder',
  about: 'the TCP port is held by a daemon of ours that answers nonsense and has no claim',
  settleMs: 8_000,
  machine: { busyMs: 0 },
  programs: { daemon: firstOf(squatter) },
  start: [
    { program: 'daemon' },
    // With it in every run, some guards would never be needed.
    { program: 'daemon', atMs: 100, optional: true },
    { program: 'daemon', phase: 'settle' },
  ],
  invariants: [sometimes('a former owner was evicted', 'evict')],
});

/** Owns, listens, looks whether it still owns, and never answers. */
const hung: Program = async (ports) => {
  const contest = await becomeOwner(ports, { directory: DIRECTORY, endpoint: ENDPOINT, timing: TIMING });
  if (contest.kind !== 'owner') return EXIT.blocked;
  contest.owner.serves();
  return EXIT[await contest.owner.untilFenced()];
};

/** It serves nobody, and nothing else is wrong with it. */
export const HUNG_OWNER = takenOver({
  id: 'model/found/hung-owner',
  about: 'an owner that looks after its claim and answers nobody',
  settleMs: 9_000,
  // An owner that hangs and is also late may be evicted before it has seen that it hangs.
  machine: { busyMs: 100 },
  programs: { daemon: firstOf(hung) },
  start: [
    { program: 'daemon' },
    { program: 'daemon', atMs: 100, optional: true },
    { program: 'daemon', phase: 'settle' },
  ],
  invariants: [healthyOwnerStays(TIMING), noOrphan(DIRECTORY), noStaleState(DIRECTORY)],
});
