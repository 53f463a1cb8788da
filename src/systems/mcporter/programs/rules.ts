/** The versions of mcporter, and the programs of a machine that has one of them. */
import type { Program } from '../../../ports/index.ts';
import { sometimes } from '../../../scenario/index.ts';
import { type Member, orElse, sleepForever } from '../../vocabulary/index.ts';
import { LOOKS, MS } from '../constants.ts';
import { BIND_LOCK, CONFIG, CONFIGURED, DIRECTORY, UNCONFIGURED } from '../setup.ts';
import { cleaner, editor, launchd, locker, restarter, terminal, upgrader } from './actors.ts';
import { client, detached, restart } from './client.ts';
import {
  matchingMetadata,
  noGuard,
  reconcileOrStop,
  removeBoth,
  removeMetadataFirst,
  removeOwn,
  stopUntilSocketGone,
} from './guards.ts';
import { type HostRules, host } from './host.ts';

/** Unlink and bind, as it was before #195, with all that stood between them. */
export const BEFORE: HostRules = {
  prechecks: false,
  guard: noGuard,
  lockPath: null,
  timers: 'ref',
  async prepare({ fs }) {
    await fs.mkdir(DIRECTORY, { recursive: true });
    // Once for the socket, and once for the metadata.
    await fs.mkdir(DIRECTORY, { recursive: true });
    await orElse(fs.stat(CONFIG), null);
  },
  layers: 'shared',
  cleanUp: removeBoth,
  closeMs: 0,
  callMs: 200,
  looks: LOOKS,
  vanished: 'recoverable',
  readyRequestMs: MS.request,
};

/** #195 as it was proposed. */
export const BIND_GUARD: HostRules = {
  ...BEFORE,
  guard: matchingMetadata,
  lockPath: BIND_LOCK,
  prepare: async () => {},
};

/** #195 with its follow-ups as they were merged: the best there is. */
export const MERGED: HostRules = { ...BIND_GUARD, guard: reconcileOrStop, cleanUp: removeOwn };

/** The follow-ups as they stood on their own branch. */
export const BRANCH: HostRules = { ...BIND_GUARD, guard: stopUntilSocketGone, cleanUp: removeMetadataFirst };

export function mcporter(rules: HostRules): Readonly<Record<string, Program>> {
  return {
    host: host(rules),
    detached: detached(rules),
    restart: restart(rules),
    client: client(rules),
    locker: locker(rules),
    restarter,
    launchd,
    stranger: (ports) => sleepForever(ports, 1_000_000),
    terminal,
    editor,
    upgrader,
    cleaner,
  };
}

/** What all scenarios of mcporter's own daemon share. Some daemon comes to serve, or the runs prove nothing. */
export const merged: Member = {
  programs: mcporter(MERGED),
  machine: { files: CONFIGURED },
  faultsForMs: 3_000,
  settleMs: 15_000,
  invariants: [sometimes('a daemon serves', 'own')],
};

/** The same without a configuration file. */
export const unconfigured: Member = { ...merged, machine: { files: UNCONFIGURED } };
