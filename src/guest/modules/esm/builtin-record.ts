/**
 * A module of Node, as ES modules see it. Its members are made when they are first used: `import { readFile } from 'node:fs'` shall not make
 * all functions of `fs` in each process. A member that the program has replaced on the module itself is, as in Node, still the original here.
 */
import { originalMember } from '../../lazy.ts';
import { type Binding, type BuiltinModule, type Namespace, newNamespace } from './record.ts';

/** What all processes have in common of a module: its names, and an object that has them. */
interface Shape {
  readonly names: ReadonlySet<string>;
  readonly target: Namespace;
}

const shapes = new Map<string, Shape>();

export class BuiltinRecord implements BuiltinModule {
  readonly kind = 'other';
  readonly id: string;
  readonly isCommonJs = false;
  readonly namespace: Namespace;
  readonly #shape: Shape;
  readonly #exports: object;
  readonly #values = new Map<string, unknown>();

  /** @param id its name, without `node:` */
  constructor(id: string, exports: object) {
    this.id = id;
    this.#exports = exports;
    this.#shape = shapeOf(id, exports);
    this.namespace = new Proxy(this.#shape.target, {
      get: (target, name) =>
        typeof name === 'string' && this.names.has(name) ? this.#value(name) : Reflect.get(target, name),
      getOwnPropertyDescriptor: (target, name) => {
        const found = Reflect.getOwnPropertyDescriptor(target, name);
        return found === undefined || typeof name !== 'string'
          ? found
          : { ...found, value: this.#value(name) };
      },
      set: () => false,
      defineProperty: () => false,
    });
  }

  get names(): ReadonlySet<string> {
    return this.#shape.names;
  }

  bindingOf(name: string): Binding | null {
    return this.names.has(name) ? { of: this, name, get: () => this.#value(name) } : null;
  }

  evaluate(): void {}

  #value(name: string): unknown {
    if (name === 'default') return this.#exports;
    if (!this.#values.has(name)) this.#values.set(name, originalMember(this.#exports, name));
    return this.#values.get(name);
  }
}

function shapeOf(id: string, exports: object): Shape {
  const known = shapes.get(id);
  if (known !== undefined) return known;
  // The members of some modules are made when they are looked at, which Object.keys would do.
  const keys = typeof exports === 'function' ? Object.keys(exports) : Reflect.ownKeys(exports);
  const names = new Set(['default', ...keys.filter((key) => typeof key === 'string')].sort());
  const target = newNamespace();
  for (const name of names)
    Object.defineProperty(target, name, { value: undefined, writable: true, enumerable: true });
  const shape = { names, target: Object.preventExtensions(target) };
  shapes.set(id, shape);
  return shape;
}
