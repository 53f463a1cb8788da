import {
  type Fingerprint,
  isErrno,
  type ParkedOperation,
  type SimProcess,
  StateHasher,
  type StringInterner,
} from '../../sim/index.ts';
import type { Summarizes } from './detached-program.ts';
import type { Begun } from './memo-node.ts';

/** The fingerprint of a sequence of results, from that of the sequence without the last one. */
export function fingerprintAfter(
  before: Fingerprint | null,
  ordinal: number,
  result: unknown,
  texts: StringInterner,
): Fingerprint {
  const digest = new StateHasher(texts);
  if (before !== null) digest.fingerprint(before);
  digest.number(ordinal);
  digest.boolean(isErrno(result));
  digest.data(isErrno(result) ? result.code : result);
  return digest.name();
}

/**
 * The fingerprint after a summary: independent of how the program came to the value, but not of the number of iterations. Without
 * that, a loop without an end would seem to end where it begins for the second time.
 */
export function fingerprintOfSummary(
  { name, iterations }: Begun,
  { at, over, value }: Summarizes,
  texts: StringInterner,
): Fingerprint {
  const digest = new StateHasher(texts);
  digest.fingerprint(name);
  // Ordinals are not negative.
  digest.number(-1 - at);
  digest.number(over ? -1 : iterations);
  digest.boolean(value === undefined);
  digest.data(value);
  return digest.name();
}

/** What the processes of a run have received so far, for programs that are executed. */
export class ObservedHistories {
  /** By process number. */
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
    this.#names[index] = fingerprintAfter(this.#names[index]!, ordinal, result, this.#texts);
  }

  /** All fingerprints, for a run that is made again up to this point. */
  remember(): readonly (Fingerprint | null)[] {
    return this.#names.slice();
  }

  recall(names: readonly (Fingerprint | null)[]): void {
    this.#names = names.slice();
  }
}
