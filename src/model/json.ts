import type { z } from 'zod';

/** The value of a JSON text; `undefined` if it is invalid. Never throws. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The value of a JSON text with this shape; `null` if it is invalid or has another shape. Never throws. */
export function parseAs<T>(shape: z.ZodType<T>, text: string): T | null {
  const json = parseJson(text);
  if (json === undefined) return null;
  const parsed = shape.safeParse(json);
  return parsed.success ? parsed.data : null;
}
