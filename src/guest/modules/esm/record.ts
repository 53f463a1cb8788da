/** The modules of one process, as its ES modules see them. */
import type { EsmSource } from '../source.ts';

/** An exported name: how to read it, and what identifies it. */
export interface Binding {
  readonly of: ModuleRecord;
  /** `null`: the whole namespace. */
  readonly name: string | null;
  readonly get: () => unknown;
}

export type ModuleRecord = EsmRecord | OtherRecord | BuiltinModule;
/** A module of Node. */
export type BuiltinModule = Pick<
  OtherRecord,
  'kind' | 'id' | 'names' | 'namespace' | 'isCommonJs' | 'bindingOf' | 'evaluate'
>;
export type Namespace = Record<string, unknown>;

/** An ES module. The fields of its evaluation are those of the specification of ECMAScript. */
export class EsmRecord {
  readonly kind = 'module';
  readonly id: string;
  readonly source: EsmSource;
  readonly namespace: Namespace = newNamespace();
  /** In the order of the requests of its source. */
  dependencies: ModuleRecord[] = [];
  /** How its own exports are read. */
  getters: Readonly<Record<string, () => unknown>> = {};
  status: 'new' | 'linked' | 'evaluating' | 'evaluating-async' | 'evaluated' = 'new';
  error: { readonly thrown: unknown } | null = null;
  /** Runs its code. */
  execute!: () => Promise<unknown> | undefined;
  index = 0;
  ancestor = 0;
  cycleRoot: EsmRecord = this;
  pendingDependencies = 0;
  asyncOrder: number | 'done' | null = null;
  asyncParents: EsmRecord[] = [];
  /** Of those who wait until it is evaluated. */
  settled: { readonly promise: Promise<void>; resolve(): void; reject(error: unknown): void } | null = null;

  constructor(id: string, source: EsmSource) {
    this.id = id;
    this.source = source;
  }
}

/** A module of CommonJS or JSON: its names are known before it runs, and have their values afterwards. */
export class OtherRecord {
  readonly kind = 'other';
  readonly id: string;
  readonly names: ReadonlySet<string>;
  readonly namespace: Namespace = newNamespace();
  readonly isCommonJs: boolean;
  readonly #load: () => unknown;
  readonly #values = new Map<string, unknown>();
  #isLoaded = false;

  /** @param load its `module.exports` */
  constructor(id: string, names: Iterable<string>, isCommonJs: boolean, load: () => unknown) {
    this.id = id;
    this.names = new Set(['default', ...names]);
    this.isCommonJs = isCommonJs;
    this.#load = load;
    fillNamespace(
      this.namespace,
      [...this.names].map((name) => [name, () => this.#values.get(name)]),
    );
  }

  bindingOf(name: string): Binding | null {
    return this.names.has(name) ? { of: this, name, get: () => this.#values.get(name) } : null;
  }

  evaluate(): void {
    if (this.#isLoaded) return;
    const exports = this.#load();
    this.#isLoaded = true;
    for (const name of this.names) {
      if (name === 'default') this.#values.set(name, exports);
      else if (exports !== null && (typeof exports === 'object' || typeof exports === 'function'))
        this.#values.set(name, (exports as Record<string, unknown>)[name]);
    }
  }
}

export function newNamespace(): Namespace {
  return Object.defineProperty(Object.create(null), Symbol.toStringTag, { value: 'Module' });
}

/** In alphabetical order; nothing can be added or changed afterwards. */
export function fillNamespace(
  namespace: Namespace,
  getters: readonly (readonly [string, () => unknown])[],
): void {
  for (const [name, get] of [...getters].sort(([a], [b]) => (a < b ? -1 : 1)))
    Object.defineProperty(namespace, name, { get, enumerable: true, configurable: false });
  Object.preventExtensions(namespace);
}
