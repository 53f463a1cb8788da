/** Claims of owners that are gone, or silent, and the files beside them. */
import { type Claim, parseClaim, temporaryPath } from '../../../model/index.ts';
import type { Program } from '../../../ports/index.ts';
import { always, eventually, type Invariant, type Scenario, sometimes } from '../../../scenario/index.ts';
import {
  afterFaults,
  FIRST_PID,
  FIRST_TICKS,
  foreign,
  neverMarked,
  noneLeft,
  onChange,
  scenariosOf,
} from '../../vocabulary/index.ts';
import { noStaleState } from '../invariants.ts';
import { DIRECTORY } from '../setup.ts';
import { takenOver } from './kinds.ts';
import { ANOTHER_USER, claim, givesAway, LATER, NO_PID, state, TOKEN_AHEAD } from './setup.ts';

const tokensGrow = onChange('tokens only grow', ({ currentClaims }) => {
  const low = currentClaims.find(({ token }) => token === null || token <= TOKEN_AHEAD);
  return low === undefined
    ? null
    : `${low.process.name} owns under token ${low.token}, not above ${TOKEN_AHEAD}`;
});

/** From the moment at which it is visible. */
const claimsAreWhole = always('every claim is whole', (world) => {
  const torn = Object.entries(world.files()).find(([path, text]) => {
    return path.startsWith(`${DIRECTORY}/gen-`) && parseClaim(text ?? '') === null;
  });
  return torn === undefined ? null : `${torn[0]} is ${JSON.stringify(torn[1])}`;
});

const stateIsUsable = neverMarked(
  'the state stays usable',
  'unusable',
  'a process has ended with an error of the file system',
);

const askedFirst = noneLeft(
  'an evicted owner is asked to end first',
  ({ exitSignal }) => exitSignal === 'SIGKILL',
  ({ name }) => `${name} was ended by SIGKILL`,
);

function filesStay(names: readonly string[]): Invariant {
  return eventually('files of others stay', (world) => {
    const files = world.files();
    const gone = names.filter((name) => !(`${DIRECTORY}/${name}` in files));
    return gone.length === 0 ? null : `gone: ${gone.join(', ')}`;
  });
}

function filesGo(names: readonly string[]): Invariant {
  return eventually('litter and old claims go', (world) => {
    const files = world.files();
    const left = names.filter((name) => `${DIRECTORY}/${name}` in files);
    return left.length === 0 ? null : `left: ${left.join(', ')}`;
  });
}

const FOREIGN_FILES = [
  'notes',
  'gen-x',
  'gen-010',
  'gen-12.bak',
  'my-gen-12',
  'tmp-12-34-zz',
  'mytmp-12-34-ab',
];
const OLD_FILES = ['gen-9', 'gen-10', 'tmp-999-34-ab', 'sock-999-34-ab'];
const WORK_OF_THE_LIVING = `tmp-${FIRST_PID}-${FIRST_TICKS}-ab`;
const WORK_OF_THE_DEAD = `tmp-${FIRST_PID}-${FIRST_TICKS - 1}-ab`;

/** A temporary file of a process that is not here: here, no process has its PID. */
function temporaryElsewhere(pid: number, place: { bootId?: string; pidNamespace?: string }): string {
  const of = { ...(JSON.parse(claim({ pid })) as Claim), ...place };
  return temporaryPath(DIRECTORY, of).slice(DIRECTORY.length + 1);
}

const IN_CONTAINER = { pidNamespace: 'pid:[2]' };
const NEW_IN_CONTAINER = temporaryElsewhere(7, IN_CONTAINER);
const OLD_IN_CONTAINER = temporaryElsewhere(8, IN_CONTAINER);
/** Its PID and its start time are those of a process that lives. */
const BEFORE_RESTART = temporaryElsewhere(FIRST_PID, { bootId: 'before' });

const starting: Program = async ({ fs }) => {
  for (const name of [NEW_IN_CONTAINER, BEFORE_RESTART]) await fs.writeFile(`${DIRECTORY}/${name}`, '');
  await fs.utimes(`${DIRECTORY}/${OLD_IN_CONTAINER}`, 0, 0);
};

export const FORMER_OWNERS: readonly Scenario[] = scenariosOf('model/found', takenOver, {
  'dead-owner': {
    about: "another user's dead owner, a clock that was put back, foreign files",
    machine: {
      ...state({
        ...Object.fromEntries(FOREIGN_FILES.map((name) => [name, 'not ours'])),
        'gen-9': claim({ pid: NO_PID, nonce: '0123456789abcdef' }),
        'gen-10': claim({ pid: NO_PID, uid: ANOTHER_USER, token: TOKEN_AHEAD }),
        'tmp-999-34-ab': '',
        'sock-999-34-ab': '',
      }),
      busyMs: 0,
    },
    programs: { giver: givesAway('gen-10') },
    start: [foreign('sleeper'), foreign('giver'), LATER],
    invariants: [tokensGrow, filesStay(FOREIGN_FILES), filesGo(OLD_FILES)],
  },
  'work-of-others': {
    about: 'files that a living process has not published yet, and those of an earlier process with its PID',
    machine: state({ [WORK_OF_THE_LIVING]: '', [WORK_OF_THE_DEAD]: '' }),
    invariants: [filesStay([WORK_OF_THE_LIVING]), filesGo([WORK_OF_THE_DEAD])],
  },
  'work-elsewhere': {
    about: 'temporary files of containers, a new one and an old one, and a new one from before a restart',
    machine: { ...state({ [OLD_IN_CONTAINER]: '' }), busyMs: 0 },
    programs: { starting },
    start: [foreign('sleeper'), foreign('starting'), LATER],
    invariants: [filesStay([NEW_IN_CONTAINER]), filesGo([OLD_IN_CONTAINER, BEFORE_RESTART])],
  },
  'silent-owner': {
    about: 'an owner that lives and does not answer, and a clock that was put back',
    settleMs: 8_000,
    machine: state({ 'gen-1': claim({ token: TOKEN_AHEAD }) }),
    start: ['sleeper', 'daemon', afterFaults('daemon')],
    invariants: [tokensGrow, askedFirst, sometimes('a former owner was evicted', 'evict')],
  },
  free: {
    about: 'a claim that was given up by a process that lives on',
    machine: state({ 'gen-3': claim({ kind: 'free' }), 'gen-2': claim() }),
    invariants: [noStaleState(DIRECTORY), claimsAreWhole, stateIsUsable],
  },
  'other-boot': {
    about: 'a claim from before a restart, whose PID and start time a foreign process has',
    machine: state({ 'gen-1': claim({ bootId: 'before' }) }),
  },
});
