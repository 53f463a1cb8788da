/** The lock file that hosts and clients share. */
import { atMostOneOwner, type Scenario } from '../../../scenario/index.ts';
import { afterFaults, at, FIRST_PID, foreign, scenariosOf, times } from '../../vocabulary/index.ts';
import { FREQUENT_LOOKS, MS, RARE_LOOKS } from '../constants.ts';
import { oneDaemonSurvives } from '../invariants.ts';
import { MERGED, mcporter, merged } from '../programs/rules.ts';
import { BIND_LOCK } from '../setup.ts';

const RARELY = mcporter({ ...MERGED, looks: RARE_LOOKS });
/** A quarter of a second between two looks at a lock: short enough to see it grow old, and a short counterexample. */
const SELDOM = mcporter({ ...MERGED, looks: { ...RARE_LOOKS, lockPollMs: 250 } });
/** PIDs of processes that ended long ago. */
const [DEAD, DEAD_TOO] = ['998\n', '999\n'];

export const OF_LOCKS: readonly Scenario[] = scenariosOf('mcporter/after', merged, {
  'vanished-lock': {
    about: 'a lock that is gone when it is read counts as stale: the lock of the next holder is removed',
    remedy: 'a lock that has vanished is free: try to create it, remove nothing',
    breaks: atMostOneOwner,
    programs: mcporter({ ...MERGED, looks: FREQUENT_LOOKS }),
    start: [times(6, 'locker stays')],
  },
  'read-then-probe': {
    about: 'with that fixed: a holder ends after its PID was read; to the probe, its successor is dead',
    remedy: 'remove only the very lock that was judged, by its identity',
    breaks: atMostOneOwner,
    programs: mcporter({ ...MERGED, vanished: 'free', looks: FREQUENT_LOOKS }),
    start: [times(4, 'locker')],
  },
  'two-crashes': {
    about: 'with that fixed too: crashes have left a lock and its .break, and two waiters break both',
    remedy: 'take over by a compare-and-swap (link of the next generation) instead of an unlink',
    breaks: atMostOneOwner,
    programs: mcporter({ ...MERGED, vanished: 'free', looks: FREQUENT_LOOKS }),
    start: [times(4, 'locker')],
    machine: { files: { [BIND_LOCK]: DEAD, [`${BIND_LOCK}.break`]: DEAD_TOO } },
  },
  'slow-lock-write': {
    about: 'a holder is stopped before it writes its PID: its lock is broken, its late release hits another',
    remedy: 'write the lock under another name and link it: complete the moment it is visible',
    breaks: atMostOneOwner,
    programs: SELDOM,
    // Over a frozen daemon a host holds it for the two seconds of a probe.
    start: [times(2, `locker ${MS.probe}`)],
    faults: { stop: { max: 1, forMs: [1_500] } },
  },
  'pid-reuse': {
    about: 'a crash has left the bind lock, and a foreign process has its PID: every start fails, after 30 s',
    remedy: 'name the holder by boot, PID and start time',
    breaks: oneDaemonSurvives,
    programs: RARELY,
    start: [foreign('stranger'), at(500, 'host')],
    machine: { files: { [BIND_LOCK]: `${FIRST_PID}\n` } },
    settleMs: MS.lock + 5_000,
  },
  'frozen-holder': {
    about: 'a host is stopped while it holds the bind lock: its PID lives, so no start can ever take over',
    remedy: 'a claim counts as long as its owner answers a challenge, not as long as its PID lives',
    breaks: oneDaemonSurvives,
    programs: RARELY,
    start: ['host', afterFaults('host')],
    faults: { stop: { max: 1, forMs: [Number.POSITIVE_INFINITY] } },
    faultsForMs: 400,
    settleMs: MS.lock + 5_000,
  },
});
