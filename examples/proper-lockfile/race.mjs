// @ts-check
import { atMostOneOwner, guestProgram, scenario, sometimes } from 'one-survivor';

const FILE = '/state/db';
const STALE_MS = 2_000;

/** The published package, unmodified, with the simulated fs, timers and clock. */
const worker = guestProgram({
  from: import.meta.url,
  async main(require, ports, _argv, { setTimeout }) {
    const { lock } = require('proper-lockfile');
    let release;
    try {
      release = await lock(FILE, { stale: STALE_MS, onCompromised: () => ports.mark('release') });
    } catch (error) {
      if (/** @type {{ code?: string }} */ (error).code !== 'ELOCKED') throw error;
      ports.mark('lost');
      return 0;
    }
    ports.mark('own');
    await new Promise((resolve) => setTimeout(() => resolve(null), 500));
    ports.mark('release');
    await release().catch(() => {});
    return 0;
  },
});

const lost = sometimes('a contender lost', 'lost');

export const coldStart = scenario({
  id: 'example/proper-lockfile/cold-start',
  about: 'three at once, no lock yet',
  programs: { worker },
  start: [{ program: 'worker', count: 3 }],
  machine: { files: { [FILE]: '' } },
  invariants: [atMostOneOwner, lost],
});

/** A finding in version 4.1.2: a process that removes a stale lock may remove a fresh one. */
export const staleLock = scenario({
  id: 'example/proper-lockfile/stale-lock',
  about: 'the lock of a dead owner, and two that come at once',
  expects: 'violation',
  violates: atMostOneOwner.name,
  // If its lock was stolen, the package throws an exception that cannot be caught. That is not the finding.
  crashes: 'allowed',
  programs: { worker },
  start: [{ program: 'worker', count: 2, atMs: STALE_MS + 500 }],
  machine: { files: { [FILE]: '', [`${FILE}.lock`]: null } },
  faultsForMs: STALE_MS + 2_000,
  settleMs: 2_000,
  invariants: [atMostOneOwner, lost],
});
