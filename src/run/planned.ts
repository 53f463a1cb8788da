import type { Due, StateHasher } from '../sim/index.ts';

/** Something that the script of a scenario plans for a time. */
export class Planned implements Due {
  readonly #what: string;
  readonly #happen: () => void;

  constructor(what: string, happen: () => void) {
    this.#what = what;
    this.#happen = happen;
  }

  fire(): void {
    this.#happen();
  }

  digest(digest: StateHasher): void {
    digest.text(this.#what);
  }
}
