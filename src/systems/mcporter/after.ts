/** What pull request #195 claims, and its follow-ups. */
import { type Scenario, sometimes } from '../../scenario/index.ts';
import { afterFaults, at, scenariosOf, times } from '../vocabulary/index.ts';
import { COLD_STARTS, STARTS } from './constants.ts';
import * as must from './invariants.ts';
import { BIND_GUARD, mcporter, merged, unconfigured } from './programs/rules.ts';
import { METADATA } from './setup.ts';

const LEFT = sometimes('a start leaves', 'leave');
const SERVED = sometimes('a client is served', 'served');
const WELL = [must.oneDaemonSurvives, must.survivorReachable, must.noneStranded];

const proposed = { ...merged, programs: mcporter(BIND_GUARD) };

const PROPOSED = scenariosOf('mcporter/after', proposed, {
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
    invariants: [must.oneDaemonSurvives, must.survivorReachable, LEFT],
  },
});

const FOLLOW_UPS = scenariosOf('mcporter/after', merged, {
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
