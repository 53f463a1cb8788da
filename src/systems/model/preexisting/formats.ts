/** Old and new versions of the protocol in one directory, and owners that are not called what they were. */
import { EXIT } from '../../../model/index.ts';
import type { Program } from '../../../ports/index.ts';
import { eventually, type Scenario, sometimes } from '../../../scenario/index.ts';
import { afterFaults, at, foreign, scenariosOf } from '../../vocabulary/index.ts';
import { SAFETY } from '../invariants.ts';
import { DIRECTORY } from '../setup.ts';
import { allEndWith, claimStands, found, leftAlone, takenOver } from './kinds.ts';
import { claim, state } from './setup.ts';

/** What a later version may write: this one cannot know its shape. */
const NEWER = '{"format":99,"holder":"a later version"}\n';
const NEWEST = `${DIRECTORY}/gen-9`;

/** A later version takes over from an owner at work. */
const successor: Program = async ({ clock, fs }) => {
  await clock.sleep(1_000);
  await fs.writeFile(NEWEST, NEWER);
};

const newestStands = eventually('the claim of the newer version is the newest', (world) => {
  const claims = Object.keys(world.files()).filter((path) => path.startsWith(`${DIRECTORY}/gen-`));
  return claims.some((path) => path > NEWEST || path.startsWith(`${DIRECTORY}/gen-1`))
    ? `there are ${claims.join(', ')}`
    : null;
});

const TAKEN_OVER = scenariosOf('model/found', takenOver, {
  'titled-owner': {
    about: 'an owner that has set its title, so that its command line is another, and does not answer',
    settleMs: 8_000,
    machine: { ...state({ 'gen-1': claim({ format: 2, command: ['daemon', '--serve'] }) }), busyMs: 0 },
    start: ['sleeper', 'daemon', afterFaults('daemon')],
    invariants: [sometimes('a former owner was evicted', 'evict')],
  },
});

const BLOCKED = scenariosOf('model/found', leftAlone, {
  'newer-claim': {
    about: 'a claim of a later version, whose shape is not known',
    settleMs: 1_000,
    machine: state({ 'gen-1': NEWER }),
    invariants: [claimStands],
  },
});

const FENCED = scenariosOf(
  'model/found',
  { ...found, machine: { busyMs: 0 } },
  {
    'newer-owner': {
      about: 'a later version takes over while an owner is at work',
      programs: { successor },
      start: [foreign('successor'), at(50, 'daemon')],
      invariants: [...SAFETY, newestStands, allEndWith('the owner is fenced', EXIT.fenced)],
    },
  },
);

export const FORMATS: readonly Scenario[] = [...TAKEN_OVER, ...BLOCKED, ...FENCED];
