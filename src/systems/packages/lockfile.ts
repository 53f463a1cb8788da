/** lockfile 1.0.4 as a guest: its locks go stale while their owners are alive and well. */
import { type GuestGlobals, guestProgram } from '../../guest/index.ts';
import type { Ports, Program } from '../../ports/index.ts';
import { atMostOneOwner, type Scenario, sometimes } from '../../scenario/index.ts';
import { at, type Member, scenariosOf, times } from '../vocabulary/index.ts';

const LOCK = '/state/lock';
const STALE_MS = 1_000;

/** What these programs use of the package. */
interface Lockfile {
  lock(path: string, options: { stale?: number; wait?: number; pollPeriod?: number }, done: Done): void;
  unlock(path: string, done: Done): void;
  lockSync(path: string, options: { stale?: number; retries?: number }): void;
  unlockSync(path: string): void;
}

type Done = (error?: Error) => void;

/** Takes the lock, works for `holdMs`, releases it. */
function worker(holdMs: number): Program {
  return guestProgram({
    from: import.meta.url,
    async main(require, ports, _argv, globals) {
      const { lock, unlock } = require('lockfile') as Lockfile;
      const failed = await new Promise((resolve) =>
        lock(LOCK, { stale: STALE_MS, wait: 3 * STALE_MS, pollPeriod: 200 }, resolve),
      );
      if (failed) {
        ports.mark('lost');
        return 0;
      }
      await work(holdMs, ports, globals);
      await new Promise((resolve) => unlock(LOCK, () => resolve(null)));
      return 0;
    },
  });
}

/** The same by the synchronous functions, which cannot wait: it comes again later. */
function syncWorker(holdMs: number): Program {
  return guestProgram({
    from: import.meta.url,
    async main(require, ports, _argv, globals) {
      const { lockSync, unlockSync } = require('lockfile') as Lockfile;
      for (let attempt = 0; attempt < 4; attempt++) {
        try {
          lockSync(LOCK, { stale: STALE_MS });
        } catch (error) {
          if ((error as { code?: unknown }).code !== 'EEXIST') throw error;
          ports.mark('lost');
          await new Promise((resolve) => globals.setTimeout(resolve, 500));
          continue;
        }
        await work(holdMs, ports, globals);
        unlockSync(LOCK);
        return 0;
      }
      return 0;
    },
  });
}

async function work(holdMs: number, ports: Ports, { setTimeout }: GuestGlobals): Promise<void> {
  ports.mark('own');
  await new Promise((resolve) => setTimeout(resolve, holdMs));
  ports.mark('release');
}

const shared: Member = { faultsForMs: 4_000, settleMs: 8_000 };
const STATE = { files: { '/state': null } };

export const LOCKFILE: readonly Scenario[] = scenariosOf('peers/lockfile', shared, {
  'long-hold': {
    about: 'lockfile 1.0.4: an owner that is alive and well for longer than `stale` loses its lock',
    breaks: atMostOneOwner,
    programs: { worker: worker(3 * STALE_MS) },
    start: [times(2, 'worker')],
    machine: STATE,
  },
  'sync-long-hold': {
    about: 'lockfile 1.0.4: the same by lockSync, which unlinks what is stale and tries again',
    breaks: atMostOneOwner,
    programs: { worker: syncWorker(2 * STALE_MS) },
    start: [times(2, 'worker')],
    machine: STATE,
    invariants: [sometimes('a contender lost', 'lost')],
  },
  'stale-takeover': {
    // After ENOENT it sets `stale` to false in the options that all its attempts share; then every age is above it.
    about: 'lockfile 1.0.4: four take over the lock of a dead owner at the same time, on a busy machine',
    breaks: atMostOneOwner,
    programs: { worker: worker(STALE_MS / 2) },
    start: [at(STALE_MS + 500, times(4, 'worker'))],
    machine: { files: { [LOCK]: '' }, busyMs: 2_000 },
    faultsForMs: 6_000,
    settleMs: 4_000,
  },
});
