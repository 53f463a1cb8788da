import type { Episode, Episodes } from '../ports/index.ts';
import type { SimProcess } from '../sim/index.ts';

/** An episode that has begun. */
interface OpenEpisode {
  /** Of the operation that was to be next. */
  readonly ordinal: number;
  /** So far nothing else of the program has been under way. */
  alone: boolean;
}

/**
 * The episodes of one program that have begun and not ended, the outermost first. One counts only if nothing else of the
 * program is under way when it begins and when it ends: else its result would not tell all that was learned meanwhile.
 */
export class OpenEpisodes {
  readonly #all: OpenEpisode[] = [];

  /** @param busy the program waits for some result */
  begin(ordinal: number, busy: boolean): OpenEpisode {
    if (busy) this.#disturb();
    const begun = { ordinal, alone: !busy };
    this.#all.push(begun);
    return begun;
  }

  /** @returns which it is, counted from the outermost, and whether it counts */
  look(begun: OpenEpisode, busy: boolean): { at: number; counts: boolean } {
    const at = this.#all.indexOf(begun);
    // Two side by side.
    if (at !== this.#all.length - 1) this.#disturb();
    return { at, counts: begun.alone && !busy };
  }

  /** @returns which it was */
  end(begun: OpenEpisode): number {
    const at = this.#all.indexOf(begun);
    this.#all.splice(at, 1);
    return at;
  }

  #disturb(): void {
    for (const begun of this.#all) begun.alone = false;
  }
}

/** On a machine that executes programs for real: their operations are numbered as if an episode had none. */
export class RealEpisodes implements Episodes<SimProcess> {
  readonly #open = new Map<SimProcess, OpenEpisodes>();

  begins(process: SimProcess): Episode {
    const open = this.#open.get(process) ?? new OpenEpisodes();
    this.#open.set(process, open);
    const begun = open.begin(process.asked, process.pending > 0);
    const keeps = (): void => {
      if (open.look(begun, process.pending > 0).counts) process.asked = begun.ordinal;
    };
    const fails = (): void => void open.end(begun);
    const ends = (): void => {
      keeps();
      fails();
    };
    return { keeps, ends, fails };
  }
}

/** Why that is no plain data; null: it is. What has members that cannot be seen would be taken for less than it is. */
export function whyNotPlain(kept: unknown): string | null {
  if (isSimple(kept)) return null;
  const isPlainObject = typeof kept === 'object' && Object.getPrototypeOf(kept) === Object.prototype;
  if (!isPlainObject && !Array.isArray(kept)) return `an episode keeps ${kindOf(kept)}: ${EXPECTED}`;
  for (const member of Object.values(kept as object)) {
    const why = whyNotPlain(member);
    if (why !== null) return why;
  }
  return null;
}

const EXPECTED =
  'expected plain data (texts, finite numbers, booleans, null, arrays, objects); say what matters of it as the second argument of episode()';

function isSimple(kept: unknown): boolean {
  if (kept === null || kept === undefined) return true;
  return typeof kept === 'string' || typeof kept === 'boolean' || Number.isFinite(kept);
}

function kindOf(kept: unknown): string {
  return typeof kept === 'object' ? `a ${kept?.constructor?.name ?? 'thing'}` : String(kept);
}
