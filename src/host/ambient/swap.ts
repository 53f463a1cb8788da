/** Replaces properties of Node during a slice of runs, and puts the originals back. */

/** A property of Node that is replaced during a slice of runs. */
export interface Spot {
  readonly owner: object;
  readonly key: PropertyKey;
  readonly label: string;
  readonly guard: Guard;
}

/** Makes the replacement of a property; `null` to keep the original. */
export type Guard = (before: PropertyDescriptor, label: string) => PropertyDescriptor | null;

interface Swap extends Spot {
  /** An own, writable value: replaced by assignment, which is about ten times as fast as `defineProperty`. */
  readonly plain: boolean;
  /** `null` if inherited. */
  readonly before: PropertyDescriptor | null;
  readonly guarded: PropertyDescriptor;
}

/** Properties that are replaced together. */
export class Swaps {
  readonly #swaps: readonly Swap[];
  /** The property because of which {@link install} last returned `false`. */
  failedAt: string | null = null;

  /** @param spots the first of several spots with the same property counts: a class may be reachable in two ways */
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

  /** `false` if other code has replaced a property since: then nothing is changed, and the swaps must be created again. */
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

  /** Whether all are in place. Other code may replace one, and so does Node when it creates something lazily. */
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
        // A program has frozen the owner. The guard stays, but behaves like the original between steps.
      }
    }
  }
}

/** All functions that are guards. */
const guards = new WeakSet<object>();

/** `false` if the property has been replaced by other code. */
function exchange({ owner, key, plain, before, guarded }: Swap): boolean {
  const record = owner as Record<PropertyKey, unknown>;
  if (plain && record[key] === before!.value) {
    record[key] = guarded.value;
    return true;
  }
  const now = Object.getOwnPropertyDescriptor(owner, key);
  // A proxy and its target are two owners of the same property.
  if (isGuard(now)) return true;
  if (plain || !isSame(now, before)) return false;
  Object.defineProperty(owner, key, guarded);
  return true;
}

function isGuard(descriptor: PropertyDescriptor | undefined): boolean {
  const held: unknown = descriptor?.value ?? descriptor?.get;
  return typeof held === 'function' && guards.has(held);
}

/** Keeps what a program has assigned in the meantime, as it would stay without a guard. */
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
  // A proxy may return something other than its target has, for example a console that adds timestamps.
  const isShown = () => (owner as Record<PropertyKey, unknown>)[key] === before!.value;
  const plain = (before?.writable ?? false) && 'value' in guarded && isShown();
  return [{ ...spot, plain, before, guarded }];
}

function inherited(owner: object, key: PropertyKey): PropertyDescriptor | undefined {
  const above: object | null = Object.getPrototypeOf(owner);
  return above === null ? undefined : (Object.getOwnPropertyDescriptor(above, key) ?? inherited(above, key));
}

/** A class as a property of `owner`, and as the constructor of its instances. */
export function classSpots(owner: unknown, of: string, key: string, guard: Guard): Spot[] {
  const found: unknown = (owner as Record<string, unknown> | undefined)?.[key];
  const prototype: unknown = typeof found === 'function' ? found.prototype : null;
  return [...spotsIn(owner, of, [key], guard), ...spotsIn(prototype, key, ['constructor'], guard)];
}

export function spotsIn(owner: unknown, of: string, keys: readonly PropertyKey[], guard: Guard): Spot[] {
  if ((typeof owner !== 'object' && typeof owner !== 'function') || owner === null) return [];
  const join = of === '' ? '' : of.startsWith('node:') ? ' ' : '.';
  return keys.map((key) => ({ owner, key, label: `${of}${join}${String(key)}`, guard }));
}
