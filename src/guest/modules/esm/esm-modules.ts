/** The ES modules of one process: loads a graph of them, links it, runs it. */
import { dirname } from 'node:path';
import { exportNamesOf } from '../export-names.ts';
import { isFile } from '../resolve.ts';
import { type EsmSource, sourceOf } from '../source.ts';
import { BuiltinRecord } from './builtin-record.ts';
import { evaluate, isAsync } from './evaluate.ts';
import { link } from './link.ts';
import { EsmRecord, fillNamespace, type ModuleRecord, type Namespace, OtherRecord } from './record.ts';
import { partsOf, resolveImport, resolveUrl, urlOf } from './resolve-import.ts';
import type { Requested } from './transform.ts';

/** The rest of the process. */
export interface Surroundings {
  /** In the order of GLOBAL_PARAMETERS. */
  readonly globals: readonly unknown[];
  /** A built-in module, by its name without `node:`. */
  builtin(name: string): unknown;
  /** Runs a file of CommonJS, unless it has run. @returns its `module.exports` */
  requireFile(filename: string): unknown;
  /** One turn of the event loop, which keeps the process alive. */
  turn(then: () => void): void;
}

export class EsmModules {
  readonly #around: Surroundings;
  readonly #records = new Map<string, ModuleRecord>();

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** Runs a module and what it imports. @returns a promise if one of them awaits at its top */
  run(id: string): Promise<void> | undefined {
    return evaluate(this.#loaded(id));
  }

  /** `import()` in a module. As Node reads files meanwhile, it takes a turn of the event loop unless the module is there. */
  readonly import = (from: string, specifier: unknown, options?: unknown): Promise<Namespace> =>
    new Promise((resolve, reject) => {
      const go = (id: string): void => {
        try {
          const record = this.#loaded(id);
          const ready = evaluate(record);
          if (ready === undefined) resolve(record.namespace);
          else ready.then(() => resolve(record.namespace), reject);
        } catch (error) {
          reject(error);
        }
      };
      try {
        const attributes = (options as { with?: Requested['attributes'] } | undefined)?.with ?? {};
        const id = resolveImport(String(specifier), from);
        checkType(id, attributes);
        if (this.#records.has(id)) go(id);
        else this.#around.turn(() => go(id));
      } catch (error) {
        reject(error);
      }
    });

  /** `require` of an ES module. @throws Error if it awaits at its top, or is running */
  require(id: string, from: string): unknown {
    const record = this.#loaded(id) as EsmRecord;
    if (record.status === 'evaluating')
      throw coded(
        new Error(
          `Cannot require() ES Module ${id} in a cycle. A cycle involving require(esm) is disallowed`,
        ),
        'ERR_REQUIRE_CYCLE_MODULE',
      );
    if (isAsync(record))
      throw coded(
        new Error(
          `require() cannot be used on an ESM graph with top-level await. Use import() instead.\n  From ${from} \n  Requiring ${id} `,
        ),
        'ERR_REQUIRE_ASYNC_MODULE',
      );
    evaluate(record);
    const { namespace } = record;
    if (Object.hasOwn(namespace, 'module.exports')) return namespace['module.exports'];
    return Object.hasOwn(namespace, 'default') && !Object.hasOwn(namespace, '__esModule')
      ? marked(namespace)
      : namespace;
  }

  /** With all that it imports, linked. If that fails, nothing of it is kept. */
  #loaded(id: string): ModuleRecord {
    const added: ModuleRecord[] = [];
    try {
      const record = this.#record(id, added);
      const modules = added.filter((each) => each instanceof EsmRecord);
      for (const each of modules) this.#instantiate(each);
      link(modules);
      for (const each of modules) each.status = 'linked';
      return record;
    } catch (error) {
      for (const each of added) this.#records.delete(each.id);
      throw error;
    }
  }

  #record(id: string, added: ModuleRecord[]): ModuleRecord {
    const known = this.#records.get(id);
    if (known !== undefined) return known;
    const record = this.#newRecord(id);
    this.#records.set(id, record);
    added.push(record);
    if (record instanceof EsmRecord) {
      record.dependencies = record.source.code.requests.map(({ specifier, attributes }) => {
        const to = resolveImport(specifier, id);
        checkType(to, attributes);
        return this.#record(to, added);
      });
    }
    return record;
  }

  #newRecord(id: string): ModuleRecord {
    if (!hasSource(id)) return new BuiltinRecord(id, this.#around.builtin(id) as object);
    const { path } = partsOf(id);
    const source = sourceOf(path);
    switch (source.kind) {
      case 'module':
        return new EsmRecord(id, source);
      case 'json':
        return new OtherRecord(id, [], false, () => JSON.parse(source.text));
      case 'commonjs':
        return new OtherRecord(id, exportNamesOf(path), true, () => this.#around.requireFile(path));
    }
  }

  /** Its functions exist now, as other modules may call them before it runs; its code has not run. */
  #instantiate(record: EsmRecord): void {
    let ready!: () => void;
    const { run, code } = record.source as EsmSource;
    const body = run(...this.#around.globals).call(
      undefined,
      (getters: EsmRecord['getters']) => {
        record.getters = getters;
      },
      code.awaits ? new Promise<void>((resolve) => (ready = resolve)) : undefined,
      (specifier: unknown, options: unknown) => this.import(record.id, specifier, options),
      metaOf(record.id),
      (called: unknown) => called,
      ...record.dependencies.map(({ namespace }) => namespace),
    );
    if (code.awaits) {
      record.execute = () => {
        ready();
        return body as Promise<unknown>;
      };
      return;
    }
    const generator = body as Generator;
    generator.next();
    record.execute = () => {
      generator.next();
      return undefined;
    };
  }
}

/** Not a module of Node. */
function hasSource(id: string): boolean {
  return isFile(id) || id.startsWith('data:');
}

/** JSON needs `with { type: 'json' }`. */
function checkType(id: string, { type }: Requested['attributes']): void {
  const isJson = hasSource(id) && sourceOf(partsOf(id).path).kind === 'json';
  if (isJson === (type === 'json')) return;
  throw isJson
    ? coded(
        new TypeError(`Module "${urlOf(id)}" needs an import attribute of type "json"`),
        'ERR_IMPORT_ASSERTION_TYPE_MISSING',
      )
    : coded(
        new TypeError(`Module "${urlOf(id)}" is not of type "${type}"`),
        'ERR_IMPORT_ASSERTION_TYPE_FAILED',
      );
}

/** `import.meta`. */
function metaOf(id: string): object {
  const { path } = partsOf(id);
  return Object.assign(Object.create(null), isFile(id) && { dirname: dirname(path), filename: path }, {
    resolve: (specifier: unknown) => resolveUrl(String(specifier), id),
    url: urlOf(id),
  });
}

/** As Node does it, for code that was compiled from ES modules. */
function marked(namespace: Namespace): Namespace {
  const copy: Namespace = Object.create(null);
  const getters = Object.keys(namespace).map((name) => [name, () => namespace[name]] as const);
  fillNamespace(Object.defineProperty(copy, Symbol.toStringTag, { value: 'Module' }), [
    ...getters,
    ['__esModule', () => true],
  ]);
  return copy;
}

function coded<E extends Error>(error: E, code: string): E {
  return Object.assign(error, { code });
}
