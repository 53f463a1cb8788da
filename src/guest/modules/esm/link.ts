/** Which module declares each name that is imported: looked up before any code of the modules runs. */

import { type Binding, EsmRecord, fillNamespace, type ModuleRecord } from './record.ts';
import { partsOf } from './resolve-import.ts';
import type { Requested } from './transform.ts';

/** Several modules export a name that a module passes on by `export *`. */
const AMBIGUOUS = Symbol('ambiguous');

/** @param records new ones, whose code has been instantiated @throws SyntaxError if a name is not exported */
export function link(records: readonly EsmRecord[]): void {
  for (const record of records) {
    const names = [...namesOf(record, new Set())];
    const bindings = names.map((name) => [name, resolve(record, name, [])] as const);
    fillNamespace(
      record.namespace,
      bindings.flatMap(([name, found]) => (found === null || found === AMBIGUOUS ? [] : [[name, found.get]])),
    );
  }
  for (const record of records) {
    const { imports, requests } = record.source.code;
    for (const { from, name } of imports) {
      if (name === null) continue;
      const dependency = record.dependencies[from]!;
      const found = resolve(dependency, name, []);
      if (found === null || found === AMBIGUOUS)
        throw notExported(requests[from]!, dependency, name, found !== null);
    }
  }
}

function namesOf(record: ModuleRecord, seen: Set<ModuleRecord>): Set<string> {
  if (record.kind === 'other') return new Set(record.names);
  if (seen.has(record)) return new Set();
  seen.add(record);
  const { locals, indirect, stars } = record.source.code;
  const names = new Set([...locals, ...indirect.keys()]);
  for (const star of stars)
    for (const name of namesOf(record.dependencies[star]!, seen)) if (name !== 'default') names.add(name);
  return names;
}

function resolve(
  record: ModuleRecord,
  name: string,
  seen: readonly (readonly [ModuleRecord, string])[],
): Binding | typeof AMBIGUOUS | null {
  if (!(record instanceof EsmRecord)) return record.bindingOf(name);
  if (seen.some(([of, known]) => of === record && known === name)) return null;
  const inner = [...seen, [record, name] as const];
  const { locals, indirect, stars } = record.source.code;
  if (locals.has(name)) return { of: record, name, get: record.getters[name]! };
  const passed = indirect.get(name);
  if (passed !== undefined) {
    const from = record.dependencies[passed.from]!;
    if (passed.name === null) return { of: from, name: null, get: () => from.namespace };
    return resolve(from, passed.name, inner);
  }
  if (name === 'default') return null;
  let found: Binding | null = null;
  for (const star of stars) {
    const next = resolve(record.dependencies[star]!, name, inner);
    if (next === AMBIGUOUS) return AMBIGUOUS;
    if (next === null) continue;
    if (found !== null && (found.of !== next.of || found.name !== next.name)) return AMBIGUOUS;
    found ??= next;
  }
  return found;
}

function notExported(
  { specifier }: Requested,
  dependency: ModuleRecord,
  name: string,
  isAmbiguous: boolean,
): SyntaxError {
  if (isAmbiguous)
    return new SyntaxError(
      `The requested module '${specifier}' contains conflicting star exports for name '${name}'`,
    );
  if (dependency.kind === 'other' && dependency.isCommonJs)
    return new SyntaxError(
      `Named export '${name}' not found. The requested module '${specifier}' is a CommonJS module, which may not support all module.exports as named exports.
CommonJS modules can always be imported via the default export, for example using:

import pkg from '${specifier}';
const { ${name} } = pkg;
`,
    );
  const { path } = partsOf(dependency.id);
  return new SyntaxError(
    `The requested module '${specifier}' does not provide an export named '${name}'${specifier.startsWith('.') ? '' : ` (${path})`}`,
  );
}
