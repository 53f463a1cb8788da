import { atMostOneOwner, type Scenario } from '../../scenario/index.ts';
import { KEEPS_TIME } from './actors.ts';
import {
  atMostOneDaemon,
  currentConfiguration,
  nobodyStranded,
  noLitter,
  oneSurvivor,
  startedAfterEdit,
  survivorReachable,
} from './invariants.ts';
import { BIND_GUARD, BRANCH, MERGED } from './rules.ts';
import { bug } from './scenario.ts';
import { BIND_LOCK, FREQUENT_LOOKS, LONGEST_START_MS, METADATA, MS, RARE_LOOKS, SOCKET } from './setup.ts';

const RARELY = { ...MERGED, looks: RARE_LOOKS };
/** A quarter of a second between two looks at a lock: short enough to see it grow old, and a short story. */
const SELDOM = { ...MERGED, looks: { ...RARE_LOOKS, lockPollMs: 250 } };
/** PIDs of processes that ended long ago. */
const [DEAD, DEAD_TOO] = ['998\n', '999\n'];
/** The first process of a run has it. */
const FIRST_PID = '1001\n';

/** Of the daemon: who serves, and who is left. */
const OF_DAEMONS: readonly Scenario[] = [
  bug(MERGED, {
    id: 'mcporter/after/late-close',
    about:
      'Ctrl-Z, another start takes over, fg, Ctrl-C: the server of the old daemon unlinks the socket of the new one as it closes',
    start: [
      { program: 'terminal', argv: ['500:SIGSTOP', '4000:SIGCONT', '6000:SIGINT'] },
      { program: 'host', atMs: 1_000 },
    ],
    invariants: [survivorReachable],
    violates: survivorReachable.name,
    remedy:
      'a socket of its own for each daemon, and clients that look up which; nobody unlinks a shared path',
  }),
  bug(MERGED, {
    id: 'mcporter/after/resumed-daemon',
    about: 'a daemon that was stopped and superseded goes on, and never looks whether it still is the one',
    start: [{ program: 'host' }, { program: 'host', atMs: 1_000 }],
    faults: { stop: { max: 1, forMs: [4_000] } },
    faultsForMs: 6_000,
    invariants: [atMostOneDaemon],
    violates: atMostOneDaemon.name,
    remedy: 'a daemon checks its claim on a timer and after a pause, and ends when another has it',
  }),
  bug(MERGED, {
    id: 'mcporter/after/socket-deleted',
    about: 'the socket is deleted under a live daemon: the next start takes it for dead',
    start: [
      { program: 'host' },
      { program: 'cleaner', argv: [SOCKET], atMs: 500, foreign: true },
      { program: 'host', atMs: 1_000 },
    ],
    invariants: [atMostOneDaemon],
    violates: atMostOneDaemon.name,
    remedy:
      'ask the metadata too: a live process of that identity is waited for, or ended; a daemon mends its socket',
  }),
  bug(MERGED, {
    id: 'mcporter/after/slow-answer',
    about: 'one status that takes longer than two seconds, and a healthy daemon is replaced',
    start: [{ program: 'host' }, { program: 'host', atMs: 1_000 }],
    faults: { 'slow-probe': { max: 1, forMs: [MS.probe + 500] } },
    invariants: [atMostOneDaemon],
    violates: atMostOneDaemon.name,
    remedy: 'several probes in a row, and a challenge that a healthy daemon can meet',
  }),
  bug(BIND_GUARD, {
    id: 'mcporter/after/orphaned-by-rebind',
    about: 'the metadata are lost: the next start binds over a healthy daemon, which lives on unreachable',
    start: [
      { program: 'host' },
      { program: 'cleaner', argv: [METADATA], atMs: 500, foreign: true },
      { program: 'host', atMs: 1_000 },
    ],
    invariants: [atMostOneDaemon],
    violates: atMostOneDaemon.name,
    remedy: 'reconcile: write the metadata anew from what the live daemon says of itself',
  }),
  bug(
    { ...RARELY, closeMs: MS.stop + 1_000 },
    {
      id: 'mcporter/after/slow-close',
      about: 'a stale daemon takes longer than five seconds to close: the new one gives up, the old one ends',
      start: [{ program: 'host' }, { program: 'editor', atMs: 500 }, { program: 'host', phase: 'settle' }],
      invariants: [oneSurvivor],
      violates: oneSurvivor.name,
      remedy: 'who has asked a daemon to stop waits for its end, or ends it; giving up helps nobody',
    },
  ),
  bug(
    { ...BRANCH, closeMs: 200 },
    {
      id: 'mcporter/after/vanished-socket',
      about:
        'a vanished socket is taken for the end of the clean-up, but closing the server unlinks it first: the rest of the clean-up hits the successor',
      start: [{ program: 'host' }, { program: 'editor', atMs: 500 }, { program: 'host', atMs: 1_000 }],
      invariants: [survivorReachable],
      violates: survivorReachable.name,
      remedy: 'wait for the end of the process, not of its socket',
    },
  ),
  bug(
    { ...BIND_GUARD, closeMs: 200 },
    {
      id: 'mcporter/after/unconditional-clean-up',
      about:
        'a client restarts a stale daemon, whose clean-up takes a moment longer than its server: it removes the socket and the metadata of its successor',
      start: [{ program: 'host' }, { program: 'editor', atMs: 500 }, { program: 'client', atMs: 1_000 }],
      invariants: [survivorReachable],
      violates: survivorReachable.name,
      remedy: 'remove only what still names us, and that under the bind lock',
    },
  ),
  bug(MERGED, {
    id: 'mcporter/after/clean-up-gap',
    about:
      'stop and start: the old daemon finds the metadata its own, and then unlinks the socket that the new one has bound meanwhile',
    start: [{ program: 'restarter' }],
    invariants: [survivorReachable],
    violates: survivorReachable.name,
    remedy: 'clean up under the bind lock, or unlink nothing that another could have made',
  }),
  bug(MERGED, {
    id: 'mcporter/after/stop-then-start',
    about: 'stop and start: the new one finds the old one still answering, leaves, and then the old one ends',
    start: [{ program: 'restarter' }],
    // Whoever asked has its answer before the daemon learns that it is out, and closes.
    twoPhase: ['answer'],
    invariants: [oneSurvivor],
    violates: oneSurvivor.name,
    remedy: 'a daemon that was asked to stop says so in its status',
  }),
  bug(MERGED, {
    id: 'mcporter/after/older-configuration',
    about:
      'a host that read the configuration before an edit gets the lock after it, and stops the daemon that has the new one',
    start: [{ program: 'upgrader', atMs: 10 }],
    invariants: [currentConfiguration],
    violates: currentConfiguration.name,
    remedy: 'read the configuration again under the lock, once the live daemon has answered',
  }),
  bug(MERGED, {
    id: 'mcporter/after/same-time',
    about:
      'an edit that keeps the time of the file, as cp -p, rsync -t and backups do: the stale daemon counts as fresh',
    start: [
      { program: 'host' },
      { program: 'editor', argv: [KEEPS_TIME], atMs: 500 },
      { program: 'host', phase: 'settle' },
    ],
    invariants: [startedAfterEdit],
    violates: startedAfterEdit.name,
    remedy: 'compare the content, or the time of change, which nobody can set',
  }),
];

