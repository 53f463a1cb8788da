/** orchestrator after pull request 8: it sweeps, scans, and leaves both ids out of its siblings. */
import { type Scenario, sometimes } from '../../scenario/index.ts';
import { afterFaults, foreign, scenariosOf, start } from '../vocabulary/index.ts';
import { COME_AND_GO, OLD_AND_NEW, reused, STALE, shared } from './before.ts';
import * as must from './invariants.ts';
import { server } from './programs/server.ts';
import { MARKER } from './setup.ts';

export const AFTER = server({ sweep: 'alive', scans: true });
export const AFTER_CHANNEL = server({ sweep: 'alive', channel: 'knows-both-ids' });

/** What all scenarios of the fixed server share. */
export const after = { ...shared, programs: { ...shared.programs, server: AFTER } };

const OF_FILES = scenariosOf('orchestrator/after', after, {
  reaper: {
    about: 'files of ended sessions are removed at the next start, those of live ones stay',
    start: COME_AND_GO,
    machine: { files: STALE },
    invariants: [must.noStaleFile(must.BY_PID), must.liveKeepsFile(must.BY_PID), must.REAPED],
  },
  'eperm-is-alive': {
    about: "another user's session may not be signalled, and so it lives",
    start: [
      foreign('admin'),
      start('claude one', { uid: 1_000, atMs: 10 }),
      start('claude two', { uid: 1_001, atMs: 10 }),
      afterFaults(start('claude last', { uid: 1_000 })),
    ],
    machine: { busyMs: 0, files: STALE },
    invariants: [must.liveKeepsFile(must.BY_PID), must.REAPED],
  },
  'empty-directory': {
    about: 'no directory at all, or an empty one: nothing to do',
    start: [`server ${MARKER} alone`, ...COME_AND_GO],
    invariants: [must.liveKeepsFile(must.BY_PID)],
  },
  'orphan-scan': {
    about: 'an orphan of an old version is reported; a server up to 8 parents below a live session is not',
    start: [...OLD_AND_NEW, start('nest 6 oldserver', { parent: 'claude' })],
    invariants: [must.orphansReported, must.noneReportedWrongly, must.SUSPECT],
  },
});

const OF_THE_CHANNEL = scenariosOf('orchestrator/after', reused, {
  'self-id-filter': {
    about: 'a server has registered under another id than its session has, and leaves out both',
    programs: { server: AFTER_CHANNEL },
    start: ['claude one', 'claude two'],
    invariants: [must.noPhantom, sometimes('a server took another id for its own', 'drifted'), must.SIBLING],
  },
});

export const AFTER_SCENARIOS: readonly Scenario[] = [...OF_FILES, ...OF_THE_CHANNEL];
