/** The choices of a path that has been gone, for a run that is not one of the search. */
import type { Run } from '../run/index.ts';
import type { ChoiceKind, Choices } from '../sim/index.ts';
import type { Path } from './path.ts';

export class PathReplay implements Choices {
  /** Set once it has been made. */
  run: Run | null = null;
  readonly #path: Path;
  /** How many faults the search lets strike in one run: then it decides about none any more. */
  readonly #faults: number;

  constructor(path: Path, faults: number) {
    this.#path = path;
    this.#faults = faults;
  }

  choose(n: number, concern: ChoiceKind): number {
    if (concern === 'absent' || this.#path.isNew) return 0;
    if (concern === 'fault' && (this.run?.faults ?? 0) >= this.#faults) return 0;
    return this.#path.again(n);
  }
}
