/** The lock of another session is removed. */
import type { Ports, Program } from '../../../ports/index.ts';
import type { Scenario } from '../../../scenario/index.ts';
import { at, foreign, scenariosOf, sleepForever, start, times, whenMarked } from '../../vocabulary/index.ts';
import { after } from '../after.ts';
import { LIMITS } from '../constants.ts';
import { oneOwnerDespite, servingOwnersLockStays } from '../invariants.ts';
import { flagOf } from '../programs/chrome.ts';
import { type Acquired, acquire, oldLock, recordOf } from '../programs/controller-lock.ts';
import { acquireHealthAware } from '../programs/takeover.ts';

/**
 * While an owner that is asked to end at 1,000 ms does so: an operation takes 0.02 ms. Three processes, so that one of them
 * is likely to come between two of its operations.
 */
export const ASKED_AT_MS = [1_000.2, 1_000.3, 1_000.4];

/** Ten seconds after the owner has its lock, which takes it some operations. */
const HEARTBEAT_AT_MS = LIMITS.heartbeatMs + 0.2;

const BY_LINK = 'Never unlink by name what was judged by content: claim the next generation by link(2).';

/** The lock and nothing else: a process that has it keeps it. */
function holder(acquires: (ports: Ports, hostname: string) => Promise<Acquired>): Program {
  return async (ports, argv) => {
    const hostname = flagOf(argv, 'hostname') ?? (await ports.process.self()).hostname;
    if ((await acquires(ports, hostname)).kind === 'duplicate') return 2;
    ports.mark('own');
    return sleepForever(ports, 600_000);
  };
}

const holders = {
  ...after,
  programs: {
    ...after.programs,
    holder: holder(acquireHealthAware),
    // Before #1477: what is wrong with it is wrong with both.
    'plain-holder': holder(async (ports, hostname) => acquire(ports, await recordOf(ports, hostname))),
  },
};

/** The lock of another machine, by what is written in it. */
const othersLockStays = whenMarked(
  'the lock of another host stays',
  'removed-dead',
  ({ currentClaims: [first] }) =>
    first === undefined
      ? null
      : `the lock of ${first.process.name} was removed by a PID that means nothing here`,
);

const OF_HOLDERS = scenariosOf('openchrome/after', holders, {
  'create-tear': {
    about: 'one cold start has created the lock and not yet written it, another removes it as malformed',
    remedy: 'Publish the lock complete: write a file of another name, then link(2) it.',
    breaks: oneOwnerDespite('a lock that is being written does not count as stale', 'removed-unreadable'),
    start: [times(2, 'plain-holder')],
  },
  'released-lock': {
    about: 'a lock that vanishes between open and read is "malformed": the next owner’s lock is removed',
    remedy: 'Go back to the open when the file is gone, and remove only what was read.',
    breaks: oneOwnerDespite('only what was read is removed', 'removed-missing'),
    start: [
      'serve',
      foreign(at(1_000, 'script ask-owner')),
      ...ASKED_AT_MS.map((atMs) => at(atMs, 'holder')),
    ],
    faultsForMs: 1_500,
    settleMs: 500,
  },
  'dead-lock-twice': {
    about: 'two contenders judge the same dead lock: the slower one removes the fresh lock of the faster',
    remedy: BY_LINK,
    breaks: oneOwnerDespite('a dead owner’s lock is removed once', 'removed-dead', 2),
    start: [times(2, 'holder')],
    machine: { files: oldLock({ pid: 999 }) },
  },
  'reread-gap': {
    about: 'two contenders judge the same half-zombie: between a second look and the removal one takes over',
    remedy: BY_LINK,
    breaks: oneOwnerDespite('a half-zombie’s lock is removed once', 'removed-half-zombie', 2),
    start: [foreign('sleeper'), at(100, times(2, 'holder'))],
    machine: { files: oldLock({}) },
  },
  'other-host': {
    about: 'an owner in a container, or on another machine: its PID is unknown here, so it loses its lock',
    remedy: 'Look at the host name, and the PID namespace, before the PID: elsewhere is not dead.',
    breaks: othersLockStays,
    start: [start('holder --hostname=container', { pidNamespace: 'container' }), at(2_000, 'holder')],
  },
});

/** An owner that releases says so in the same step, and is no longer the owner when this is checked. */
const ownReleaseOnly = whenMarked(
  'a release removes only its own lock',
  'removed-own',
  ({ currentClaims: [other] }) =>
    other === undefined ? null : `a late release removed the lock of ${other.process.name}`,
);

const OF_SESSIONS = scenariosOf('openchrome/after', after, {
  'heartbeat-tear': {
    about: 'a heartbeat empties the lock and then writes it: a start in between removes it, without a probe',
    remedy: 'Write the heartbeat to another file and rename it; or beat by mtime.',
    breaks: servingOwnersLockStays('removed-unreadable'),
    start: ['serve', at(HEARTBEAT_AT_MS, times(2, 'serve'))],
    faultsForMs: 11_000,
    settleMs: 1_000,
  },
  'late-release': {
    about: 'an owner is stopped between the look at its lock and the removal: it removes another’s',
    remedy: 'Release by publishing a generation that says "free"; unlink nothing by name.',
    breaks: ownReleaseOnly,
    start: ['serve', foreign(at(1_000, 'script ask-owner')), at(125_000, 'serve')],
    faults: { stop: { max: 1, forMs: [130_000] } },
    faultsForMs: 135_000,
    settleMs: 1_000,
  },
});

export const OF_LOCKS: readonly Scenario[] = [...OF_HOLDERS, ...OF_SESSIONS];
