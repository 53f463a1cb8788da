/**
 * Objects whose members are made when they are first used. A process uses few of the hundreds of functions of Node's modules, and to make
 * all of them for each process took half of its time.
 */

/** How to make each member, by its name: in the order in which they are listed. */
export type Members<Own> = ReadonlyMap<string, (own: Own) => unknown>;

/**
 * An object that looks as if all its members were there from the start: each is the same at every access, and can be replaced and deleted.
 *
 * @param own what the members are made from
 * @param target has members of its own, which take precedence, and its prototype
 */
export function lazyObject<Own, Target extends object>(
  members: Members<Own>,
  own: Own,
  target: Target,
): Target & Record<string, unknown> {
  return new Proxy(target, new Lazy(members, own)) as Target & Record<string, unknown>;
}

/** Asks an object for what it was made by. */
const HANDLER = Symbol('handler');

/** A member as it was before the program replaced it; of any other object, what it is now. */
export function originalMember(of: object, name: string): unknown {
  const handler = (of as { [HANDLER]?: Lazy<unknown> })[HANDLER];
  return handler === undefined ? (of as Record<string, unknown>)[name] : handler.original(of, name);
}

class Lazy<Own> implements ProxyHandler<object> {
  readonly #members: Members<Own>;
  readonly #own: Own;
  /** Members that the program has replaced, as they were before. */
  #replaced: Map<string, unknown> | null = null;
  /** All are there. */
  #isWhole = false;

  constructor(members: Members<Own>, own: Own) {
    this.#members = members;
    this.#own = own;
  }

  original(of: object, name: string): unknown {
    return this.#replaced?.has(name) ? this.#replaced.get(name) : (of as Record<string, unknown>)[name];
  }

  get(target: object, name: string | symbol, receiver: unknown): unknown {
    if (name === HANDLER) return this;
    this.#has(target, name);
    return Reflect.get(target, name, receiver);
  }

  /** Also of an assignment. */
  defineProperty(target: object, name: string | symbol, property: PropertyDescriptor): boolean {
    this.#remember(target, name);
    return Reflect.defineProperty(target, name, property);
  }

  has(target: object, name: string | symbol): boolean {
    return this.#has(target, name) || Reflect.has(target, name);
  }

  getOwnPropertyDescriptor(target: object, name: string | symbol): PropertyDescriptor | undefined {
    this.#has(target, name);
    return Reflect.getOwnPropertyDescriptor(target, name);
  }

  /** Does not make them: that happens when one is looked at. */
  ownKeys(target: object): (string | symbol)[] {
    if (this.#isWhole) return Reflect.ownKeys(target);
    return [...new Set([...Reflect.ownKeys(target), ...this.#members.keys()])];
  }

  /** Otherwise it would be made again. */
  deleteProperty(target: object, name: string | symbol): boolean {
    this.#makeAll(target);
    this.#remember(target, name);
    return Reflect.deleteProperty(target, name);
  }

  preventExtensions(target: object): boolean {
    this.#makeAll(target);
    return Reflect.preventExtensions(target);
  }

  /** Makes a member if it is not there yet. Whether there is one with this name. */
  #has(target: object, name: string | symbol): boolean {
    if (this.#isWhole || typeof name === 'symbol') return false;
    const make = this.#members.get(name);
    if (make === undefined || Object.hasOwn(target, name)) return false;
    define(target, name, make(this.#own));
    return true;
  }

  /** What is about to be replaced. */
  #remember(target: object, name: string | symbol): void {
    if (typeof name === 'symbol' || this.#replaced?.has(name)) return;
    this.#has(target, name);
    this.#replaced ??= new Map();
    this.#replaced.set(name, (target as Record<string, unknown>)[name]);
  }

  #makeAll(target: object): void {
    if (this.#isWhole) return;
    for (const name of this.#members.keys()) this.#has(target, name);
    this.#isWhole = true;
  }
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
}
