/** What pull request 257 still gets wrong after review. */
import type { Program } from '../../ports/index.ts';
import { nothingForeignSignalled, type Scenario } from '../../scenario/index.ts';
import { afterFaults, at, foreign, scenariosOf, start } from '../vocabulary/index.ts';
import { after } from './after.ts';
import { APP, ORPHAN } from './before.ts';
import { ALL_RESTARTS_MS } from './constants.ts';
import * as must from './invariants.ts';
import { QUICK } from './programs/sidecar.ts';
import { ADDRESS } from './setup.ts';

const { SAFE } = must;
const NAME_THE_APP =
  'name the app on its sidecar’s command line by PID and start time, and look whether it lives';
const NAME_THE_PROCESS = 'signal a process by PID and start time, as pidfd_send_signal(2) does';

/** A sidecar that crashes when the app looks at it for the second time. */
const BRIEF: Program = async ({ net, clock }) => {
  await net.listen(ADDRESS);
  await clock.sleep(11);
  return 1;
};

const BOX = { pidNamespace: 'box' };

export const FINDINGS: readonly Scenario[] = scenariosOf('closedloop/after', after, {
  subreaper: {
    about: 'under systemd --user an orphan’s parent is the subreaper: it counts as live',
    remedy: NAME_THE_APP,
    breaks: must.monitorServes,
    start: [
      start('init', { subreaper: true, foreign: true }),
      start('app', { parent: 'init' }),
      afterFaults(start('app', { parent: 'init' })),
    ],
    faults: { 'parent-death': 1 },
    invariants: SAFE,
  },
  'pid-1-in-a-container': {
    about: 'the app is PID 1 of its container: its live sidecar has parent 1, and another app ends it',
    remedy: NAME_THE_APP,
    breaks: must.liveSpared,
    start: [start('app', { ...BOX, pid: 1 }), start('app', { ...BOX, atMs: 1_000 })],
  },
  'second-holder': {
    about: 'a foreign process on another address comes first: the orphan in the way is not seen',
    remedy: 'look at all holders, and leave out those on addresses that are not in the way',
    breaks: must.monitorServes,
    start: [foreign('stranger 127.0.0.2'), at(10, ORPHAN), APP],
    settleMs: ALL_RESTARTS_MS,
    invariants: [nothingForeignSignalled],
  },
  zombie: {
    about: 'PID 1 of a container does not reap: the ended orphan seems alive, the reclaim seems to fail',
    remedy: 'read the state of the process: a zombie has ended; or ask whether the TCP port is free',
    breaks: must.reclaimIsTold,
    start: [
      start('init', { ...BOX, pid: 1, foreign: true }),
      start('app', BOX),
      afterFaults(start('app', BOX)),
    ],
    faults: { 'parent-death': 1 },
    invariants: SAFE,
  },
  'group-child': {
    about: 'a child of the orphan has inherited its socket and outlives SIGTERM: the TCP port stays in use',
    remedy: 'wait for all of the group, and for the TCP port, not for its leader only',
    breaks: must.monitorServes,
    programs: { sidecar: QUICK },
    start: [`${ORPHAN} forks`, APP],
    settleMs: ALL_RESTARTS_MS,
    invariants: [nothingForeignSignalled],
  },
  'verify-signal-gap': {
    about: 'between the second look and SIGTERM the orphan ends, and its PID goes to a foreign process',
    remedy: NAME_THE_PROCESS,
    breaks: nothingForeignSignalled,
    programs: { sidecar: BRIEF },
    start: [at(0.09, ORPHAN), at(11, 'app')],
    faults: { 'pid-reuse': 1 },
    faultsForMs: 12,
    // The run ends before the poll does: that is another finding.
    settleMs: 500,
    machine: { busyMs: 0 },
  },
  'polled-by-pid': {
    about: 'the orphan ends upon SIGTERM, and its PID goes to a foreign process, which gets SIGKILL',
    remedy: NAME_THE_PROCESS,
    breaks: nothingForeignSignalled,
    programs: { sidecar: QUICK },
    start: [ORPHAN, APP],
    faults: { 'pid-reuse': 1 },
  },
  'unseen-user': {
    about: "lsof does not show another user's sockets: the app gives up without naming the holder",
    remedy: 'read the user of the socket from /proc/net/tcp, and name that',
    breaks: must.saysWhy,
    start: [
      start('stranger 127.0.0.1', { uid: 1_001, foreign: true }),
      start('app', { atMs: 200, uid: 1_000 }),
    ],
    settleMs: ALL_RESTARTS_MS,
    invariants: [nothingForeignSignalled],
  },
  service: {
    about: 'a sidecar runs as a service: its parent is PID 1 because PID 1 has started it, and it is ended',
    remedy: NAME_THE_APP,
    breaks: must.servicesSpared,
    start: [ORPHAN, APP],
  },
  'hung-sidecar': {
    about: 'a sidecar that is stopped, or hangs, is alive by PID: it is not started anew',
    remedy: 'ask it now and then, and start it anew after several unanswered questions',
    breaks: must.monitorServes,
    start: ['app'],
    faults: { stop: { max: 1, forMs: [Number.POSITIVE_INFINITY] } },
  },
  'consent-in-vain': {
    about: 'the ended instance is started again by its app, and is first if ours is slow',
    remedy: 'tell the other app, before its sidecar is ended, that the TCP port is not its own any more',
    breaks: must.consenterServes,
    programs: { sidecar: QUICK },
    start: ['app', at(500, 'app consents')],
    faults: { stop: { max: 1, forMs: [1_500] } },
    faultsForMs: 3_000,
    invariants: [nothingForeignSignalled],
  },
  'clock-put-back': {
    about: 'the wait for an orphan’s end uses the wall clock: put back, it makes the boot wait for an hour',
    remedy: 'measure by the monotonic clock',
    breaks: must.monitorServes,
    start: [`${ORPHAN} stubborn`, APP],
    faults: { 'clock-jump': { max: 1, forMs: [-3_600_000] } },
    invariants: SAFE,
  },
});
