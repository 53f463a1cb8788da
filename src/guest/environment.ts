/** `process.env` of a file that runs as a program: a small environment of its own, never that of the real process. */
import { INITIAL_ENVIRONMENT } from '../host/index.ts';

/** @param own what is added to the usual variables; later objects win */
export function environmentWith(...own: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  return environmentOf(Object.assign({}, INITIAL_ENVIRONMENT, ...own));
}

/** `process.env` with these variables alone. */
export function environmentOf(variables: Readonly<Record<string, string>>): Record<string, string> {
  const values: Record<string, string> = { ...variables };
  return new Proxy(values, {
    // As in Node: every value becomes a string.
    set: (target, name, value) => Reflect.set(target, name, String(value)),
    defineProperty: (target, name, property) =>
      Reflect.defineProperty(target, name, { ...property, value: String(property.value) }),
  });
}
