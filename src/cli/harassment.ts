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

/** @throws UsageError for values that are not accepted */
export function harassmentOf({
  starts,
  faults,
  owner,
  stateDir,
  settle,
  expect,
}: HarassmentOptions): Harassment {
  const known = owner === undefined ? undefined : parseOwner(owner);
  if (known === null) throw wrong('--owner', owner!, OWNER_WORDS);
  if (stateDir !== undefined && !posix.isAbsolute(stateDir))
    throw wrong('--state-dir', stateDir, 'an absolute path, such as /tmp/my-daemon');
  return {
    ...{ starts, stateDir, expect, owner: known, settleMs: settle },
    faults: faults === undefined ? undefined : faultsOf(faults),
  };
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
