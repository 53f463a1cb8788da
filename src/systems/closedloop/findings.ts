import { nothingForeignSignalled, type Scenario, type ScenarioOptions } from '../../scenario/index.ts';
import { AFTER } from './after.ts';
import {
  consenterServes,
  liveSpared,
  monitorServes,
  reclaimIsTold,
  saysWhy,
  servicesSpared,
} from './invariants.ts';
import {
  ALL_RESTARTS_MS,
  APP,
  BRIEF,
  closedloopScenario,
  type Options,
  ORPHAN,
  QUICK,
  SAFE,
} from './script.ts';
import { MARKER } from './setup.ts';

type Finding = Pick<ScenarioOptions, 'violates'> & Required<Pick<ScenarioOptions, 'remedy'>>;

function finding({ id, ...options }: Options & Finding): Scenario {
  return closedloopScenario(AFTER, { id: `after/${id}`, expects: 'violation', ...options });
}

const NAME_THE_APP =
  'name the app on the command line of its sidecar by PID and start time, and look whether it lives';
const NAME_THE_PROCESS = 'signal a process by PID and start time, as pidfd_send_signal(2) does';

export const FINDINGS = [
  finding({
    id: 'subreaper',
    about:
      'under systemd --user an orphan has the subreaper for a parent: it counts as live, and is never reclaimed',
    violates: 'one sidecar of a live app serves',
    remedy: NAME_THE_APP,
    start: [
      { program: 'init', subreaper: true, foreign: true },
      { program: 'app', parent: 'init' },
      { program: 'app', parent: 'init', phase: 'settle' },
    ],
    faults: { 'parent-death': 1 },
    invariants: [...SAFE, monitorServes],
  }),
  finding({
    id: 'pid-1-in-a-container',
    about:
      'the app is PID 1 of its container: its live sidecar has parent 1, and another app ends it without asking',
    violates: 'the sidecar of a live app is spared',
    remedy: NAME_THE_APP,
    start: [
      { program: 'app', pidNamespace: 'box', pid: 1 },
      { program: 'app', pidNamespace: 'box', atMs: 1_000 },
    ],
    invariants: [liveSpared],
  }),
  finding({
    id: 'second-holder',
    about:
      'a stranger on another address of the same TCP port comes first: the orphan that is in the way is not seen',
    violates: 'one sidecar of a live app serves',
    remedy: 'look at all holders, and leave out those on addresses that are not in the way',
    start: [{ program: 'stranger', argv: ['127.0.0.2'], foreign: true }, { ...ORPHAN, atMs: 10 }, APP],
    settleMs: ALL_RESTARTS_MS,
    invariants: [nothingForeignSignalled, monitorServes],
  }),
  finding({
    id: 'zombie',
    about:
      'PID 1 of a container does not reap: the ended orphan reads as alive, and the reclaim is said to have failed',
    violates: 'a reclaim that has worked is not said to have failed',
    remedy: 'read the state of the process: a zombie has ended; or ask whether the TCP port is free',
    start: [
      { program: 'init', pidNamespace: 'box', pid: 1, foreign: true },
      { program: 'app', pidNamespace: 'box' },
      { program: 'app', pidNamespace: 'box', phase: 'settle' },
    ],
    faults: { 'parent-death': 1 },
    invariants: [...SAFE, reclaimIsTold],
  }),
  finding({
    id: 'group-child',
    about: 'a child of the orphan has inherited its socket and outlives SIGTERM: the TCP port stays in use',
    violates: 'one sidecar of a live app serves',
    remedy: 'wait for all of the group, and for the TCP port, not for its leader only',
    programs: { sidecar: QUICK },
    start: [{ program: 'sidecar', argv: [MARKER, 'forks'] }, APP],
    settleMs: ALL_RESTARTS_MS,
    invariants: [nothingForeignSignalled, monitorServes],
  }),
  finding({
    id: 'verify-signal-gap',
    about: 'between the second look and SIGTERM the orphan ends, and a stranger is given its PID',
    violates: 'nothing foreign is signalled',
    remedy: NAME_THE_PROCESS,
    programs: { sidecar: BRIEF },
    start: [
      { ...ORPHAN, atMs: 0.09 },
      { program: 'app', atMs: 11 },
    ],
    faults: { 'pid-reuse': 1 },
    faultsForMs: 12,
    // The run ends before the poll does: that is another finding.
    settleMs: 500,
    machine: { busyMs: 0 },
    invariants: [nothingForeignSignalled],
  }),
  finding({
    id: 'polled-by-pid',
    about:
      'the orphan ends upon SIGTERM, and a stranger is given its PID before the next poll: it is sent SIGKILL',
    violates: 'nothing foreign is signalled',
    remedy: NAME_THE_PROCESS,
    programs: { sidecar: QUICK },
    start: [ORPHAN, APP],
    faults: { 'pid-reuse': 1 },
    invariants: [nothingForeignSignalled],
  }),
  finding({
    id: 'unseen-user',
    about:
      "lsof does not show another user's sockets: the holder is nobody, and the app gives up without saying why",
    violates: 'whoever gives up has said why',
    remedy: 'read the user of the socket from /proc/net/tcp, and name that',
    start: [
      { program: 'stranger', argv: ['127.0.0.1'], uid: 1_001, foreign: true },
      { ...APP, uid: 1_000 },
    ],
    settleMs: ALL_RESTARTS_MS,
    invariants: [nothingForeignSignalled, saysWhy],
  }),
  finding({
    id: 'service',
    about:
      'somebody runs a sidecar as a service: its parent is PID 1 because PID 1 has started it, and it is ended',
    violates: 'a sidecar that PID 1 has started is spared',
    remedy: NAME_THE_APP,
    start: [ORPHAN, APP],
    invariants: [servicesSpared],
  }),
  finding({
    id: 'hung-sidecar',
    about: 'a sidecar that is stopped, or hangs, is alive by PID: nobody starts it anew',
    violates: 'one sidecar of a live app serves',
    remedy: 'ask it now and then, and start it anew after several unanswered questions',
    start: [{ program: 'app' }],
    faults: { stop: { max: 1, forMs: [Number.POSITIVE_INFINITY] } },
    invariants: [monitorServes],
  }),
  finding({
    id: 'consent-in-vain',
    about:
      'the ended instance is started again 1 s later by its app, which knows nothing: if ours is slow, it is first',
    violates: 'who has the consent gets the TCP port',
    remedy: 'tell the other app, before its sidecar is ended, that the TCP port is not its any more',
    programs: { sidecar: QUICK },
    start: [{ program: 'app' }, { program: 'app', argv: ['consents'], atMs: 500 }],
    faults: { stop: { max: 1, forMs: [1_500] } },
    faultsForMs: 3_000,
    invariants: [nothingForeignSignalled, consenterServes],
  }),
  finding({
    id: 'clock-put-back',
    about:
      'the wait for the end of an orphan goes by the wall clock: put back, it takes an hour, and the boot waits',
    violates: 'one sidecar of a live app serves',
    remedy: 'measure by the monotonic clock',
    start: [{ ...ORPHAN, argv: [MARKER, 'stubborn'] }, APP],
    faults: { 'clock-jump': { max: 1, forMs: [-3_600_000] } },
    invariants: [...SAFE, monitorServes],
  }),
];
