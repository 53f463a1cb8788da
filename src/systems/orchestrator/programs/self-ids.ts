/** The ids that a server leaves out when it reports the siblings of its session. */

/**
 * `asking`: the id of the session that asks. `latest`: also the one that the server has registered under last, where the id in
 * each question counts as registered, as the source of the fix has it. `both`: every one that it has registered under.
 */
export type Filter = 'asking' | 'latest' | 'both';

export class SelfIds {
  readonly #filter: Filter;
  #registered: readonly string[] = [];

  constructor(filter: Filter) {
    this.#filter = filter;
  }

  /** To be called when the server registers, and with the id of each question: the same id again changes nothing. */
  register(id: string): void {
    if (this.#filter === 'latest') this.#registered = [id];
    else if (!this.#registered.includes(id)) this.#registered = [...this.#registered, id];
  }

  /** @param asking the session that asks */
  leavesOut(id: string, asking: string): boolean {
    return id === asking || (this.#filter !== 'asking' && this.#registered.includes(id));
  }
}
