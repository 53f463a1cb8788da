/** What a mark may say: a trace must be able to hold it. */
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

/** Of whatever else an owner says that it has, fencing would know nothing. */
function checkToken(token: unknown): void {
  if (token === undefined || token === null || Number.isFinite(token)) return;
  const got = typeof token === 'number' ? String(token) : JSON.stringify(token);
  throw new TypeError(`mark "own": token is ${got}: expected a number, or null`);
}

/** @param above the objects that hold the value, to find one that holds itself */
function mistakeIn(value: unknown, at: string, above: readonly unknown[]): string | null {
  if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function')
    return `${at} is a ${typeof value}`;
  if (typeof value !== 'object' || value === null) return null;
  if (above.includes(value)) return `${at} holds itself`;
  for (const [key, part] of Object.entries(value)) {
    const mistake = mistakeIn(part, above.length === 0 ? key : `${at}.${key}`, [...above, value]);
    if (mistake !== null) return mistake;
  }
  return null;
}