/** Of the lock file that hosts and clients share. */
const OF_LOCKS: readonly Scenario[] = [
  bug(
    { ...MERGED, looks: FREQUENT_LOOKS },
    {
      id: 'mcporter/after/vanished-lock',
      about:
        'a lock that is gone by the time it is looked at counts as stale: what is removed is that of the next holder, and no crash is needed',
      start: [{ program: 'locker', argv: ['stays'], count: 6 }],
      invariants: [atMostOneOwner],
      violates: atMostOneOwner.name,
      remedy: 'what has vanished is free: try to create it, remove nothing',
    },
  ),
  bug(
    { ...MERGED, vanished: 'free', looks: FREQUENT_LOOKS },
    {
      id: 'mcporter/after/read-then-probe',
      about:
        'with that mended: a holder releases and ends between the reading of its PID and the probing, and its successor is taken for dead',
      start: [{ program: 'locker', count: 4 }],
      invariants: [atMostOneOwner],
      violates: atMostOneOwner.name,
      remedy: 'remove only the very lock that was judged, by its identity',
    },
  ),
  bug(
    { ...MERGED, vanished: 'free', looks: FREQUENT_LOOKS },
    {
      id: 'mcporter/after/two-crashes',
      about:
        'with that mended too: two crashes have left a lock and its .break; one waiter removes the fresh .break of another, both remove the lock, the second one that of the first',
      start: [{ program: 'locker', count: 4 }],
      files: { [BIND_LOCK]: DEAD, [`${BIND_LOCK}.break`]: DEAD_TOO },
      invariants: [atMostOneOwner],
      violates: atMostOneOwner.name,
      remedy: 'take over by a compare-and-swap (link of the next generation) instead of an unlink',
    },
  ),
  bug(SELDOM, {
    id: 'mcporter/after/slow-lock-write',
    about:
      'a holder is stopped between creating its lock and writing its PID: after a second it counts as malformed, and its own late release removes whatever lock is there by then',
    // Over a frozen daemon a host holds it for the two seconds of a probe.
    start: [{ program: 'locker', argv: [`${MS.probe}`], count: 2 }],
    faults: { stop: { max: 1, forMs: [1_500] } },
    invariants: [atMostOneOwner],
    violates: atMostOneOwner.name,
    remedy: 'write the lock under another name and link it: complete the moment it is visible',
  }),
  bug(RARELY, {
    id: 'mcporter/after/pid-reuse',
    about:
      'a crash has left the bind lock, and a stranger has its PID: every start fails after 30 s, for ever',
    start: [
      { program: 'stranger', foreign: true },
      { program: 'host', atMs: 500 },
    ],
    files: { [BIND_LOCK]: FIRST_PID },
    settleMs: MS.lock + 5_000,
    invariants: [oneSurvivor],
    violates: oneSurvivor.name,
    remedy: 'name the holder by boot, PID and start time',
  }),
  bug(RARELY, {
    id: 'mcporter/after/frozen-holder',
    about: 'a host is stopped while it holds the bind lock: its PID lives, so no start can ever take over',
    start: [{ program: 'host' }, { program: 'host', phase: 'settle' }],
    faults: { stop: { max: 1, forMs: [Number.POSITIVE_INFINITY] } },
    faultsForMs: 400,
    settleMs: MS.lock + 5_000,
    invariants: [oneSurvivor],
    violates: oneSurvivor.name,
    remedy: 'a claim counts as long as its owner answers a challenge, not as long as its PID lives',
  }),
];

