/** The options that `simulate` and `storm` share, as given and as understood. */
import { posix } from 'node:path';
import { type KnownOwner, OWNER_WORDS, parseOwner } from '../judge/index.ts';
import { suggesting } from '../scenario/suggestions.ts';
import { FAULT_NAMES, type FaultName } from '../sim/index.ts';
import { wrong } from './parse.ts';

/** As given on the command line. */
export interface HarassmentOptions {
  starts?: number;
  faults?: string;
  owner?: string;
  stateDir?: string;
  settle?: number;
  expect?: number;
  seed?: number;
}

/** As understood; what was not given is undefined. */
export interface Harassment {
  readonly starts: number | undefined;
  readonly faults: readonly FaultName[] | undefined;
  readonly owner: KnownOwner | undefined;
  readonly stateDir: string | undefined;
  readonly settleMs: number | undefined;
  readonly expect: number | undefined;
}

/** Other words for faults. */
const ALIASES: Readonly<Record<string, FaultName>> = {
  'torn-state': 'tear-state',
  'lost-state': 'lose-state',
};

/**
 * @param home what `~/` in a path stands for; `null`: it stays, since it is different in each round
 * @throws UsageError for values that are not accepted
 */
export function harassmentOf(
  { starts, faults, owner, stateDir, settle, expect }: HarassmentOptions,
  home: string | null,
): Harassment {
  const known = owner === undefined ? undefined : parseOwner(owner);
  if (known === null) throw wrong('--owner', owner!, OWNER_WORDS);
  if (stateDir !== undefined && !posix.isAbsolute(stateDir) && !/^~(?:\/|$)/.test(stateDir))
    throw wrong(
      '--state-dir',
      stateDir,
      'an absolute path, such as /tmp/my-daemon, or one in HOME, such as ~/state',
    );
  const at = (path: string): string => (home === null ? path : path.replace(/^~(?=\/|$)/, home));
  return {
    ...{ starts, expect, settleMs: settle },
    owner: known && ownerAt(known, at),
    stateDir: stateDir && at(stateDir),
    faults: faults === undefined ? undefined : faultsOf(faults),
  };
}

function ownerAt(owner: KnownOwner, at: (path: string) => string): KnownOwner {
  if ('isNamedIn' in owner) return { isNamedIn: at(owner.isNamedIn) };
  if ('listensOn' in owner && 'path' in owner.listensOn)
    return { listensOn: { path: at(owner.listensOn.path) } };
  return owner;
}

function faultsOf(list: string): FaultName[] {
  if (list === 'none' || list === '') return [];
  return list.split(',').map((word) => {
    const name = ALIASES[word] ?? FAULT_NAMES.find((each) => each === word);
    if (name !== undefined) return name;
    throw wrong(
      '--faults',
      word,
      `none, or some of ${FAULT_NAMES.join(', ')}${suggesting(word, FAULT_NAMES, '')}`,
    );
  });
}
