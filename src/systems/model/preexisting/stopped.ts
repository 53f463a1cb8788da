/** Owners that are stopped for a while, or whose event loop is busy. */
import type { Ports, Program } from '../../../ports/index.ts';
import { eventually, type Scenario, sometimes } from '../../../scenario/index.ts';
import {
  afterFaults,
  at,
  busyFor,
  FIRST_PID,
  foreign,
  noEviction,
  onChange,
  onSlowDisk,
  orElse,
  scenariosOf,
} from '../../vocabulary/index.ts';
import { DAEMON, DIRECTORY, TIMING } from '../setup.ts';
import { takenOver, unsaid } from './kinds.ts';
import { DEAD, firstOf } from './setup.ts';

const STOP_MS = 1_000;

/** Stops the owner for a while, if it takes part in this run, and does something to its claims meanwhile. */
function meddler(stopMs: number, meddle: (fs: Ports['fs']) => Promise<unknown> = async () => {}): Program {
  return async ({ clock, fs, process }) => {
    const stop = async (): Promise<void> => {
      await clock.sleep(STOP_MS);
      await process.kill(FIRST_PID + 1, 'SIGSTOP');
      await meddle(fs);
      await clock.sleep(stopMs);
      await process.kill(FIRST_PID + 1, 'SIGCONT');
    };
    await orElse(stop(), undefined, 'ESRCH');
  };
}

const SHORT_STOP_MS = 0.8 * TIMING.leaseMs;
/** Longer than an owner whose claim cannot be read may be silent, and not so long that its challenge is over. */
const TORN_STOP_MS = TIMING.bootGraceMs + 900;
const FOR_GOOD_MS = 60_000;
/** Longer than a lease, and over when a contender on a slow disk publishes what it has decided. */
const LONG_STOP_MS = TIMING.leaseMs + 150;
const SLOW_MS = 400;

/** Stops the owner, whose event loop is busy, twice. */
const twice: Program = async (ports, argv) => {
  await meddler(SHORT_STOP_MS)(ports, argv);
  // So long that a contender sees it run.
  await ports.clock.sleep(TIMING.probeEveryMs + 2 * TIMING.probeTimeoutMs);
  await ports.process.kill(FIRST_PID + 1, 'SIGSTOP');
  await ports.clock.sleep(SHORT_STOP_MS);
  await ports.process.kill(FIRST_PID + 1, 'SIGCONT');
};

async function tearAll(fs: Ports['fs']): Promise<void> {
  for (const name of await fs.readdir(DIRECTORY, { prefix: 'gen-' }))
    await fs.writeFile(`${DIRECTORY}/${name}`, '{');
}

const shared = {
  ...takenOver,
  machine: { busyMs: 0 },
  settleMs: 8_000,
  start: [foreign('meddler'), 'daemon', afterFaults('daemon', 600)],
  invariants: [...takenOver.invariants!, noEviction, unsaid('fenced')],
};

const STOPPED_FOR_A_WHILE = scenariosOf('model/found', shared, {
  'short-stop': {
    about: 'an owner that is stopped for less than its lease',
    programs: { meddler: meddler(SHORT_STOP_MS) },
    start: [foreign('meddler'), 'daemon', at(STOP_MS + 50, 'daemon')],
    invariants: [unsaid('challenge')],
  },
  'stop-and-go': {
    about: 'an owner whose event loop is busy is stopped twice, each time for less than its lease',
    programs: { meddler: twice, busy: busyFor(DAEMON, 500, 0.8 * TIMING.hangMs) },
    start: [foreign('meddler'), 'busy', at(STOP_MS + 50, 'daemon')],
    invariants: [unsaid('challenge')],
  },
  'late-contender': {
    about:
      'an owner goes on after its lease, but before the contender that has seen it stopped publishes anything',
    programs: { meddler: meddler(LONG_STOP_MS), slow: onSlowDisk(DAEMON, SLOW_MS, 'link') },
    start: [foreign('meddler'), 'daemon', at(STOP_MS + 20, 'slow')],
    invariants: [sometimes('it was challenged', 'challenge')],
  },
  'torn-stop': {
    about:
      'an owner that is stopped for longer, and its claim is torn meanwhile, so that it answers a challenge',
    programs: { meddler: meddler(TORN_STOP_MS, tearAll) },
  },
  'hidden-stop': {
    about: 'an owner that is stopped for a moment, hidden below the claim of a dead one',
    programs: { meddler: meddler(600, (fs) => fs.writeFile(`${DIRECTORY}/gen-9`, DEAD)) },
  },
});

