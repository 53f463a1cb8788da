import type { z } from 'zod';

/** What a JSON text says; undefined: it is none. Never throws. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a JSON text of this shape says; null: it is none, or of another shape. Never throws. */
export function parseAs<T>(shape: z.ZodType<T>, text: string): T | null {
  const json = parseJson(text);
  if (json === undefined) return null;
  const parsed = shape.safeParse(json);
  return parsed.success ? parsed.data : null;
}
