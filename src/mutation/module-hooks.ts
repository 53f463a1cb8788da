// How Node finds and loads the modules of a mutant. Runs in the loader's thread too, so it imports nothing.

/** A mutant, as the loader knows it. */
export interface MutantModules {
  readonly name: string;
  /** The URLs of the module that is patched, and of all that import it: they exist once more for the mutant. */
  readonly modules: ReadonlySet<string>;
  /** The URL of the patched one. */
  readonly patched: string;
  /** JavaScript of the patched one. */
  readonly code: string;
}

const mutants = new Map<string, MutantModules>();

export function addModules(modules: MutantModules): void {
  mutants.set(modules.name, modules);
}

/** The URL of a module as a mutant has it. */
export function mutantUrl(url: string, name: string): string {
  return `${url}?mutant=${name}`;
}

/** What to look for instead of `specifier`: a source imports sources, and what is loaded are compiled modules. */
export function compiledSpecifier(specifier: string, parentUrl: string | undefined): string {
  const isSource = parentUrl !== undefined && patchedCode(parentUrl) !== null;
  return isSource && specifier.startsWith('.') ? specifier.replace(/\.ts$/, '.js') : specifier;
}

/** The URL to load instead of `url`: the modules of a mutant import each other, and share all else. */
export function sharedOrMutantUrl(url: string, parentUrl: string | undefined): string {
  const mutant = mutantOf(parentUrl);
  return mutant?.modules.has(url) ? mutantUrl(url, mutant.name) : url;
}

/** The JavaScript of a patched module; null: the URL is that of another. */
export function patchedCode(url: string): string | null {
  const mutant = mutantOf(url);
  return mutant !== undefined && url === mutantUrl(mutant.patched, mutant.name) ? mutant.code : null;
}

function mutantOf(url: string | undefined): MutantModules | undefined {
  const [, name] = /\?mutant=([^&#]+)$/.exec(url ?? '') ?? [];
  return name === undefined ? undefined : mutants.get(name);
}
