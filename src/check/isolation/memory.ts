// The memory that the programs of a scenario can share: variables of modules and closures, and their values.
import { types } from 'node:util';
import * as ports from '../../ports/index.ts';
import { isScenario } from '../../scenario/arguments.ts';
import * as invariant from '../../scenario/invariant.ts';
import * as invariants from '../../scenario/invariants.ts';
import type { Scenario } from '../../scenario/options.ts';
import { scenario } from '../../scenario/scenario.ts';
import { additions } from './additions.ts';
import type { Closures, Handle, Location, Scope } from './closures.ts';
import { textOf } from './values.ts';

/** The maximum number of functions, in breadth-first order from the programs. Chosen by hand. */
const MOST_FUNCTIONS = 60;
/** The maximum number of scopes to read each time; each costs about 50 µs. */
const MOST_SCOPES = 12;
const MOST_OBJECTS = 8;
const NO_PIDS: ReadonlySet<string> = new Set();
/** Values of this package: what they refer to is not memory of the project. */
const OURS = new Set<unknown>([
  ...Object.values(ports),
  ...Object.values(invariant),
  ...Object.values(invariants),
  scenario,
]);

/** A variable, or a private field of its value. */
export interface Variable {
  readonly name: string;
  /** The location of a function that uses it; `null` for a global variable. */
  readonly location: Location | null;
  /** The scope from which it is read; undefined for private fields and global variables. */
  readonly scope?: Pick<WatchedScope, 'handle' | 'index'>;
}

/** The values of variables as text, by the names of scope and variable. */
export type Snapshot = ReadonlyMap<string, string>;

interface WatchedScope {
  readonly handle: Handle;
  /** The index of the scope among those of the function. */
  readonly index: number;
  readonly location: Location;
  readonly key: string;
}

interface WatchedObject {
  readonly handle: Handle;
  readonly location: Location;
  readonly name: string;
  readonly key: string;
}

/** The variables reachable from the programs at the time of construction. */
export class Memory {
  readonly #closures: Closures;
  readonly #scopes: WatchedScope[] = [];
  readonly #objects: WatchedObject[] = [];
  readonly #variables = new Map<string, Variable>();
  readonly #keys = new Map<string, number>();
  readonly #builtIn = builtInGlobals();

