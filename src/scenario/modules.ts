import { fileURLToPath } from 'node:url';
import { withoutGuards } from '../host/index.ts';
import type { Scenario } from './options.ts';
import { placeOfError, shortPlace, stackOf } from './source-location.ts';

/** A file of scenarios that cannot be used: names the file, says what was got and what is accepted. */
export class ModuleError extends Error {
  override readonly name = 'ModuleError';
}

/**
 * Imports a module. TypeScript is left to Node where it strips types by itself; on an older Node jiti does it.
 *
 * @throws ModuleError when it cannot be imported
 */
export function importModule(url: string): Promise<Record<string, unknown>> {
  return withoutGuards(() => load(url));
}

async function load(url: string): Promise<Record<string, unknown>> {
  try {
    if (/\.[cm]?ts$/.test(url) && !stripsTypes()) {
      const { createJiti } = await import('jiti');
      return await createJiti(import.meta.url, { fsCache: false }).import(fileURLToPath(url));
    }
    return await import(url);
  } catch (error) {
    const path = fileURLToPath(url);
    const place = await placeOf(error, path);
    throw new ModuleError(`${path} cannot be loaded: ${messageOf(error)}${place}`, { cause: error });
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

/** Where in a file an error is, as far as it can be told. */
async function placeOf(error: unknown, path: string): Promise<string> {
  if (!(error instanceof Error)) return '';
  const place = placeOfError(error);
  if (place !== null && !place.includes('node_modules')) return ` (${place})`;
  // Of a mistake in the syntax Node says the place before the message.
  const before = /^(file:\/\/\/\S+?|\/\S+?):(\d+)$/m.exec(stackOf(error).replace(error.message, ''));
  if (before !== null) return ` (${shortPlace(`${before[1]}:${before[2]}:1`).replace(/:1$/, '')})`;
  return error instanceof SyntaxError ? syntaxPlaceOf(path) : '';
}

/** Node keeps to itself where a mistake in the syntax of a module is: a second loader says it. */
async function syntaxPlaceOf(path: string): Promise<string> {
  try {
    const { createJiti } = await import('jiti');
    await createJiti(import.meta.url, { fsCache: false }).import(path);
    return '';
  } catch (error) {
    const place = /^ParseError: .*\s(\S.*:\d+):\d+$/s.exec(messageOf(error));
    return place === null ? '' : ` (${place[1]})`;
  }
}

export function stripsTypes(): boolean {
  return Boolean((globalThis.process.features as { typescript?: unknown }).typescript);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