const BUSY_FROM_MS = 500;
/** Longer than an event loop may be busy: over when its challenge has stood for longer than one look, and shorter than it may. */
const LONG_BUSY_MS = TIMING.hangMs + 2_000;

/** The first process is the owner, and busy for a while. */
function busyOwner(forMs: number): Record<string, Program> {
  return { daemon: firstOf(busyFor(DAEMON, BUSY_FROM_MS, forMs)) };
}

const BUSY = scenariosOf(
  'model/found',
  { ...shared, start: ['daemon', at(BUSY_FROM_MS + 50, 'daemon')] },
  {
    'busy-owner': {
      about: 'an owner whose event loop is busy for longer than its lease, and shorter than it may be',
      programs: busyOwner(0.8 * TIMING.hangMs),
      invariants: [unsaid('challenge')],
    },
    'long-busy-owner': {
      about: 'an owner whose event loop is busy for longer, and that answers the challenge in time',
      programs: busyOwner(LONG_BUSY_MS),
      invariants: [sometimes('it was challenged', 'challenge')],
    },
    'lost-question': {
      about: 'the same, and a probe is lost, maybe that of the owner to itself',
      faults: { 'lost-probe': 1 },
      faultsForMs: 8_000,
      settleMs: 4_000,
      programs: busyOwner(LONG_BUSY_MS),
      invariants: [sometimes('it was challenged', 'challenge')],
    },
  },
);

/** A second after its lease, counted from the first look of a contender, it is replaced. */
const REPLACED_WITHIN_MS = TIMING.leaseMs + 1_000;
const LOOKS_AT_MS = STOP_MS + 100;

const notAsked = onChange('a stopped process is not asked to end', ({ signals }) => {
  const asked = signals.find(({ signal, target }) => signal === 'SIGTERM' && target.name === 'daemon#1');
  return asked === undefined ? null : `${asked.target.name} was sent SIGTERM`;
});

const replaced = eventually('an owner that hangs is replaced', ({ currentClaims }) =>
  currentClaims.some(({ process }) => process.name === 'daemon#1') ? 'daemon#1 still owns' : null,
);

const REPLACED = scenariosOf(
  'model/found',
  { ...takenOver, machine: { busyMs: 0 } },
  {
    'stopped-for-good': {
      about: 'an owner that is stopped for longer than its lease is replaced a second later',
      programs: { meddler: meddler(FOR_GOOD_MS) },
      start: [foreign('meddler'), 'daemon', at(LOOKS_AT_MS, 'daemon')],
      faultsForMs: LOOKS_AT_MS,
      settleMs: REPLACED_WITHIN_MS,
      invariants: [notAsked, sometimes('a former owner was evicted', 'evict')],
    },
    'hangs-for-good': {
      about: 'an owner whose event loop hangs is replaced in the end',
      programs: busyOwner(FOR_GOOD_MS),
      start: ['daemon', at(BUSY_FROM_MS + 50, 'daemon')],
      settleMs: TIMING.hangMs + TIMING.challengeMs + 3_000,
      invariants: [replaced, sometimes('a former owner was evicted', 'evict')],
    },
  },
);

export const STOPPED: readonly Scenario[] = [...STOPPED_FOR_A_WHILE, ...BUSY, ...REPLACED];
