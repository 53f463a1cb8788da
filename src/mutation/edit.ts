import type { Guard } from './guard.ts';

/** The list of guards and the code are out of step. */
export class GuardError extends Error {
  override readonly name = 'GuardError';
}

/**
 * The code of a module without a guard.
 *
 * @throws GuardError unless the guard's code is there exactly once
 */
export function without({ name, module, from, to }: Guard, code: string): string {
  const words = from.trim().split(/\s+/).map(literally);
  const places = [...code.matchAll(new RegExp(words.join('\\s+'), 'g'))];
  const [place] = places;
  if (place === undefined || places.length > 1) {
    throw new GuardError(
      `the guard ${name} is ${places.length} times in ${module}, instead of once: ${JSON.stringify(from)}`,
    );
  }
  return code.slice(0, place.index) + to + code.slice(place.index + place[0].length);
}

/** What a compiled module imports, static imports and exports alike. */
export function importsOf(code: string): string[] {
  return [...code.matchAll(IMPORT)].map(([, , specifier]) => specifier!);
}

/** The code with its imports led elsewhere. */
export function withImports(code: string, lead: (specifier: string) => string): string {
  return code.replace(
    IMPORT,
    (_, before: string, specifier: string) => `${before}${JSON.stringify(lead(specifier))}`,
  );
}

/** As the compiler writes them: at the beginning of a line, in single or double quotes. */
const IMPORT = /^((?:import|export)\s(?:[^'"();=]*?\sfrom\s)?\s*)['"]([^'"]+)['"]/gm;

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
