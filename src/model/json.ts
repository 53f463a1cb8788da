import type { Shape } from './shape.ts';

/** The value of a JSON text; `undefined` if it is invalid. Never throws. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The value of a JSON text with this shape; `null` if it is invalid or has another shape. Never throws. */
export function parseAs<T>(shape: Shape<T>, text: string): T | null {
  return shape(parseJson(text)) ?? null;
}
