/** mcporter's daemon before #195, and the attempts on the way. */
import type { Scenario } from '../../scenario/index.ts';
import { afterFaults, at, scenariosOf, times } from '../vocabulary/index.ts';
import { RARE_LOOKS, STARTS } from './constants.ts';
import * as must from './invariants.ts';
import { answeredStatus, bareConnect } from './programs/guards.ts';
import { BEFORE, BIND_GUARD, mcporter, merged, unconfigured } from './programs/rules.ts';
import { BIND_LOCK, CLIENT_LOCK, METADATA } from './setup.ts';

const LOOK_UNDER_A_LOCK = 'look, under a lock, whether a daemon serves at the socket, and leave if so';

const CONFIGURED = scenariosOf('mcporter/before', merged, {
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
