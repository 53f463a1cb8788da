/** mcporter's daemon before #195, and the attempts on the way. */
import type { Scenario } from '../../scenario/index.ts';
import { afterFaults, at, scenariosOf, times } from '../vocabulary/index.ts';
import { RARE_LOOKS, RECIPE_STARTS, STARTS } from './constants.ts';
import * as must from './invariants.ts';
import { answeredStatus, bareConnect } from './programs/guards.ts';
import { BEFORE, BIND_GUARD, MERGED, mcporter, merged, unconfigured } from './programs/rules.ts';
import { BIND_LOCK, CLIENT_LOCK, METADATA } from './setup.ts';

const LOOK_UNDER_A_LOCK = 'look, under a lock, whether a daemon serves at the socket, and leave if so';

const CONFIGURED = scenariosOf('mcporter/before', merged, {
  'foreground-x2': {
    about: 'two foreground starts: the second unlinks the socket of the first, and both live on',
    remedy: LOOK_UNDER_A_LOCK,
    breaks: must.oneDaemonSurvives,
    programs: mcporter(BEFORE),
    start: [times(RECIPE_STARTS, 'host')],
  },
  'foreground-x5': {
    about: 'five foreground starts at once: each unlinks the socket of the one before',
    remedy: LOOK_UNDER_A_LOCK,
    breaks: must.oneDaemonSurvives,
    programs: mcporter(BEFORE),
    start: [times(STARTS, 'host')],
  },
  'detached-x5': {
    about: 'five detached starts at once: none finds a daemon, each starts one',
    remedy: LOOK_UNDER_A_LOCK,
    breaks: must.oneDaemonSurvives,
    programs: mcporter(BEFORE),
    start: [times(STARTS, 'detached')],
  },
  launchd: {
    about: 'launchd starts a daemon when a client has started one: it takes the socket, and both live on',
    remedy: LOOK_UNDER_A_LOCK,
    breaks: must.oneDaemonSurvives,
    programs: mcporter(BEFORE),
    start: ['client', at(1_000, 'launchd always')],
  },
  precheck: {
    about: 'a start asks as a client does whether a daemon serves: a stopped one does not answer for 30 s',
    remedy: 'ask once, under the lock, and wait two seconds for the answer',
    breaks: must.survivorReachable,
    programs: mcporter({ ...BIND_GUARD, prechecks: true }),
    start: ['terminal 500:SIGSTOP', at(1_000, 'host')],
    settleMs: 10_000,
  },
  'bare-connect': {
    about: 'a daemon that can be connected to counts as alive: a stopped one keeps its replacement out',
    remedy: 'a daemon lives if it answers, names this socket, and its PID is alive',
    breaks: must.oneDaemonSurvives,
    programs: mcporter({ ...BIND_GUARD, guard: bareConnect }),
    start: ['terminal 500:SIGSTOP', afterFaults('host')],
  },
  'no-metadata-match': {
    about: 'the metadata are lost: no client finds the daemon, and no replacement takes its place',
    remedy: 'leave only if the metadata name the daemon that serves; else take its place, or restore them',
    breaks: must.noneStranded,
    programs: mcporter({ ...BIND_GUARD, guard: answeredStatus, looks: RARE_LOOKS }),
    start: ['host', at(500, `cleaner ${METADATA}`), at(1_000, 'client')],
  },
  'no-bind-lock': {
    about: 'two hosts look at the same moment, and neither finds a daemon',
    remedy: 'look and bind under one lock',
    breaks: must.oneDaemonSurvives,
    programs: mcporter({ ...BIND_GUARD, lockPath: null }),
    start: [times(2, 'host')],
  },
  'unref-timer': {
    about: 'a start waits for the end of a stale daemon on a timer that is unref’d: it ends unbound',
    remedy: 'a timer that keeps the process running until it has bound the socket',
    breaks: must.oneDaemonSurvives,
    programs: mcporter({ ...MERGED, timers: 'unref', closeMs: 200 }),
    start: ['host', at(500, 'editor'), at(1_000, 'host')],
  },
  'shared-lock': {
    about: 'the host wants the lock that its client holds while it waits for the host',
    remedy: `a lock of its own for the bind, ${BIND_LOCK}`,
    breaks: must.noneStranded,
    programs: mcporter({ ...BIND_GUARD, lockPath: CLIENT_LOCK, looks: RARE_LOOKS }),
    start: ['client'],
  },
});

const UNCONFIGURED = scenariosOf('mcporter/before', unconfigured, {
  'two-layer-computations': {
    about: 'without a configuration file, host and client name the configuration differently: it restarts',
    remedy: 'one computation of the configuration layers for both',
    breaks: must.freshNotRestarted,
    programs: mcporter({ ...BEFORE, layers: 'host' }),
    start: [0, 1_000, 2_000].map((atMs) => at(atMs, 'client')),
  },
});

export const BEFORE_SCENARIOS: readonly Scenario[] = [...CONFIGURED, ...UNCONFIGURED];