/** Of those who want to use it. */
const OF_CLIENTS: readonly Scenario[] = [
  bug(
    { ...RARELY, callMs: 1_000 },
    {
      id: 'mcporter/after/restart-cascade',
      about:
        'the daemon is killed under two calls: one client starts a new one and calls again, the other stops that and cuts the call off',
      start: [
        { program: 'terminal', argv: ['1000:SIGKILL'] },
        { program: 'client', count: 2, atMs: 500 },
      ],
      invariants: [nobodyStranded],
      violates: nobodyStranded.name,
      remedy: 'restart only the daemon that failed, by its PID and start time: another one is left alone',
    },
  ),
  bug(RARELY, {
    id: 'mcporter/after/frozen-asked-again',
    about:
      'a client starts the replacement of a frozen daemon, and at once asks the frozen one again, for 30 s, when 10 s are all it gives the new one',
    start: [
      { program: 'terminal', argv: ['500:SIGSTOP'] },
      { program: 'client', atMs: 1_000 },
    ],
    settleMs: 3 * LONGEST_START_MS,
    invariants: [nobodyStranded],
    violates: nobodyStranded.name,
    remedy: 'no single question takes longer than the whole wait may',
  }),
  bug(
    { ...MERGED, looks: { ...RARE_LOOKS, lockPollMs: 10_000 }, readyRequestMs: MS.probe },
    {
      id: 'mcporter/after/lock-timeout',
      about:
        'with that mended: a start may legally hold the client lock for 45 s, and who waits for it gives up after 30 s',
      start: [
        { program: 'terminal', argv: ['500:SIGSTOP'] },
        { program: 'client', count: 2, atMs: 1_000 },
      ],
      settleMs: 2 * LONGEST_START_MS,
      invariants: [nobodyStranded],
      violates: nobodyStranded.name,
      remedy: 'wait for as long as the holder may legally take, or ask it how far it is',
    },
  ),
  bug(MERGED, {
    id: 'mcporter/after/clock-jump',
    about:
      'deadlines are of the wall clock: it is set right while a client waits, and the client gives up at once',
    start: [{ program: 'client' }],
    faults: { 'clock-jump': { max: 1, forMs: [3_600_000] } },
    invariants: [nobodyStranded],
    violates: nobodyStranded.name,
    remedy: 'deadlines of the monotonic clock',
  }),
  bug(MERGED, {
    id: 'mcporter/after/hostile-metadata',
    about: 'the metadata are JSON of another kind: every client crashes on them, and none mends them',
    start: [{ program: 'client' }],
    files: { [METADATA]: '[]\n' },
    crashes: 'allowed',
    invariants: [nobodyStranded],
    violates: nobodyStranded.name,
    remedy: 'check the shape of what was read; what does not fit counts as missing',
  }),
  bug(MERGED, {
    id: 'mcporter/after/litter',
    about:
      'a host that is killed while it writes the metadata leaves a temporary file, and nobody ever removes it',
    start: [{ program: 'host' }, { program: 'host', atMs: 500 }],
    faults: { kill: 1 },
    invariants: [noLitter],
    violates: noLitter.name,
    remedy: 'names that say who made them, and an owner that removes those of processes that are gone',
  }),
];

/** What is still wrong after the fix: with its follow-ups, unless a scenario is of an earlier form. */
export const FINDINGS: readonly Scenario[] = [...OF_DAEMONS, ...OF_LOCKS, ...OF_CLIENTS];
