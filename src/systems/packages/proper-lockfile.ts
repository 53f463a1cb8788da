/** proper-lockfile 4.1.2 and its fork proper-lockfile2 5.0.0 as guests: their lock is a directory whose time the owner renews. */
import { guestProgram } from '../../guest/index.ts';
import type { Program } from '../../ports/index.ts';
import { atMostOneOwner, noStaleAct, type Scenario, sometimes } from '../../scenario/index.ts';
import { at, foreign, type Member, scenariosOf, times } from '../vocabulary/index.ts';

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

/** Takes the lock of such a package if it can, works for a moment, releases it. */
function workerOf(name: string): Program {
  return guestProgram({
    from: import.meta.url,
    async main(require, ports, _argv, { setTimeout }) {
      const { lock } = require(name) as ProperLockfile;
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
}

/**
 * Waits for the lock and keeps it; does something as its owner every 300 ms until it learns that it has lost it. The time
 * of the grant is its fencing token, for the observer: the last grant counts.
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

const shared: Member = {
  // A process that finds its lock taken away throws in a timer: the package's way, and not the finding.
  crashes: 'allowed',
  machine: { files: { [FILE]: '' } },
  invariants: [sometimes('a contender lost', 'lost')],
};

/** The lock of a dead owner, and so many that come at the same time. */
function takeover(count: number, name: string): Member {
  return {
    breaks: atMostOneOwner,
    programs: { worker: workerOf(name) },
    start: [at(STALE_MS + 500, times(count, 'worker'))],
    machine: { files: { [`${FILE}.lock`]: null } },
    faultsForMs: STALE_MS + 2_000,
    settleMs: 2_000,
  };
}

export const PROPER_LOCKFILE: readonly Scenario[] = scenariosOf('peers/proper-lockfile', shared, {
  'stale-takeover': {
    about: 'proper-lockfile 4.1.2: two take over the lock of a dead owner at the same time',
    ...takeover(2, 'proper-lockfile'),
  },
  'stopped-owner': {
    about: 'proper-lockfile 4.1.2: an owner stopped for longer than its lock stays fresh acts once more',
    breaks: noStaleAct,
    programs: { keeper },
    start: ['keeper', at(100, 'keeper')],
    faults: { stop: { max: 1, forMs: [50, 1_000, 4_000] } },
    faultsForMs: 8_000,
    settleMs: 1_000,
  },
  'late-stat': {
    about: 'proper-lockfile 4.1.2: a contender stopped between a stat and its result breaks a healthy lock',
    remedy: 'Read the clock before the stat, or look once more when the lock seems to be stale.',
    breaks: noStaleAct,
    programs: { keeper },
    // No fault strikes the owner: it refreshes its lock all the time.
    start: [foreign('keeper'), at(1_000, 'keeper')],
    machine: { twoPhase: ['stat'] },
    faults: { stop: { max: 2, forMs: [4_000] } },
    faultsForMs: 7_000,
    settleMs: 1_000,
  },
});

export const PROPER_LOCKFILE_2: readonly Scenario[] = scenariosOf('peers/proper-lockfile2', shared, {
  'stale-takeover': {
    // It renames a stale lock away instead of removing it, and renames it back if it was a fresh one. Between the two there is no lock.
    about: 'proper-lockfile2 5.0.0: a third takes the lock while another gives back what it has taken',
    ...takeover(3, '@bybrave/proper-lockfile2'),
  },
});
