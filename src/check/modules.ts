import { fileURLToPath } from 'node:url';
import type { Scenario } from './scenario.ts';

/** A file of scenarios that cannot be used: names the file, says what was got and what is accepted. */
export class ModuleError extends Error {
  override readonly name = 'ModuleError';
}

/**
 * Imports a module. TypeScript is left to Node where it strips types by itself; on an older Node jiti does it.
 *
 * @throws ModuleError when it cannot be imported
 */
export async function importModule(url: string): Promise<Record<string, unknown>> {
  try {
    if (/\.[cm]?ts$/.test(url) && !stripsTypes()) {
      const { createJiti } = await import('jiti');
      return await createJiti(import.meta.url, { fsCache: false }).import(fileURLToPath(url));
    }
    return await import(url);
  } catch (error) {
    throw new ModuleError(`${fileURLToPath(url)} cannot be loaded: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * The scenarios among a module's exports: each export may be one, an array of them, or (a config) an object with
 * `scenarios`. Programs and the like may be exported next to them.
 */
export function scenariosIn(module: Record<string, unknown>): Scenario[] {
  const found = new Set<Scenario>();
  for (const value of Object.values(module)) {
    for (const item of itemsOf(value)) if (isScenario(item)) found.add(item);
  }
  return [...found];
}

/** What `scenario()` has made, be it another copy of this library's. */
export function isScenario(value: unknown): value is Scenario {
  if (typeof value !== 'object' || value === null) return false;
  const { id, hash, programs, invariants } = value as Partial<Scenario>;
  return (
    typeof id === 'string' &&
    typeof hash === 'string' &&
    programs instanceof Map &&
    Array.isArray(invariants) &&
    Object.isFrozen(value)
  );
}

function itemsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  const nested = (value as { scenarios?: unknown } | null | undefined)?.scenarios;
  return Array.isArray(nested) ? nested : [value];
}

function stripsTypes(): boolean {
  return Boolean((globalThis.process.features as { typescript?: unknown }).typescript);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
