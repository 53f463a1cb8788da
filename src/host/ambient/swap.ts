import { promisify } from 'node:util';
import { ambient, type Callable, tell } from './stepping.ts';

/** A property of Node's that is exchanged for the time of a slice of runs. */
export interface Spot {
  readonly owner: object;
  readonly key: PropertyKey;
  readonly label: string;
  readonly guard: Guard;
}

/** Makes what is there instead for the time being. Null: it stays. */
export type Guard = (before: PropertyDescriptor, label: string) => PropertyDescriptor | null;

interface Swap extends Spot {
  /** An own, writable value. It is exchanged by assignment, which is about ten times as fast as `defineProperty`. */
  readonly plain: boolean;
  /** Null: inherited. */
  readonly before: PropertyDescriptor | null;
  readonly guarded: PropertyDescriptor;
}

/** Properties that are exchanged together. */
export class Swaps {
  readonly #swaps: readonly Swap[];
  /** The property for which {@link install} returned false last. */
  failedAt: string | null = null;

  /** @param spots of two at the same property the first counts: one class may be found in two places */
  constructor(spots: readonly Spot[]) {
    const known = new Map<object, Set<PropertyKey>>();
    this.#swaps = spots.flatMap((spot) => {
      const keys = known.get(spot.owner) ?? new Set();
      known.set(spot.owner, keys);
      if (keys.has(spot.key)) return [];
      keys.add(spot.key);
      return swapOf(spot);
    });
  }

  /** False, and nothing is exchanged: something has been replaced since by other code, and the swaps must be made anew. */
  install(): boolean {
    try {
      for (const swap of this.#swaps) {
        if (exchange(swap)) continue;
        this.failedAt = swap.label;
        this.uninstall();
        return false;
      }
    } catch (error) {
      this.uninstall();
      throw error;
    }
    return true;
  }

  /** Whether they are all in place. Others replace one now and then, and so does Node, when it loads what it makes on demand. */
  get areInstalled(): boolean {
    return this.#swaps.every(
      ({ owner, key, plain, guarded }) =>
        (plain && (owner as Record<PropertyKey, unknown>)[key] === guarded.value) ||
        isSame(Object.getOwnPropertyDescriptor(owner, key), guarded),
    );
  }

  uninstall(): void {
    for (const swap of this.#swaps) {
      try {
        putBack(swap);
      } catch {
        // A program has frozen what it belongs to. Between steps the guard does what was there before.
      }
    }
  }
}

/** All guards: functions of ours. */
const guards = new WeakSet<object>();

/** False: something else is there by now. */
function exchange({ owner, key, plain, before, guarded }: Swap): boolean {
  const record = owner as Record<PropertyKey, unknown>;
  if (plain && record[key] === before!.value) {
    record[key] = guarded.value;
    return true;
  }
  const now = Object.getOwnPropertyDescriptor(owner, key);
  // A proxy and its target are two owners of one property.
  if (isGuard(now)) return true;
  if (plain || !isSame(now, before)) return false;
  Object.defineProperty(owner, key, guarded);
  return true;
}

function isGuard(descriptor: PropertyDescriptor | undefined): boolean {
  const held: unknown = descriptor?.value ?? descriptor?.get;
  return typeof held === 'function' && guards.has(held);
}

/** What a program has put there in the meantime stays, as it does without a guard. */
function putBack({ owner, key, plain, before, guarded }: Swap): void {
  const record = owner as Record<PropertyKey, unknown>;
  if (plain && record[key] === guarded.value) {
    record[key] = before!.value;
    return;
  }
  if (!isSame(Object.getOwnPropertyDescriptor(owner, key), guarded)) return;
  if (before === null) Reflect.deleteProperty(owner, key);
  else Object.defineProperty(owner, key, before);
}

function isSame(now: PropertyDescriptor | undefined, then: PropertyDescriptor | null): boolean {
  return now?.value === then?.value && now?.get === then?.get;
}

function swapOf(spot: Spot): Swap[] {
  const { owner, key, label, guard } = spot;
  const before = Object.getOwnPropertyDescriptor(owner, key) ?? null;
  if (before === null ? !Object.isExtensible(owner) : before.configurable === false) return [];
  const value: unknown = (before ?? inherited(owner, key))?.value;
  if (value === undefined && before?.get === undefined) return [];
  const guarded = guard(before ?? { value, writable: true, configurable: true, enumerable: true }, label);
  if (guarded === null) return [];
  const made: unknown = guarded.value ?? guarded.get;
  if (typeof made === 'function') guards.add(made);
  // A proxy may show something else than it holds: a console that adds a time, for example.
  const isShown = () => (owner as Record<PropertyKey, unknown>)[key] === before!.value;
  const plain = (before?.writable ?? false) && 'value' in guarded && isShown();
  return [{ ...spot, plain, before, guarded }];
}

function inherited(owner: object, key: PropertyKey): PropertyDescriptor | undefined {
  const above: object | null = Object.getPrototypeOf(owner);
  return above === null ? undefined : (Object.getOwnPropertyDescriptor(above, key) ?? inherited(above, key));
}

