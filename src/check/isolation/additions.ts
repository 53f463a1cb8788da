// Properties that programs add to built-in objects: non-enumerable ones of globalThis, of prototypes, of Math and so on.

/** Each built-in object by name, with the properties that it had when this module was loaded. */
const BUILT_IN: readonly (readonly [name: string, owner: object, known: ReadonlySet<PropertyKey>])[] =
  builtInObjects().map(([name, owner]) => [name, owner, new Set(Reflect.ownKeys(owner))]);

/** The added properties by name. Excludes properties of methods of built-in objects, such as `JSON.stringify.busy`. */
export function additions(): [name: string, value: unknown][] {
  const found: [string, unknown][] = [];
  for (const [name, owner, known] of BUILT_IN) {
    const keys = Reflect.ownKeys(owner);
    if (keys.length === known.size && owner !== globalThis) continue;
    for (const key of keys) {
      if (known.has(key)) continue;
      const { value, enumerable } = Object.getOwnPropertyDescriptor(owner, key) ?? {};
      // Enumerable global variables are read by Memory.
      if (owner === globalThis && enumerable && typeof key === 'string') continue;
      // During guarded runs, some inherited properties are replaced by own ones.
      if (value === undefined || inherits(owner, key)) continue;
      found.push([typeof key === 'symbol' ? `${name}[${String(key)}]` : `${name}.${key}`, value]);
    }
  }
  return found;
}

function inherits(owner: object, key: PropertyKey): boolean {
  const parent: unknown = Object.getPrototypeOf(owner);
  return parent !== null && Reflect.has(parent as object, key);
}

function builtInObjects(): [string, object][] {
  const found = new Map<object, string>([[globalThis, 'globalThis']]);
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(globalThis))) {
    if (!isOwner(value) || found.has(value)) continue;
    found.set(value, name);
    const prototype: unknown = typeof value === 'function' ? value.prototype : null;
    if (isOwner(prototype) && !found.has(prototype)) found.set(prototype, `${name}.prototype`);
  }
  for (const name of ['process', 'console'] as const) found.set(globalThis[name], name);
  return [...found].map(([owner, name]) => [name, owner]);
}

function isOwner(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
