import type { Program } from '../../ports/index.ts';
import {
  atMostOneOwner,
  eventually,
  noStaleAct,
  nothingForeignSignalled,
  nothingUnprovenSignalled,
  type Scenario,
  type ScenarioOptions,
  scenario,
  sometimes,
} from '../../scenario/index.ts';
import { acquireNaively, releaseNaively } from './naive-lock.ts';

const DIRECTORY = '/state';
const LOCK = `${DIRECTORY}/lock`;

/** Takes the lock, works for a moment, releases it. */
const worker: Program = async (ports) => {
  await ports.fs.mkdir(DIRECTORY, { recursive: true });
  if (!(await acquireNaively(ports, LOCK))) {
    ports.mark('lost');
    return 0;
  }
  ports.mark('own');
  await ports.clock.sleep(100);
  ports.mark('act');
  await releaseNaively(ports, LOCK);
  ports.mark('release');
  return 0;
};

/** Takes the lock and keeps it for good, as a daemon does. */
const daemon: Program = async (ports) => {
  await ports.fs.mkdir(DIRECTORY, { recursive: true });
  if (!(await acquireNaively(ports, LOCK))) {
    ports.mark('lost');
    return 0;
  }
  ports.mark('own');
  for (;;) {
    await ports.clock.sleep(1_000);
    ports.mark('act');
  }
};

const oneOwner = eventually('exactly one owner that serves', ({ currentClaims }) => {
  const serving = currentClaims.filter(({ process }) => process.state === 'running');
  return serving.length === 1
    ? null
    : `${serving.length} owners serve; ${currentClaims.length} say that they own`;
});

function naiveScenario(
  options: Pick<ScenarioOptions, 'id' | 'about' | 'start'> & Partial<ScenarioOptions>,
): Scenario {
  return scenario({
    expects: 'violation',
    programs: { worker, daemon },
    settleMs: 3_000,
    ...options,
    invariants: [
      atMostOneOwner,
      noStaleAct,
      nothingForeignSignalled,
      nothingUnprovenSignalled,
      ...(options.invariants ?? []),
      sometimes('a contender lost', 'lost'),
    ],
  });
}

/** One daemon, and others that come by one after the other: no two ever start at the same time. */
const ONE_BY_ONE = [
  { program: 'daemon' },
  { program: 'daemon', atMs: 1_000 },
  { program: 'daemon', atMs: 2_000 },
  { program: 'daemon', phase: 'settle', atMs: 1_000 },
] as const;

export const NAIVE: readonly Scenario[] = [
  naiveScenario({
    id: 'model/naive/cold-start',
    about: 'four starts at once, no lock file yet',
    start: [{ program: 'worker', count: 4 }],
  }),
  naiveScenario({
    id: 'model/naive/stale-lock',
    about: 'two starts at once, and the lock file of a dead owner',
    start: [{ program: 'worker', count: 2 }],
    machine: { files: { [LOCK]: '999' } },
  }),
  naiveScenario({
    id: 'model/naive/stopped-owner',
    about: 'the owner is stopped for good: it holds the lock and serves nobody',
    start: ONE_BY_ONE,
    faults: { stop: { max: 1, forMs: [Number.POSITIVE_INFINITY] } },
    invariants: [oneOwner],
  }),
  naiveScenario({
    id: 'model/naive/pid-reuse',
    about: 'the owner is killed, and a stranger is born with its PID',
    start: ONE_BY_ONE,
    faults: { kill: 2, 'pid-reuse': 2 },
    invariants: [oneOwner],
  }),
  naiveScenario({
    id: 'model/naive/lost-metadata',
    about: 'the lock file vanishes or is torn while the owner lives',
    start: ONE_BY_ONE,
    faults: { 'lose-state': { max: 1, under: DIRECTORY }, 'tear-state': { max: 1, under: DIRECTORY } },
    invariants: [oneOwner],
  }),
];
