/** orchestrator after pull request 8: it sweeps, scans, and leaves both ids out of its siblings. */
import { type Scenario, sometimes } from '../../scenario/index.ts';
import { afterFaults, at, foreign, type Member, scenariosOf, start } from '../vocabulary/index.ts';
import { COME_AND_GO, ends, OLD_AND_NEW, reused, STALE, shared } from './before.ts';
import * as must from './invariants.ts';
import { server } from './programs/server.ts';
import { serverOfBeforeSharing } from './programs/sidecar.ts';
import { MARKER, PLUGIN } from './setup.ts';

export const AFTER = server({ sweep: 'alive', suspected: 'log' });
export const AFTER_CHANNEL = server({ sweep: 'alive', channel: 'both' });

/** What all scenarios of the fixed server share. */
export const after = { ...shared, programs: { ...shared.programs, server: AFTER } };

const OF_FILES = scenariosOf('orchestrator/after', after, {
  reaper: {
    about: 'files of ended sessions are removed at the next start, those of live ones stay',
    start: COME_AND_GO,
    machine: { files: STALE },
    invariants: [
      must.noStaleFile(must.BY_PID),
      must.liveKeepsFile(must.BY_PID),
      must.reapsLogged(Object.keys(STALE).length),
      must.REAPED,
    ],
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

/** With a place for the port file; an old session has started the sidecar. */
export const embedding: Member = {
  ...after,
  programs: {
    ...after.programs,
    server: server({ sweep: 'alive', suspected: 'log', sidecar: 'nothing' }),
    oldserver: serverOfBeforeSharing,
  },
  machine: { files: { [PLUGIN]: null } },
};

/** An orphan has started the sidecar that a session uses when another one comes and scans. */
export const ORPHAN_WITH_SIDECAR = ['oldclaude 3000', at(3_000, 'claude stays'), at(6_000, 'claude last')];

const OF_THE_SIDECAR = scenariosOf('orchestrator/after', embedding, {
  'shared-sidecar': {
    about: 'an orphan has started the sidecar that a live session uses: it is reported, and not ended',
    start: ORPHAN_WITH_SIDECAR,
    faultsForMs: 8_000,
    invariants: [
      must.embeddingsLast,
      must.oneSidecar,
      must.orphansReported,
      must.SUSPECT,
      sometimes('a session uses a sidecar that it has not started', 'adopted'),
      sometimes('a session has embeddings', 'embeds'),
    ],
  },
});

/** A later version, in which one of the servers starts the sidecar, and the others wait for it. */
export const LOCKED = { server: server({ sweep: 'alive', sidecar: 'lock' }) };

const UNDER_A_LOCK = scenariosOf('orchestrator/after', embedding, {
  'sidecar-lock': {
    about: 'three sessions start at once: one starts the sidecar under a lock, the others wait for it',
    programs: LOCKED,
    start: ['claude one', 'claude two', 'claude three'],
    settleMs: 5_000,
    invariants: [must.embeddingsLast, must.oneSidecar, sometimes('a session waits for it', 'adopted')],
  },
});

export const AFTER_DEDUP = server({ dedups: true });

const OF_DUPLICATES = scenariosOf('orchestrator/after', ends, {
  'duplicate-server': {
    about: 'plugins are loaded anew, and the server of before is not ended: the newer one ends it',
    programs: { server: AFTER_DEDUP },
    start: ['reloading one newer', at(200, 'claude two')],
    invariants: [
      must.oneServerPerSession,
      must.keepsServer,
      sometimes('an older one is ended', 'ends-older'),
    ],
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

export const AFTER_SCENARIOS: readonly Scenario[] = [
  ...OF_FILES,
  ...OF_THE_SIDECAR,
  ...UNDER_A_LOCK,
  ...OF_DUPLICATES,
  ...OF_THE_CHANNEL,
];
