/** The lock file that nearly every project writes first, and how it breaks. */
import type { Ports, Program } from '../../ports/index.ts';
import {
  atMostOneOwner,
  noStaleAct,
  nothingForeignSignalled,
  nothingUnprovenSignalled,
  oneSurvivor,
  type Scenario,
  sometimes,
} from '../../scenario/index.ts';
import { afterFaults, at, type Member, scenariosOf, times } from '../vocabulary/index.ts';
import { acquireNaively, releaseNaively } from './naive-lock.ts';

const DIRECTORY = '/state';
const LOCK = `${DIRECTORY}/lock`;

async function acquires(ports: Ports): Promise<boolean> {
  await ports.fs.mkdir(DIRECTORY, { recursive: true });
  const acquired = await acquireNaively(ports, LOCK);
  ports.mark(acquired ? 'own' : 'lost');
  return acquired;
}

/** Takes the lock, works for a moment, releases it. */
const worker: Program = async (ports) => {
  if (!(await acquires(ports))) return 0;
  await ports.clock.sleep(100);
  ports.mark('act');
  await releaseNaively(ports, LOCK);
  ports.mark('release');
  return 0;
};

/** Takes the lock and keeps it for good, as a daemon does. */
const daemon: Program = async (ports) => {
  if (!(await acquires(ports))) return 0;
  for (;;) {
    await ports.clock.sleep(1_000);
    ports.mark('act');
  }
};

/** One daemon, and others that come one after the other: no two ever start at the same time. */
const ONE_BY_ONE = ['daemon', at(1_000, 'daemon'), at(2_000, 'daemon'), afterFaults('daemon', 1_000)];

const shared: Member = {
  expects: 'violation',
  programs: { worker, daemon },
  settleMs: 3_000,
  invariants: [
    atMostOneOwner,
    noStaleAct,
    nothingForeignSignalled,
    nothingUnprovenSignalled,
    sometimes('a contender lost', 'lost'),
  ],
};

export const NAIVE: readonly Scenario[] = scenariosOf('model/naive', shared, {
  'cold-start': { about: 'four starts at once, no lock file yet', start: [times(4, 'worker')] },
  'stale-lock': {
    about: 'two starts at once, and the lock file of a dead owner',
    start: [times(2, 'worker')],
    machine: { files: { [LOCK]: '999' } },
  },
  'stopped-owner': {
    about: 'the owner is stopped for good: it holds the lock and does not serve',
    start: ONE_BY_ONE,
    faults: { stop: { max: 1, forMs: [Number.POSITIVE_INFINITY] } },
    invariants: [oneSurvivor()],
  },
  'pid-reuse': {
    about: 'the owner is killed, and a foreign process is born with its PID',
    start: ONE_BY_ONE,
    faults: { kill: 2, 'pid-reuse': 2 },
    invariants: [oneSurvivor()],
  },
  'lost-metadata': {
    about: 'the lock file vanishes or is torn while the owner lives',
    start: ONE_BY_ONE,
    faults: { 'lose-state': { max: 1, under: DIRECTORY }, 'tear-state': { max: 1, under: DIRECTORY } },
    invariants: [oneSurvivor()],
  },
});
