/** Checks that a mark contains only data that a trace can hold. */
import { isFlat } from './flat.ts';
import type { MarkData } from './operation.ts';

/** @throws TypeError */
export function checkMark(name: string, data: MarkData): void {
  const mistake =
    typeof data !== 'object' || data === null
      ? `its data is ${String(data)}`
      : isFlat(data)
        ? null
        : mistakeIn(data, 'its data', []);
  if (mistake !== null) {
    throw new TypeError(
      `mark ${JSON.stringify(name)}: ${mistake}: expected plain data, such as { token: 7, by: 'me' }`,
    );
  }
  if (name === 'own') checkToken(data.token);
}

/** Fencing compares tokens as numbers: any other value would be ignored silently. */
function checkToken(token: unknown): void {
  if (token === undefined || token === null || Number.isFinite(token)) return;
  const got = typeof token === 'number' ? String(token) : JSON.stringify(token);
  throw new TypeError(`mark "own": token is ${got}: expected a number, or null`);
}

/** @param above the objects that contain the value, to find one that contains itself */
function mistakeIn(value: unknown, at: string, above: readonly unknown[]): string | null {
  if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function')
    return `${at} is a ${typeof value}`;
  if (typeof value !== 'object' || value === null) return null;
  if (above.includes(value)) return `${at} contains itself`;
  for (const [key, part] of Object.entries(value)) {
    const mistake = mistakeIn(part, above.length === 0 ? key : `${at}.${key}`, [...above, value]);
    if (mistake !== null) return mistake;
  }
  return null;
}
