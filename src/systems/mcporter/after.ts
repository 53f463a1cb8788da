import { type Scenario, sometimes } from '../../scenario/index.ts';
import {
  currentConfiguration,
  freshNotRestarted,
  nobodyStranded,
  oneSurvivor,
  survivorReachable,
} from './invariants.ts';
import { BIND_GUARD, MERGED } from './rules.ts';
import { mcporter } from './scenario.ts';
import { COLD_STARTS, METADATA, STARTS } from './setup.ts';

const LEFT = sometimes('a start leaves', 'leave');
const SERVED = sometimes('a client is served', 'served');
const WELL = [oneSurvivor, survivorReachable, nobodyStranded] as const;

/** What the pull request claims, and its follow-ups. */
export const AFTER_SCENARIOS: readonly Scenario[] = [
  mcporter(BIND_GUARD, {
    id: 'mcporter/after/foreground-x5',
    about: 'five foreground starts at once: one survives',
    start: [{ program: 'host', count: STARTS }],
    invariants: [...WELL, LEFT],
  }),
  mcporter(BIND_GUARD, {
    id: 'mcporter/after/detached-x5',
    about: 'five detached starts at once: one survives',
    start: [{ program: 'detached', count: STARTS }],
    invariants: [...WELL, LEFT],
  }),
  mcporter(BIND_GUARD, {
    id: 'mcporter/after/cold-start-x10',
    about: 'ten clients at once, no daemon yet: one survives, all are served',
    start: [{ program: 'client', count: COLD_STARTS }],
    invariants: [...WELL, SERVED],
  }),
  mcporter(BIND_GUARD, {
    id: 'mcporter/after/frozen-daemon',
    about: 'the daemon is stopped for good: the next start takes its place',
    start: [
      { program: 'terminal', argv: ['500:SIGSTOP'] },
      { program: 'host', atMs: 1_000 },
      { program: 'host', phase: 'settle', atMs: 500 },
    ],
    invariants: [oneSurvivor, survivorReachable, LEFT],
  }),
  mcporter(MERGED, {
    id: 'mcporter/after/lost-metadata',
    about: 'the metadata are lost or torn: the next start mends them, and the daemon stays',
    start: [
      { program: 'host' },
      { program: 'host', phase: 'settle', atMs: 500 },
      { program: 'client', phase: 'settle', atMs: 2_000 },
    ],
    faults: { 'lose-state': { max: 1, under: METADATA }, 'tear-state': { max: 1, under: METADATA } },
    faultsForMs: 1_000,
    invariants: [...WELL, SERVED, sometimes('metadata are mended', 'reconciled')],
  }),
  mcporter(MERGED, {
    id: 'mcporter/after/stale-config',
    about: 'the configuration has changed: the next start stops the daemon and takes its place',
    start: [
      { program: 'host' },
      { program: 'editor', atMs: 500 },
      { program: 'host', atMs: 1_000 },
      { program: 'client', phase: 'settle', atMs: 500 },
    ],
    invariants: [...WELL, currentConfiguration, sometimes('a stale daemon is stopped', 'stop-stale')],
  }),
  mcporter(MERGED, {
    id: 'mcporter/after/no-config-file',
    about: 'no configuration file, three clients in turn: one daemon serves them all',
    start: [0, 1, 2].map((number) => ({ program: 'client', atMs: number * 1_000 })),
    configured: false,
    invariants: [...WELL, freshNotRestarted, SERVED],
  }),
];
