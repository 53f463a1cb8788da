/** Owners that are stopped for a moment, and go on. */
import type { Ports, Program } from '../../../ports/index.ts';
import { type Scenario, sometimes } from '../../../scenario/index.ts';
import {
  afterFaults,
  at,
  FIRST_PID,
  foreign,
  noEviction,
  orElse,
  scenariosOf,
} from '../../vocabulary/index.ts';
import { DIRECTORY, TIMING } from '../setup.ts';
import { takenOver, unsaid } from './kinds.ts';
import { DEAD } from './setup.ts';

/** Stops the owner for a while, if it takes part in this run, and does something to its claims meanwhile. */
function meddler(stopMs: number, meddle: (fs: Ports['fs']) => Promise<unknown> = async () => {}): Program {
  return async ({ clock, fs, process }) => {
    const stop = async (): Promise<void> => {
      await clock.sleep(1_000);
      await process.kill(FIRST_PID + 1, 'SIGSTOP');
      await meddle(fs);
      await clock.sleep(stopMs);
      await process.kill(FIRST_PID + 1, 'SIGCONT');
    };
    await orElse(stop(), undefined, 'ESRCH');
  };
}

/** Longer than an owner may be silent, and not so long that its challenge is over. */
const SHORT_STOP_MS = TIMING.bootGraceMs + 900;

async function tearAll(fs: Ports['fs']): Promise<void> {
  for (const name of await fs.readdir(DIRECTORY)) await fs.writeFile(`${DIRECTORY}/${name}`, '{');
}

const shared = {
  ...takenOver,
  machine: { busyMs: 0 },
  settleMs: 8_000,
  start: [foreign('meddler'), 'daemon', afterFaults('daemon', 600)],
  invariants: [...takenOver.invariants!, noEviction, unsaid('fenced')],
};

export const STOPPED: readonly Scenario[] = scenariosOf('model/found', shared, {
  'short-stop': {
    about: 'an owner that is stopped for longer than its lease, and answers the challenge in time',
    programs: { meddler: meddler(SHORT_STOP_MS) },
  },
  'lost-question': {
    about: 'the same, and a probe is lost, maybe that of the owner to itself',
    faults: { 'lost-probe': 1 },
    faultsForMs: 6_000,
    settleMs: 4_000,
    programs: { meddler: meddler(SHORT_STOP_MS) },
    start: [foreign('meddler'), 'daemon', at(1_100, 'daemon')],
    invariants: [sometimes('it was challenged', 'challenge')],
  },
  'torn-stop': {
    about: 'the same, and its claim is torn meanwhile',
    programs: { meddler: meddler(SHORT_STOP_MS, tearAll) },
  },
  'hidden-stop': {
    about: 'an owner that is stopped for a moment, hidden below the claim of a dead one',
    programs: { meddler: meddler(600, (fs) => fs.writeFile(`${DIRECTORY}/gen-9`, DEAD)) },
  },
});
