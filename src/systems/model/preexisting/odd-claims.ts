/** Claims that cannot be read, have the highest number, or are links to nowhere. */
import type { Program } from '../../../ports/index.ts';
import type { Scenario } from '../../../scenario/index.ts';
import { afterFaults, at, foreign, onChange, scenariosOf } from '../../vocabulary/index.ts';
import { DIRECTORY, TIMING } from '../setup.ts';
import { claimStands, leftAlone, takenOver } from './kinds.ts';
import { claim, DEAD, NO_PID, state } from './setup.ts';

const HIGHEST = 'gen-999999999999999';

/** Puts a claim of the highest number there, and takes it away after a while. */
const planter: Program = async ({ clock, fs }) => {
  await clock.sleep(1_000);
  await fs.writeFile(`${DIRECTORY}/${HIGHEST}`, 'not a claim');
  await clock.sleep(1_500);
  await fs.unlink(`${DIRECTORY}/${HIGHEST}`);
};

const unreadableHasItsTime = onChange('an unreadable claim gets its grace', ({ nowMs, currentClaims }) =>
  nowMs < TIMING.bootGraceMs && currentClaims.length > 0 ? `owned after ${nowMs} ms` : null,
);

const TAKEN_OVER = scenariosOf('model/found', takenOver, {
  unreadable: {
    about: 'files that are no claims: empty, torn, too long, of another shape, a directory',
    settleMs: 8_000,
    machine: state({
      'gen-1': '',
      'gen-2': DEAD.slice(0, 40),
      'gen-3': '{"kind":"owner"}',
      'gen-4': '[]',
      'gen-5': 'null',
      'gen-6': '\u0000\u001b[2J',
      'gen-7': null,
      'gen-8': claim({ token: 1.5 }),
      'gen-9': claim({ kind: 'free' }).padEnd(9_000),
    }),
    invariants: [unreadableHasItsTime],
  },
  'planted-generation': {
    about: 'a claim of the highest number appears beside an owner',
    settleMs: 5_000,
    machine: { busyMs: 0 },
    programs: { planter },
    start: [foreign('planter'), 'daemon', afterFaults('daemon', 3_000)],
  },
  'dangling-link': {
    about: 'the newest claim is a symbolic link to nowhere: its name is taken, and it cannot be read',
    settleMs: 8_000,
    machine: { ...state({ 'gen-1': DEAD }), busyMs: 0 },
    programs: { linker: ({ fs }) => fs.symlink('/nowhere', `${DIRECTORY}/gen-2`) },
    start: [foreign('linker'), at(100, 'daemon'), afterFaults('daemon')],
  },
});

/** No other number or token can come after these. */
const LAST = scenariosOf('model/found', leftAlone, {
  'last-generation': {
    about: 'a claim with the highest number that a name can have',
    machine: state({ [HIGHEST]: DEAD }),
    invariants: [claimStands],
  },
  'last-token': {
    about: 'a claim with the highest token that can be counted',
    machine: state({ 'gen-1': claim({ pid: NO_PID, token: Number.MAX_SAFE_INTEGER }) }),
    invariants: [claimStands],
  },
});

export const ODD_CLAIMS: readonly Scenario[] = [...TAKEN_OVER, ...LAST];