  constructor(closures: Closures, { programs }: Pick<Scenario, 'programs'>) {
    this.#closures = closures;
    const seen = new Set<unknown>(OURS);
    const queue: object[] = [...programs.values()];
    const scopes = new Map<string, Scope[]>();
    let looked = 0;
    for (const found of queue) {
      if (looked === MOST_FUNCTIONS || this.#scopes.length === MOST_SCOPES) break;
      if (seen.has(found)) continue;
      seen.add(found);
      looked++;
      this.#discover(found, scopes, queue, seen);
    }
  }

  /** The number of scopes that a snapshot reads. */
  get size(): number {
    return this.#scopes.length + this.#objects.length;
  }

  variable(key: string): Variable {
    return this.#variables.get(key)!;
  }

  /** The value of a variable; undefined for private fields and global variables. */
  valueOf(key: string): unknown {
    const { name, scope } = this.variable(key);
    return scope && this.#closures.scopesOf(scope.handle)[scope.index]?.variables[name];
  }

  /** @param pids see {@link textOf} */
  read(pids: ReadonlySet<string> = NO_PIDS): Snapshot {
    const snapshot = new Map<string, string>();
    let last: Handle | null = null;
    let scopes: Scope[] = [];
    for (const { handle, index, location, key } of this.#scopes) {
      if (handle !== last) scopes = this.#closures.scopesOf(handle);
      last = handle;
      for (const [name, value] of Object.entries(scopes[index]?.variables ?? {})) {
        const variable = { name, location, scope: { handle, index } };
        this.#note(snapshot, `${key} ${name}`, variable, textOf(value, pids));
      }
    }
    for (const { handle, location, name, key } of this.#objects) {
      for (const [field, text] of Object.entries(this.#closures.privateFieldsOf(handle))) {
        this.#note(snapshot, `${key} ${field}`, { name: `${name}.${field}`, location }, text);
      }
    }
    for (const name of Object.keys(globalThis)) {
      if (this.#builtIn.has(name)) continue;
      const value: unknown = Object.getOwnPropertyDescriptor(globalThis, name)?.value;
      this.#note(
        snapshot,
        `globalThis ${name}`,
        { name: `globalThis.${name}`, location: null },
        textOf(value, pids),
      );
    }
    for (const [name, value] of additions()) {
      this.#note(snapshot, `globalThis ${name}`, { name, location: null }, textOf(value, pids));
    }
    return snapshot;
  }

  #note(snapshot: Map<string, string>, key: string, variable: Variable, text: string): void {
    snapshot.set(key, text);
    if (!this.#variables.has(key)) this.#variables.set(key, variable);
  }

  #discover(found: object, known: Map<string, Scope[]>, queue: object[], seen: ReadonlySet<unknown>): void {
    const handle = this.#closures.handleOf(found);
    const { location, scopes } = this.#closures.functionOf(handle);
    if (location === null) return;
    for (const [index, scope] of scopes.entries()) {
      const kind = `${location.scriptId} ${scope.kind}`;
      const others = known.get(kind) ?? [];
      if (others.some((other) => isSame(scope, other))) continue;
      known.set(kind, [...others, scope]);
      if (this.#scopes.length < MOST_SCOPES) {
        this.#scopes.push({ handle, index, location, key: this.#keyOf(kind) });
      }
      for (const [name, value] of Object.entries(scope.variables)) {
        // jiti wraps each module in a proxy.
        queue.push(...functionsIn(types.isProxy(value) ? this.#closures.targetOf(value as object) : value));
        if (hasPrivateFields(value) && !seen.has(value) && this.#objects.length < MOST_OBJECTS) {
          const object = {
            handle: this.#closures.handleOf(value),
            location,
            name,
            key: this.#keyOf(`${kind} ${name}`),
          };
          this.#objects.push(object);
        }
      }
    }
  }

  /** Equal for the same function of another instance if it is discovered in the same order. */
  #keyOf(kind: string): string {
    const number = (this.#keys.get(kind) ?? 0) + 1;
    this.#keys.set(kind, number);
    return `${kind} ${number}`;
  }
}

/** Two scopes are the same if they contain the same function or object. */
function isSame(one: Scope, other: Scope): boolean {
  const names = Object.keys(one.variables);
  if (names.length !== Object.keys(other.variables).length) return false;
  return (
    names.every((name) => Object.is(one.variables[name], other.variables[name])) &&
    names.some((name) => typeof one.variables[name] === 'function' || isObject(one.variables[name]))
  );
}

/** The functions reachable from a value. */
function functionsIn(value: unknown): object[] {
  if (typeof value === 'function') return [value, ...methodsOf(value.prototype)];
  if (!isObject(value) || types.isProxy(value) || isScenario(value) || isInvariant(value)) return [];
  if (isModule(value)) {
    return Object.keys(value)
      .map((name) => exported(value, name))
      .filter((field) => typeof field === 'function') as object[];
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  return [...methodsOf(value), ...(prototype === Object.prototype ? [] : methodsOf(prototype))];
}

function methodsOf(value: unknown): object[] {
  if (!isObject(value) || types.isProxy(value)) return [];
  return Object.values(Object.getOwnPropertyDescriptors(value))
    .map((property) => property.value as unknown)
    .filter((field): field is object => typeof field === 'function');
}

/** Whether a value is a module of Node, vite or a CommonJS compiler: its exports are getters. */
function isModule(value: object): boolean {
  const own = (key: string | symbol): unknown => Object.getOwnPropertyDescriptor(value, key)?.value;
  return (
    types.isModuleNamespaceObject(value) || own(Symbol.toStringTag) === 'Module' || own('__esModule') === true
  );
}

/** Reads an export; a module that is still loading may throw. */
function exported(module: object, name: string): unknown {
  try {
    return Reflect.get(module, name);
  } catch {
    return undefined;
  }
}

/** Private fields are only visible to the inspector. */
function hasPrivateFields(value: unknown): value is object {
  if (!isObject(value) || types.isProxy(value) || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return false;
  const made: unknown = Reflect.get(prototype as object, 'constructor');
  return typeof made === 'function' && Function.prototype.toString.call(made).includes('#');
}

function isInvariant(value: object): boolean {
  const { kind, name } = value as { kind?: unknown; name?: unknown };
  return typeof name === 'string' && ['always', 'eventually', 'sometimes'].includes(kind as string);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Global variables that are functions or have getters, which are not called because they may have side effects. */
function builtInGlobals(): Set<string> {
  const names = Object.entries(Object.getOwnPropertyDescriptors(globalThis))
    .filter(([, { get, value }]) => get !== undefined || typeof value === 'function' || value === globalThis)
    .map(([name]) => name);
  return new Set(names);
}
