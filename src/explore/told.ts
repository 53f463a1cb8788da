import {
  type Fingerprint,
  isErrno,
  type ParkedOperation,
  type SimProcess,
  StateHasher,
  type StringInterner,
} from '../sim/index.ts';

import type { Begun } from './history.ts';
import type { KeepsOnly } from './instance.ts';

/** A name for what a process has learned, once it has learned one result more. */
export function nameAfter(
  before: Fingerprint | null,
  ordinal: number,
  result: unknown,
  texts: StringInterner,
): Fingerprint {
  const digest = new StateHasher(texts);
  if (before !== null) digest.become(before);
  digest.number(ordinal);
  digest.data(isErrno(result) ? result.code : result);
  return digest.name();
}

/**
 * A name for what a process has learned when it keeps but a value of an episode: how it came to that is not told. How often it
 * went round a loop is: else one that goes round for ever would come to an end where it is for the second time.
 */
export function nameOfKept(
  { name, laps }: Begun,
  { at, over, value }: KeepsOnly,
  texts: StringInterner,
): Fingerprint {
  const digest = new StateHasher(texts);
  digest.become(name);
  // No ordinal is negative.
  digest.number(-1 - at);
  digest.number(over ? -1 : laps);
  digest.boolean(value === undefined);
  digest.data(value);
  return digest.name();
}

/** In one run of real programs, names for what its processes have learned. */
export class Told {
  /** By the numbers of the processes. */
  #names: (Fingerprint | null)[] = [];
  readonly #texts: StringInterner;

  constructor(texts: StringInterner) {
    this.#texts = texts;
  }

  nameOf({ index }: SimProcess): Fingerprint | null {
    return this.#names[index] ?? null;
  }

  learned({ process, ordinal }: ParkedOperation, result: unknown): void {
    const { index } = process;
    for (let i = this.#names.length; i <= index; i++) this.#names.push(null);
    this.#names[index] = nameAfter(this.#names[index]!, ordinal, result, this.#texts);
  }

  /** All names, for a run that comes here again. */
  remember(): readonly (Fingerprint | null)[] {
    return this.#names.slice();
  }

  recall(names: readonly (Fingerprint | null)[]): void {
    this.#names = names.slice();
  }
}
