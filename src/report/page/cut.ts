/** Longer files, arguments and results are truncated, to limit the size of the page. */
const MOST_TEXT = 4_000;

export function cut(text: string): string {
  if (text.length <= MOST_TEXT) return text;
  return `${text.slice(0, MOST_TEXT)}… and ${text.length - MOST_TEXT} more characters`;
}
