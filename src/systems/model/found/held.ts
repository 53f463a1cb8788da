import { becomeOwner, EXIT } from '../../../model/index.ts';
import type { Program } from '../../../ports/index.ts';
import { type Scenario, sometimes } from '../../../scenario/index.ts';
import { SAFETY } from '../invariants.ts';
import { DIRECTORY, TIMING } from '../setup.ts';
import { foundScenario, takenOver } from './kinds.ts';
import { claim, FIRST_PID, NO_PID, state, TOKEN_AHEAD, unsaid } from './setup.ts';

/** Takes the first owner and all its claims away. */
const eraser: Program = async ({ clock, fs, process }) => {
  await clock.sleep(1_000);
  await process.kill(FIRST_PID + 1, 'SIGKILL');
  for (const name of await fs.readdir(DIRECTORY)) await fs.unlink(`${DIRECTORY}/${name}`);
};

/** Acts whenever it may, and asks again when it may not. */
const insistent: Program = async (ports) => {
  const contest = await becomeOwner(ports, { directory: DIRECTORY, endpoint: null, timing: TIMING });
  if (contest.kind !== 'owner') return EXIT.done;
  for (let deed = 0; deed < 40; deed++) {
    await contest.owner.act(() => {});
    await ports.clock.sleep(50);
  }
  return EXIT.done;
};

/** Puts another claim in the place of the newest one, and takes it away again. */
const usurper: Program = async (ports) => {
  const { clock, fs } = ports;
  await clock.sleep(500);
  const [name] = (await fs.readdir(DIRECTORY))
    .filter((entry) => entry.startsWith('gen-'))
    .sort()
    .reverse();
  const path = `${DIRECTORY}/${name}`;
  const text = await fs.readFile(path);
  await fs.writeFile(path, claim({ nonce: 'dead000000000000' }));
  // Whoever looks from now on is not the owner any more.
  await clock.sleep(50);
  ports.mark('own', { token: TOKEN_AHEAD });
  await clock.sleep(500);
  await fs.writeFile(path, text);
  await clock.sleep(1_000);
};

/** Holds the lock for longer than any grace. */
const holder: Program = async (ports) => {
  const contest = await becomeOwner(ports, { directory: DIRECTORY, endpoint: null, timing: TIMING });
  if (contest.kind !== 'owner') return EXIT.done;
  for (let deed = 0; deed < 12; deed++) {
    if (!(await contest.owner.act(() => {}))) return EXIT.fenced;
    await ports.clock.sleep(500);
  }
  await contest.owner.release();
  return EXIT.done;
};

/** What becomes of a lock that is held. */
export const HELD: readonly Scenario[] = [
  takenOver({
    id: 'model/found/lost-everything',
    about: 'an owner is killed and all its claims are lost: its token is not granted again',
    machine: { ...state({ 'gen-1': claim({ pid: NO_PID, token: 9 }) }), busyMs: 0 },
    programs: { eraser },
    start: [
      { program: 'eraser', foreign: true },
      { program: 'daemon' },
      { program: 'daemon', phase: 'settle', atMs: 1_000 },
    ],
  }),
  foundScenario({
    id: 'model/found/usurped',
    about: 'the claim of a lock that is held is replaced, and put back: who has lost it acts no more',
    machine: { busyMs: 0 },
    programs: { insistent, usurper },
    start: [{ program: 'usurper', foreign: true }, { program: 'insistent' }],
    invariants: [...SAFETY, sometimes('it owned', 'own'), sometimes('it was told', 'fenced')],
  }),
  foundScenario({
    id: 'model/found/held-lock',
    about: 'a lock without a service, held for longer than any grace: who lives owns',
    settleMs: 8_000,
    machine: { busyMs: 0 },
    programs: { holder },
    start: [
      { program: 'holder', count: 2 },
      { program: 'holder', phase: 'settle' },
    ],
    invariants: [...SAFETY, unsaid('challenge'), sometimes('a contender lost', 'lost')],
  }),
];
