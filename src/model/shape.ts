/** Shapes of JSON values that others may have written. By hand: a library for it would take longer to load than all the rest. */

/** Returns a value of this shape, without what is unknown; `undefined` if it has another one. Never throws. */
export type Shape<T> = (value: unknown) => T | undefined;
/** What a shape accepts. */
export type Shaped<S> = S extends Shape<infer T> ? T : never;

/** A property that may be missing. */
class Optional<T> {
  readonly shape: Shape<T>;

  constructor(shape: Shape<T>) {
    this.shape = shape;
  }
}

type Properties = Readonly<Record<string, Shape<unknown> | Optional<unknown>>>;
type OptionalName<P extends Properties> = {
  [Name in keyof P]: P[Name] extends Optional<unknown> ? Name : never;
}[keyof P];
type ShapedObject<P extends Properties> = {
  [Name in Exclude<keyof P, OptionalName<P>>]: Shaped<P[Name]>;
} & { [Name in OptionalName<P>]?: P[Name] extends Optional<infer T> ? T : never };

/** An integer that is exact, from `min` to `max`. */
export function int(min: number, max: number = Number.MAX_SAFE_INTEGER): Shape<number> {
  return (value) =>
    Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
      ? (value as number)
      : undefined;
}

/** A string for which `accepts` is true. Default: any. */
export function text(accepts: (value: string) => boolean = () => true): Shape<string> {
  return (value) => (typeof value === 'string' && accepts(value) ? value : undefined);
}

/** One of these strings. */
export const flag: Shape<boolean> = (value) => (typeof value === 'boolean' ? value : undefined);

export function oneOf<const T extends string>(...values: readonly T[]): Shape<T> {
  return (value) => values.find((each) => each === value);
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (value) => (value === null ? null : shape(value));
}

export function optional<T>(shape: Shape<T>): Optional<T> {
  return new Optional(shape);
}

/** What the first of these shapes that accepts it makes of it. */
export function anyOf<T extends readonly Shape<unknown>[]>(...shapes: T): Shape<Shaped<T[number]>> {
  return (value) => {
    for (const shape of shapes) {
      const shaped = shape(value);
      if (shaped !== undefined) return shaped as Shaped<T[number]>;
    }
    return undefined;
  };
}

export function listOf<T>(shape: Shape<T>): Shape<T[]> {
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    const items: T[] = [];
    for (const each of value) {
      const item = shape(each);
      if (item === undefined) return undefined;
      items.push(item);
    }
    return items;
  };
}

export function object<const P extends Properties>(properties: P): Shape<ShapedObject<P>> {
  const rows = Object.entries(properties);
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const shaped: Record<string, unknown> = {};
    for (const [name, row] of rows) {
      const isOptional = row instanceof Optional;
      if (!Object.hasOwn(value, name)) {
        if (isOptional) continue;
        return undefined;
      }
      const shape = isOptional ? row.shape : row;
      const property = shape((value as Record<string, unknown>)[name]);
      if (property === undefined) return undefined;
      shaped[name] = property;
    }
    return shaped as ShapedObject<P>;
  };
}
