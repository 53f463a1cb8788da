/** What properties of Node are replaced by: a guard catches a program that uses one, or simulates it. */
import { promisify } from 'node:util';
import { ambient, type Callable, tell } from './stepping.ts';
import type { Guard } from './swap.ts';

/** A call of the function, or reading a value such as a PID, ends the run: see {@link tell}. */
export function caught(instead: string): Guard {
  return ({ value, get, set, ...rest }, label) => {
    if (typeof value === 'function') return { ...rest, value: caughtCall(label, value as Callable, instead) };
    let known: unknown;
    let shown: unknown;
    function guard(this: unknown): unknown {
      const original = get === undefined ? value : get.call(this);
      if (typeof original === 'function') {
        // Node loads it lazily.
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
  // Its properties too: name, prototype, promisified form.
  const hanging: Record<PropertyKey, PropertyDescriptor> = Object.getOwnPropertyDescriptors(original);
  for (const key of ['native', 'bigint', 'rss', promisify.custom] as const) {
    const value: unknown = hanging[key]?.value;
    if (typeof value !== 'function') continue;
    // The promisified form of a function refers to itself.
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

/** In a step, a call returns what `simulated` returns; `new` is unchanged. */
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

/** Uses one guard per function, wherever it is found, so that `x.constructor === X` stays true. */
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

/** In a step, `new` uses the arguments that `simulated` returns; so does a call, if the class can be called. */
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

/** In a step, reading the property returns what `simulated` returns. */
export function simulatedValue(simulated: () => unknown): Guard {
  return ({ value, get, set, writable: _, ...rest }) => {
    function guard(this: unknown): unknown {
      if (ambient.stepping) return simulated();
      return get === undefined ? value : get.call(this);
    }
    return { ...rest, get: guard, ...(set !== undefined && { set }) };
  };
}

/** The same value for all processes, during the whole slice, so that `import { platform } from 'node:process'` has it too. */
export function constant(simulated: unknown): Guard {
  return ({ enumerable }) => ({
    value: simulated,
    enumerable: enumerable ?? true,
    writable: true,
    configurable: true,
  });
}
