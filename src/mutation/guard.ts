/** A guard of the protocol, and what its code is without it. */
export interface Guard {
  /** The module and the sentence, as a word for the command line: `identity/a-zombie-is-gone`. */
  readonly name: string;
  /** What the guard sees to, in one sentence. */
  readonly about: string;
  /** Below the root of the sources, without its ending: `model/identity`. */
  readonly module: string;
  /**
   * The code that goes, once in its module, and what comes in its place. It is looked for in the compiled code, so it bears
   * no types; how it is broken into lines does not matter.
   */
  readonly from: string;
  readonly to: string;
  /** The scenarios that are violated without it, in the order in which they are tried. */
  readonly noticedBy: readonly [string, ...string[]];
}

export interface Described {
  readonly guard: string;
  readonly from: string;
  readonly to: string;
  readonly noticedBy: string | readonly [string, ...string[]];
}

/** The guards of one module. */
export function guardsOf(module: string, described: readonly Described[]): Guard[] {
  const prefix = module.slice(module.lastIndexOf('/') + 1);
  return described.map(({ guard, from, to, noticedBy }) => ({
    name: `${prefix}/${slugOf(guard)}`,
    about: guard,
    module,
    from,
    to,
    noticedBy: typeof noticedBy === 'string' ? [noticedBy] : noticedBy,
  }));
}

function slugOf(sentence: string): string {
  return sentence
    .toLowerCase()
    .replaceAll("'", '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
