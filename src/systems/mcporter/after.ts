/** What pull request #195 claims, and its follow-ups. */
import { type Scenario, sometimes } from '../../scenario/index.ts';
import { afterFaults, at, foreign, scenariosOf, times } from '../vocabulary/index.ts';
import { COLD_STARTS, RECIPE_STARTS, STARTS } from './constants.ts';
import * as must from './invariants.ts';
import { BIND_GUARD, MERGED, mcporter, merged, unconfigured } from './programs/rules.ts';
import { METADATA } from './setup.ts';

const LEFT = sometimes('a start leaves', 'leave');
const SERVED = sometimes('a client is served', 'served');
const WELL = [must.oneDaemonSurvives, must.survivorReachable, must.noneStranded];

const proposed = { ...merged, programs: mcporter(BIND_GUARD) };

const PROPOSED = scenariosOf('mcporter/after', proposed, {
  'foreground-x2': {
    about: 'two foreground starts: one survives',
    start: [times(RECIPE_STARTS, 'host')],
    invariants: [...WELL, LEFT],
  },
  'foreground-x5': {
    about: 'five foreground starts at once: one survives',
    start: [times(STARTS, 'host')],
    invariants: [...WELL, LEFT],
  },
  'detached-x5': {
    about: 'five detached starts at once: one survives',
    start: [times(STARTS, 'detached')],
    invariants: [...WELL, LEFT],
  },
  'cold-start-x10': {
    about: 'ten clients at once, no daemon yet: one survives, all are served',
    start: [times(COLD_STARTS, 'client')],
    invariants: [...WELL, SERVED],
  },
  'frozen-daemon': {
    about: 'the daemon is stopped for good: the next start takes its place',
    start: ['terminal 500:SIGSTOP', at(1_000, 'host'), afterFaults('host', 500)],
    // As long as in `before/precheck`.
    settleMs: 10_000,
    invariants: [must.oneDaemonSurvives, must.survivorReachable, LEFT],
  },
  launchd: {
    about: 'launchd starts a daemon, and again if it is killed, and clients start others: one survives',
    start: [
      foreign('launchd failure'),
      at(500, 'client'),
      afterFaults('client'),
      afterFaults('client', 11_000),
    ],
    faults: { kill: 1 },
    faultsForMs: 1_000,
    invariants: [...WELL, must.notInVain, SERVED, sometimes('launchd starts it again', 'started-again')],
  },
});

const FOLLOW_UPS = scenariosOf('mcporter/after', merged, {
  restart: {
    about: 'the intended takeover: restart stops the daemon, and starts another once none answers',
    programs: mcporter({ ...MERGED, closeMs: 1_000 }),
    start: ['host', at(1_000, 'restart'), afterFaults('client', 500)],
    invariants: [...WELL, must.replaced, SERVED],
  },
  'lost-metadata': {
    about: 'the metadata are lost or torn: the next start restores them, and the daemon stays',
    start: ['host', afterFaults('host', 500), afterFaults('client', 2_000)],
    faults: { 'lose-state': { max: 1, under: METADATA }, 'tear-state': { max: 1, under: METADATA } },
    faultsForMs: 1_000,
    invariants: [...WELL, SERVED, sometimes('metadata are restored', 'reconciled')],
  },
  'stale-config': {
    about: 'the configuration has changed: the next start stops the daemon and takes its place',
    start: ['host', at(500, 'editor'), at(1_000, 'host'), afterFaults('client', 500)],
    invariants: [...WELL, must.currentConfiguration, sometimes('a stale daemon is stopped', 'stop-stale')],
  },
});

const UNCONFIGURED = scenariosOf('mcporter/after', unconfigured, {
  'no-config-file': {
    about: 'no configuration file, three clients in turn: one daemon serves them all',
    start: [0, 1_000, 2_000].map((atMs) => at(atMs, 'client')),
    invariants: [...WELL, must.freshNotRestarted, SERVED],
  },
});

export const AFTER_SCENARIOS: readonly Scenario[] = [...PROPOSED, ...FOLLOW_UPS, ...UNCONFIGURED];
