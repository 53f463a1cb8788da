import { guestProgram } from '../../guest/index.ts';
import type { Program } from '../../ports/index.ts';
import { atMostOneOwner, noStaleAct, type Scenario, scenario, sometimes } from '../../scenario/index.ts';

const FILE = '/state/db';
/** The least that the package takes; a lock is refreshed twice in this time. */
const STALE_MS = 2_000;

/** What these programs use of the package. */
interface ProperLockfile {
  lock(
    file: string,
    options: { stale: number; realpath?: boolean; onCompromised: (error: Error) => void },
  ): Promise<() => Promise<void>>;
}

/** Takes the lock if it can, works for a moment, releases it. */
const worker: Program = guestProgram({
  from: import.meta.url,
  async main(require, ports, _argv, { setTimeout }) {
    const { lock } = require('proper-lockfile') as ProperLockfile;
    const lost = () => ports.mark('release');
    let release: () => Promise<void>;
    try {
      release = await lock(FILE, { stale: STALE_MS, onCompromised: lost });
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ELOCKED') throw error;
      ports.mark('lost');
      return 0;
    }
    ports.mark('own');
    await new Promise((resolve) => setTimeout(resolve, 500));
    ports.mark('release');
    await release().catch(() => {});
    return 0;
  },
});

/**
 * Waits for the lock and keeps it; does something as its owner every 300 ms until it learns that it has lost it. The time
 * of the grant is its fencing token, for the observer: whoever was granted the lock last is its owner.
 */
const keeper: Program = guestProgram({
  from: import.meta.url,
  async main(require, ports, _argv, { setTimeout, process }) {
    const { lock } = require('proper-lockfile') as ProperLockfile;
    const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    let owns = false;
    for (;;) {
      try {
        await lock(FILE, {
          stale: STALE_MS,
          onCompromised() {
            owns = false;
            ports.mark('release');
          },
        });
        owns = true;
        ports.mark('own', {
          token: (process.hrtime as () => [number, number])().reduce((s, ns) => s * 1e9 + ns),
        });
        while (owns) {
          await sleep(300);
          if (owns) ports.mark('act');
        }
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'ELOCKED') throw error;
        ports.mark('lost');
        await sleep(700);
      }
    }
  },
});

const STATE = { [FILE]: '' };

export const PROPER_LOCKFILE: readonly Scenario[] = [
  scenario({
    id: 'peers/proper-lockfile/stale-takeover',
    about: 'proper-lockfile 4.1.2: the lock of a dead owner, and two that take it over at the same time',
    expects: 'violation',
    // Who finds its lock stolen throws where nobody can catch it: the package's way, and not the finding.
    crashes: 'allowed',
    programs: { worker },
    start: [{ program: 'worker', count: 2, atMs: STALE_MS + 500 }],
    machine: { files: { ...STATE, [`${FILE}.lock`]: null } },
    faultsForMs: STALE_MS + 2_000,
    settleMs: 2_000,
    invariants: [atMostOneOwner, sometimes('a contender lost', 'lost')],
  }),
  scenario({
    id: 'peers/proper-lockfile/stopped-owner',
    about:
      'proper-lockfile 4.1.2: an owner stopped for longer than its lock stays fresh acts once more when it goes on',
    expects: 'violation',
    // Who finds its lock stolen throws where nobody can catch it: the package's way, and not the finding.
    crashes: 'allowed',
    programs: { keeper },
    start: [{ program: 'keeper' }, { program: 'keeper', atMs: 100 }],
    machine: { files: STATE },
    faults: { stop: { max: 1, forMs: [50, 1_000, 4_000] } },
    faultsForMs: 8_000,
    settleMs: 1_000,
    invariants: [noStaleAct, sometimes('a contender lost', 'lost')],
  }),
  scenario({
    id: 'peers/proper-lockfile/late-stat',
    about:
      'proper-lockfile 4.1.2: a contender stopped between a stat and its result takes a healthy owner for a dead one',
    expects: 'violation',
    crashes: 'allowed',
    programs: { keeper },
    // No fault strikes the owner: it refreshes its lock all the time.
    start: [
      { program: 'keeper', foreign: true },
      { program: 'keeper', atMs: 1_000 },
    ],
    machine: { files: STATE, twoPhase: ['stat'] },
    faults: { stop: { max: 2, forMs: [4_000] } },
    faultsForMs: 7_000,
    settleMs: 1_000,
    invariants: [noStaleAct, sometimes('a contender lost', 'lost')],
    remedy:
      'Read the clock before the stat, not after it, or look once more when the lock seems to be stale.',
  }),
];
