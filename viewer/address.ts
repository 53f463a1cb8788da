/** The address of the page, which follows what is selected. */

/** The address follows after this time without a change. */
const SETTLED_MS = 250;

export class Address {
  readonly #hash: () => string;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #written = '';

  /** @param hash the address of what is shown now, from its `#` on */
  constructor(hash: () => string) {
    this.#hash = hash;
  }

  /** Whether the address is another one than what was written last: a link was followed. */
  get isAsked(): boolean {
    return location.hash !== this.#written;
  }

  follow(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#written = this.#hash();
      if (location.hash !== this.#written) history.replaceState(null, '', this.#written);
    }, SETTLED_MS);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
