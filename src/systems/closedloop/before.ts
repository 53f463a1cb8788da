/** closedloop before pull request 257, and the first version of that, with the faults that review found. */
import type { Program } from '../../ports/index.ts';
import { nothingForeignSignalled, type Scenario } from '../../scenario/index.ts';
import { at, foreign, type Member, scenariosOf } from '../vocabulary/index.ts';
import { ALL_RESTARTS_MS } from './constants.ts';
import * as must from './invariants.ts';
import { type Faults, reconcileWith } from './programs/reconcile.ts';
import { PROGRAMS } from './programs/sidecar.ts';
import { app } from './programs/supervisor.ts';
import { MARKER } from './setup.ts';

/** What all scenarios of the tool's own apps share. */
export const shared: Member = {
  programs: PROGRAMS,
  faultsForMs: 2_000,
  settleMs: 8_000,
  machine: { busyMs: 100 },
};

/** Before the pull request: it does not look at the TCP port. */
export const BEFORE: Program = app(async () => 'go');

/** Its first version, with one of its faults. */
function firstVersion(fault: keyof Faults): Program {
  return app(reconcileWith({ [fault]: true }));
}

/** What the crash of an app leaves: its parent is PID 1. */
export const ORPHAN = `sidecar ${MARKER}`;
export const APP = at(200, 'app');
/** One app, and when that has its sidecar, another. */
export const TWO_APPS = ['app', at(1_000, 'app')];
export const FOREIGN_EVERYWHERE = foreign('stranger 0.0.0.0');

export const BEFORE_SCENARIOS: readonly Scenario[] = scenariosOf('closedloop/before', shared, {
  'orphan-blocks': {
    about: 'a crashed app’s sidecar holds the TCP port: the next one fails to bind five times, and gives up',
    remedy: 'look which process holds the TCP port before the start, and end an orphan',
    breaks: must.monitorServes,
    programs: { app: BEFORE },
    start: [ORPHAN, APP],
    settleMs: ALL_RESTARTS_MS,
  },
  'loopback-only': {
    about: 'a lookup of 127.0.0.1 does not see a foreign holder on 0.0.0.0: five silent retries',
    remedy: 'ask for the TCP port on any address',
    breaks: must.saysWhy,
    programs: { app: firstVersion('loopbackOnly') },
    start: [FOREIGN_EVERYWHERE, APP],
    settleMs: ALL_RESTARTS_MS,
    invariants: [nothingForeignSignalled],
  },
  'pid-file-proof': {
    about: 'two worktrees share the PID file: one app’s live sidecar counts as an orphan for the other',
    remedy: 'only a dead parent makes an orphan; the PID file annotates the log',
    breaks: must.liveSpared,
    programs: { app: firstVersion('pidFileIsProof') },
    start: ['app', at(6_000, 'app')],
  },
  'modal-in-recovery': {
    about: 'a sidecar crashes, another app takes the TCP port: a dialog comes up in the midst of work',
    remedy: 'ask at boot; in crash recovery stop, and say so',
    breaks: must.asksAtBootOnly,
    programs: { app: firstVersion('asksInRecovery') },
    start: TWO_APPS,
    faults: { kill: 1 },
  },
});
