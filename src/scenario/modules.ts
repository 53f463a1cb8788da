import { fileURLToPath } from 'node:url';
import { withoutGuards } from '../host/index.ts';
import { messageOf } from '../ports/message-of.ts';
import { isScenario } from './arguments.ts';
import type { Scenario } from './options.ts';
import { placeOfError, shortPlace, stackOf } from './source-location.ts';

/** A file of scenarios that cannot be used. The message names the file, what was got and what is accepted. */
export class ModuleError extends Error {
  override readonly name = 'ModuleError';
}

/**
 * Imports a module. TypeScript is loaded by Node if it strips types, otherwise by jiti.
 *
 * @throws ModuleError if it cannot be imported
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
 * The scenarios that a module exports: an export may be a scenario, an array of scenarios, or (a config) an object with
 * `scenarios`; the default export, which is `module.exports` of CommonJS, may be an object of these. Other exports are ignored.
 */
export function scenariosIn(module: Record<string, unknown>): Scenario[] {
  const found = new Set<Scenario>();
  const { default: main } = module;
  const inMain = typeof main === 'object' && main !== null && !isScenario(main) ? Object.values(main) : [];
  for (const value of [...Object.values(module), ...inMain]) {
    for (const item of itemsOf(value)) if (isScenario(item)) found.add(item);
  }
  return [...found];
}

function itemsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  const nested = (value as { scenarios?: unknown } | null | undefined)?.scenarios;
  return Array.isArray(nested) ? nested : [value];
}

/** Where in a file an error is, if known. */
async function placeOf(error: unknown, path: string): Promise<string> {
  if (!(error instanceof Error)) return '';
  const place = placeOfError(error);
  if (place !== null && !place.includes('node_modules')) return ` (${place})`;
  // For a syntax error, Node prints the location before the message.
  const before = /^(file:\/\/\/\S+?|\/\S+?):(\d+)$/m.exec(stackOf(error).replace(error.message, ''));
  if (before !== null) return ` (${shortPlace(`${before[1]}:${before[2]}:1`).replace(/:1$/, '')})`;
  return error instanceof SyntaxError ? syntaxPlaceOf(path) : '';
}

/** Node does not reveal the location of a syntax error in an ES module, so a second loader is used to find it. */
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
