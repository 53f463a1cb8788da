import type { Due, StateVisitor } from '../sim/index.ts';

/** Something that a scenario has planned for a certain time. */
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

  visit(into: StateVisitor): void {
    into.text(this.#what);
  }
}
