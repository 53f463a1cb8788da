import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { GuardError, importsOf, withImports, without } from './edit.ts';
import type { Guard } from './guard.ts';

/** The compiled modules: those of this very package. */
const ROOT = new URL('..', import.meta.url);

export interface Folder {
  readonly path: string;
  remove(): void;
}

/** A folder for {@link PatchedModules}. The caller removes it; at the end of the process it is removed in any case. */
export function makeFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'one-survivor-mutants-'));
  writeFileSync(join(path, 'package.json'), '{ "type": "module" }\n');
  const remove = (): void => {
    process.off('exit', remove);
    rmSync(path, { recursive: true, force: true });
  };
  process.once('exit', remove);
  return { path, remove };
}

/**
 * The protocol without a guard: copies of the module that has it, and of all modules between it and the scenarios of a
 * system. They have paths, and with them a state, of their own. Every other module is the one that is loaded already, so
 * what simulates and searches is never changed.
 */
export class PatchedModules {
  readonly #folder: string;
  readonly #codes = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws GuardError when a guard does not fit the code */
  check(guard: Guard): void {
    without(guard, this.#codeOf(`${guard.module}.js`));
  }

  /**
   * @returns the module that exports a scenario, without the guard
   * @throws GuardError when the guard does not fit the code, or the scenario does not use it
   */
  urlFor(guard: Guard, scenarioId: string): string {
    const entry = `systems/${scenarioId.split('/')[0]}/scenarios.js`;
    const edited = `${guard.module}.js`;
    const copied = this.#between(entry, edited);
    if (!copied.has(entry)) {
      throw new GuardError(`${scenarioId} cannot notice ${guard.name}: it does not use ${guard.module}`);
    }
    for (const module of copied) {
      const code = this.#codeOf(module);
      const path = this.#pathOf(guard, module);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, this.#lead(module, module === edited ? without(guard, code) : code, copied));
    }
    return pathToFileURL(this.#pathOf(guard, entry)).href;
  }

  /** From one copy to the next, and from there to the modules as they are. */
  #lead(module: string, code: string, copied: ReadonlySet<string>): string {
    return withImports(code, (specifier) => {
      if (!specifier.startsWith('.')) return import.meta.resolve(specifier);
      const to = from(module, specifier);
      return copied.has(to) ? specifier : new URL(to, ROOT).href;
    });
  }

  #pathOf({ name }: Guard, module: string): string {
    return join(this.#folder, name, module);
  }

  /** The modules that an entry needs and that need another, both included. */
  #between(entry: string, needed: string): Set<string> {
    const neededBy = new Map<string, string[]>();
    const seen = new Set([entry]);
    for (const module of seen) {
      for (const specifier of importsOf(this.#codeOf(module))) {
        if (!specifier.startsWith('.')) continue;
        const to = from(module, specifier);
        neededBy.set(to, [...(neededBy.get(to) ?? []), module]);
        seen.add(to);
      }
    }
    const between = new Set([needed]);
    for (const module of between) for (const by of neededBy.get(module) ?? []) between.add(by);
    return between;
  }

  #codeOf(module: string): string {
    const known = this.#codes.get(module);
    if (known !== undefined) return known;
    const code = readFileSync(new URL(module, ROOT), 'utf8');
    this.#codes.set(module, code);
    return code;
  }
}

function from(module: string, specifier: string): string {
  return posix.join(posix.dirname(module), specifier);
}