/** A call of it ends the run: see {@link tell}. Also the reading of what is no function, such as a PID. */
export function caught(instead: string): Guard {
  return ({ value, get, set, ...rest }, label) => {
    if (typeof value === 'function') return { ...rest, value: caughtCall(label, value as Callable, instead) };
    let known: unknown;
    let shown: unknown;
    function guard(this: unknown): unknown {
      const original = get === undefined ? value : get.call(this);
      if (typeof original === 'function') {
        // What Node loads when it is first asked for.
        if (original !== known) shown = caughtCall(label, original as Callable, instead);
        known = original;
        return shown;
      }
      if (ambient.stepping) tell(label, guard, instead);
      return original;
    }
    const { writable = false, ...others } = rest;
    function assigned(this: unknown, given: unknown): void {
      if (ambient.stepping) tell(label, assigned, instead);
      if (set === undefined) value = given;
      else set.call(this, given);
    }
    return { ...others, get: guard, ...((writable || set !== undefined) && { set: assigned }) };
  };
}

function caughtCall(label: string, original: Callable, instead: string): Callable {
  function guard(this: unknown, ...args: unknown[]): unknown {
    if (ambient.stepping) tell(label, guard, instead);
    if (new.target === undefined) return Reflect.apply(original, this, args);
    return Reflect.construct(original, args, new.target === (guard as unknown) ? original : new.target);
  }
  // Also what hangs on it: its name, its prototype, its promisified form.
  const hanging: Record<PropertyKey, PropertyDescriptor> = Object.getOwnPropertyDescriptors(original);
  for (const key of ['native', 'bigint', 'rss', promisify.custom] as const) {
    const value: unknown = hanging[key]?.value;
    if (typeof value !== 'function') continue;
    // A promisified form is its own promisified form.
    if (value === original) {
      hanging[key] = { ...hanging[key], value: guard };
      continue;
    }
    const name = typeof key === 'symbol' ? label : `${label}.${key}`;
    hanging[key] = { ...hanging[key], value: caughtCall(name, value as Callable, instead) };
  }
  Object.defineProperties(guard, hanging);
  return guard;
}

/** In a step, a call gives what `simulated` gives; `new` is as before. */
export function simulatedCall(
  simulated: (self: unknown, args: readonly unknown[], original: Callable) => unknown,
): Guard {
  return ({ value, ...rest }) => {
    if (typeof value !== 'function') return null;
    const original = value as Callable;
    function guard(this: unknown, ...args: unknown[]): unknown {
      return ambient.stepping ? simulated(this, args, original) : Reflect.apply(original, this, args);
    }
    Object.defineProperties(guard, Object.getOwnPropertyDescriptors(original));
    return { ...rest, value: guard };
  };
}

/** The same guard for the same function, wherever it is found: `x.constructor === X` stays true. */
export function oneForEach(make: (original: Callable, label: string) => Callable): Guard {
  const made = new WeakMap<Callable, Callable>();
  return ({ value, ...rest }, label) => {
    if (typeof value !== 'function') return null;
    const original = value as Callable;
    const guard = made.get(original) ?? make(original, label);
    made.set(original, guard);
    return { ...rest, value: guard };
  };
}

/** A class, where it is found and as the constructor of its objects. */
export function classSpots(owner: unknown, of: string, key: string, guard: Guard): Spot[] {
  const found: unknown = (owner as Record<string, unknown> | undefined)?.[key];
  const prototype: unknown = typeof found === 'function' ? found.prototype : null;
  return [...spotsIn(owner, of, [key], guard), ...spotsIn(prototype, key, ['constructor'], guard)];
}

/** In a step, `new` makes what `simulated` makes, with the arguments that it has chosen; also a call, where one constructs. */
export function simulatedClass(
  simulated: (args: readonly unknown[], label: string, from: Callable) => readonly unknown[],
): Guard {
  return oneForEach((original, label) => {
    function guard(this: unknown, ...given: unknown[]): unknown {
      const args = ambient.stepping ? simulated(given, label, guard) : given;
      if (new.target === undefined) return Reflect.apply(original, this, args);
      return Reflect.construct(original, args, new.target === (guard as unknown) ? original : new.target);
    }
    Object.defineProperties(guard, Object.getOwnPropertyDescriptors(original));
    return guard as Callable;
  });
}

/** In a step, reading the property gives what `simulated` gives. */
export function simulatedValue(simulated: () => unknown): Guard {
  return ({ value, get, set, writable: _, ...rest }) => {
    function guard(this: unknown): unknown {
      if (ambient.stepping) return simulated();
      return get === undefined ? value : get.call(this);
    }
    return { ...rest, get: guard, ...(set !== undefined && { set }) };
  };
}

/** The same for all processes. Held for the whole slice, so that `import { platform } from 'node:process'` has it too. */
export function constant(simulated: unknown): Guard {
  return ({ enumerable }) => ({
    value: simulated,
    enumerable: enumerable ?? true,
    writable: true,
    configurable: true,
  });
}

export function spotsIn(owner: unknown, of: string, keys: readonly PropertyKey[], guard: Guard): Spot[] {
  if ((typeof owner !== 'object' && typeof owner !== 'function') || owner === null) return [];
  const join = of === '' ? '' : of.startsWith('node:') ? ' ' : '.';
  return keys.map((key) => ({ owner, key, label: `${of}${join}${String(key)}`, guard }));
}
