import type { Program } from '../../../ports/index.ts';
import { always, type Scenario } from '../../../scenario/index.ts';
import { DIRECTORY, TIMING } from '../setup.ts';
import { claimStands, leftAlone, takenOver } from './kinds.ts';
import { claim, DEAD, NO_PID, state } from './setup.ts';

/** Nobody can say whose they are: they have their time, and no more. */
export const UNREADABLE = takenOver({
  id: 'model/found/unreadable',
  about: 'claims that are none: empty, torn, too long, of another shape, a directory',
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
  invariants: [
    always(
      'what cannot be read has its time',
      ({ nowMs, currentClaims }) =>
        nowMs < TIMING.bootGraceMs && currentClaims.length > 0 ? `owned after ${nowMs} ms` : null,
      { when: 'change' },
    ),
  ],
});

/** Puts a claim of the highest number there, and takes it away after a while. */
const planter: Program = async ({ clock, fs }) => {
  await clock.sleep(1_000);
  await fs.writeFile(`${DIRECTORY}/gen-999999999999999`, 'not a claim');
  await clock.sleep(1_500);
  await fs.unlink(`${DIRECTORY}/gen-999999999999999`);
};

/** After them no other can come. */
export const HIGHEST_NUMBERS: readonly Scenario[] = [
  leftAlone({
    id: 'model/found/last-generation',
    about: 'a claim with the highest number that a name can bear',
    machine: state({ 'gen-999999999999999': DEAD }),
    invariants: [claimStands],
  }),
  leftAlone({
    id: 'model/found/last-token',
    about: 'a claim with the highest token that can be counted',
    machine: state({ 'gen-1': claim({ pid: NO_PID, token: Number.MAX_SAFE_INTEGER }) }),
    invariants: [claimStands],
  }),
  takenOver({
    id: 'model/found/planted-generation',
    about: 'somebody puts a claim of the highest number beside an owner',
    settleMs: 5_000,
    machine: { busyMs: 0 },
    programs: { planter },
    start: [
      { program: 'planter', foreign: true },
      { program: 'daemon' },
      { program: 'daemon', phase: 'settle', atMs: 3_000 },
    ],
  }),
];

const linker: Program = async ({ fs }) => fs.symlink('/nowhere', `${DIRECTORY}/gen-2`);

/** A name that is taken and cannot be read. */
export const DANGLING_LINK = takenOver({
  id: 'model/found/dangling-link',
  about: 'the newest claim is a symbolic link to nowhere',
  settleMs: 8_000,
  machine: { ...state({ 'gen-1': DEAD }), busyMs: 0 },
  programs: { linker },
  start: [
    { program: 'linker', foreign: true },
    { program: 'daemon', atMs: 100 },
    { program: 'daemon', phase: 'settle' },
  ],
});
