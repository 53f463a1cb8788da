import type { Episode, Episodes } from '../../ports/index.ts';
import type { SimProcess } from '../../sim/index.ts';

/** A summary that is open. */
interface OpenEpisode {
  /** The number of the next operation when it began. */
  readonly ordinal: number;
  /** Nothing else of the program was in progress so far. */
  alone: boolean;
}

/**
 * The open summaries of one program, outermost first. One counts only if nothing else of the program is in progress when it begins and
 * when it ends: otherwise its value would not cover everything that was received meanwhile.
 */
export class OpenEpisodes {
  readonly #all: OpenEpisode[] = [];

  /** @param busy whether the program waits for a result */
  begin(ordinal: number, busy: boolean): OpenEpisode {
    if (busy) this.#disturb();
    const begun = { ordinal, alone: !busy };
    this.#all.push(begun);
    return begun;
  }

  /** @returns its index, counted from the outermost, and whether it counts */
  look(begun: OpenEpisode, busy: boolean): { at: number; counts: boolean } {
    const at = this.#all.indexOf(begun);
    // Two are open side by side.
    if (at !== this.#all.length - 1) this.#disturb();
    return { at, counts: begun.alone && !busy };
  }

  /** @returns its index */
  end(begun: OpenEpisode): number {
    const at = this.#all.indexOf(begun);
    this.#all.splice(at, 1);
    return at;
  }

  #disturb(): void {
    for (const begun of this.#all) begun.alone = false;
  }
}

/** For a machine that executes programs: numbers their operations as if those in summaries had not been. */
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

/** Why a value is not plain data; `null` if it is. Objects with hidden members would seem equal although they are not. */
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
  'expected plain data (texts, finite numbers, booleans, null, arrays, objects); say what matters of it as the second argument of summarize()';

function isSimple(kept: unknown): boolean {
  if (kept === null || kept === undefined) return true;
  return typeof kept === 'string' || typeof kept === 'boolean' || Number.isFinite(kept);
}

function kindOf(kept: unknown): string {
  return typeof kept === 'object' ? `a ${kept?.constructor?.name ?? 'thing'}` : String(kept);
}
