import { hasCode, type Ports, type Program } from '../../../ports/index.ts';
import { type Scenario, type ScenarioOptions, sometimes } from '../../../scenario/index.ts';
import { nobodyEvicted } from '../invariants.ts';
import { DIRECTORY, TIMING } from '../setup.ts';
import { takenOver } from './kinds.ts';
import { DEAD, FIRST_PID, unsaid } from './setup.ts';

/** Stops the owner for a while, and does something to its claims meanwhile. */
function meddler(stopMs: number, meddle: (fs: Ports['fs']) => Promise<unknown> = async () => {}): Program {
  return async ({ clock, fs, process }) => {
    const owner = FIRST_PID + 1;
    try {
      await clock.sleep(1_000);
      await process.kill(owner, 'SIGSTOP');
      await meddle(fs);
      await clock.sleep(stopMs);
      await process.kill(owner, 'SIGCONT');
    } catch (error) {
      // It takes no part in this run.
      if (!hasCode(error, 'ESRCH')) throw error;
    }
  };
}

/** Longer than an owner may be silent, and not so long that its challenge is over. */
const SHORT_STOP_MS = TIMING.bootGraceMs + 900;

async function tearAll(fs: Ports['fs']): Promise<void> {
  for (const name of await fs.readdir(DIRECTORY)) await fs.writeFile(`${DIRECTORY}/${name}`, '{');
}

/** An owner that somebody meddles with, and a later start. */
const MEDDLED_WITH: ScenarioOptions['start'] = [
  { program: 'meddler', foreign: true },
  { program: 'daemon' },
  { program: 'daemon', phase: 'settle', atMs: 600 },
];

/** Owners that are stopped for a moment, and go on. */
export const STOPPED: readonly Scenario[] = [
  takenOver({
    id: 'model/found/short-stop',
    about: 'an owner that is stopped for longer than its lease, and answers the challenge in time',
    settleMs: 8_000,
    machine: { busyMs: 0 },
    programs: { meddler: meddler(SHORT_STOP_MS) },
    start: MEDDLED_WITH,
    invariants: [nobodyEvicted, unsaid('fenced')],
  }),
  takenOver({
    id: 'model/found/lost-question',
    about: 'the same, and a question is lost, maybe that of the owner to itself',
    faults: { 'lost-probe': 1 },
    faultsForMs: 6_000,
    settleMs: 4_000,
    machine: { busyMs: 0 },
    programs: { meddler: meddler(SHORT_STOP_MS) },
    start: [{ program: 'meddler', foreign: true }, { program: 'daemon' }, { program: 'daemon', atMs: 1_100 }],
    invariants: [nobodyEvicted, unsaid('fenced'), sometimes('it was challenged', 'challenge')],
  }),
  takenOver({
    id: 'model/found/torn-stop',
    about: 'the same, and its claim is torn meanwhile',
    settleMs: 8_000,
    machine: { busyMs: 0 },
    programs: { meddler: meddler(SHORT_STOP_MS, tearAll) },
    start: MEDDLED_WITH,
    invariants: [nobodyEvicted, unsaid('fenced')],
  }),
  takenOver({
    id: 'model/found/hidden-stop',
    about: 'an owner that is stopped for a moment, hidden below the claim of a dead one',
    settleMs: 8_000,
    machine: { busyMs: 0 },
    programs: { meddler: meddler(600, (fs) => fs.writeFile(`${DIRECTORY}/gen-9`, DEAD)) },
    start: MEDDLED_WITH,
    invariants: [nobodyEvicted, unsaid('fenced')],
  }),
];
