/** Fits text into terminal columns. The text must be `printable`: an escape sequence has no width here. */
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** Texts whose characters all take one column. Nearly all are such texts, and measuring others is slow. */
const NARROW = /^[ -~·…→←]*$/;

const CHARACTERS = new Intl.Segmenter();

/** The width of a text in terminal columns. */
export function widthOf(text: string): number {
  return NARROW.test(text) ? text.length : stringWidth(text);
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text;
}

/** Truncates to a width of at least 3 columns, between what a reader sees as characters, and appends an ellipsis. */
export function truncate(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let [head, room] = ['', width - 1];
  for (const { segment } of CHARACTERS.segment(text)) {
    room -= widthOf(segment);
    if (room < 0) break;
    head += segment;
  }
  return `${head.trimEnd()}…`;
}

/** Wraps to at most `most` lines of `width` columns, at spaces where possible, with all lines after the first indented. */
export function wrap(text: string, width: number, { indent = 2, most = 3 } = {}): string[] {
  if (widthOf(text) <= width) return [text.trimEnd()];
  const room = Math.max(1, width - indent);
  const lines = wrapAnsi(text, room, { hard: true }).split('\n');
  if (lines.length > most) lines.splice(most - 1, Infinity, truncate(lines.slice(most - 1).join(' '), room));
  return lines.map((line, i) => (i === 0 ? line : ' '.repeat(indent) + line));
}
