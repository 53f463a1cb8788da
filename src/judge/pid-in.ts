/** Finds the PID in the content of a PID file or a lock file. */

/** As `pid=4711`, `pid: 4711` or `"pid": 4711`. */
const FIELD = /(?<![A-Za-z])["']?pid["']?\s*[:=]\s*["']?(\d{1,7})\b/i;
/** At the beginning, as in `4711\n` or `4711 1764000000`. */
const FIRST = /^\s*(\d{1,7})(?![\d.\-/:])/;

/**
 * The first number if the content begins with one, otherwise that of the field `pid`.
 *
 * @returns `null` if there is none
 */
export function pidIn(content: string): number | null {
  const [, digits] = FIRST.exec(content) ?? FIELD.exec(content) ?? [];
  const pid = Number(digits ?? 0);
  return pid > 0 ? pid : null;
}
