/** What happens to a lock that is held. */

import { EXIT } from '../../../model/index.ts';
import type { Program } from '../../../ports/index.ts';
import { type Scenario, sometimes } from '../../../scenario/index.ts';
import { afterFaults, FIRST_PID, foreign, scenariosOf, times } from '../../vocabulary/index.ts';
import { SAFETY } from '../invariants.ts';
import { actor, insistent } from '../programs/lock-users.ts';
import { DIRECTORY } from '../setup.ts';
import { found, takenOver, unsaid } from './kinds.ts';
import { claim, NO_PID, state, TOKEN_AHEAD } from './setup.ts';

/** Takes the first owner and all its claims away. */
const eraser: Program = async ({ clock, fs, process }) => {
  await clock.sleep(1_000);
  await process.kill(FIRST_PID + 1, 'SIGKILL');
  for (const name of await fs.readdir(DIRECTORY)) await fs.unlink(`${DIRECTORY}/${name}`);
};

/** Puts another claim in the place of the newest one, and takes it away again. */
const usurper: Program = async (ports) => {
  const { clock, fs } = ports;
  await clock.sleep(500);
  const claims = (await fs.readdir(DIRECTORY)).filter((entry) => entry.startsWith('gen-'));
  const path = `${DIRECTORY}/${claims.sort().at(-1)}`;
  const text = await fs.readFile(path);
  await fs.writeFile(path, claim({ nonce: 'dead000000000000' }));
  // From now on the owner sees that it is not the owner any more.
  await clock.sleep(50);
  ports.mark('own', { token: TOKEN_AHEAD });
  await clock.sleep(500);
  await fs.writeFile(path, text);
  await clock.sleep(1_000);
};

const TAKEN_OVER = scenariosOf('model/found', takenOver, {
  'lost-everything': {
    about: 'an owner is killed and all its claims are lost: its token is not granted again',
    machine: { ...state({ 'gen-1': claim({ pid: NO_PID, token: 9 }) }), busyMs: 0 },
    programs: { eraser },
    start: [foreign('eraser'), 'daemon', afterFaults('daemon', 1_000)],
  },
});

const shared = { ...found, machine: { busyMs: 0 }, invariants: SAFETY };

const HELD_LOCKS = scenariosOf('model/found', shared, {
  usurped: {
    about: 'the claim of a lock that is held is replaced, and put back: its former owner acts no more',
    programs: { insistent, usurper },
    start: [foreign('usurper'), 'insistent'],
    invariants: [sometimes('it owned', 'own'), sometimes('it was told', 'fenced')],
  },
  'held-lock': {
    about: 'a lock without a service, held for longer than any grace: a living process keeps it',
    settleMs: 8_000,
    programs: { holder: actor(12, 500, EXIT.fenced) },
    start: [times(2, 'holder'), afterFaults('holder')],
    invariants: [unsaid('challenge'), sometimes('a contender lost', 'lost')],
  },
});

export const HELD: readonly Scenario[] = [...TAKEN_OVER, ...HELD_LOCKS];
