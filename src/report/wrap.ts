import stringWidth from 'string-width';

/** How many columns of a terminal a text takes. */
export const widthOf = (text: string): number => stringWidth(text, { ambiguousIsNarrow: true });

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text;
}

/** Cut to a width; the end says so. */
export function truncate(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let cut = '';
  let taken = 0;
  for (const character of text) {
    taken += widthOf(character);
    if (taken > width - 1) break;
    cut += character;
  }
  return `${cut}…`;
}

/** In lines of at most `width` columns, broken at blanks where possible, later ones indented; at most `most` lines. */
export function wrap(text: string, width: number, { indent = 2, most = 3 } = {}): string[] {
  const lines: string[] = [];
  let rest = text;
  while (lines.length < most - 1) {
    const room = lines.length === 0 ? width : width - indent;
    if (widthOf(rest) <= room) break;
    const head = headOf(rest, room);
    lines.push(head);
    rest = rest.slice(head.length).trimStart();
  }
  lines.push(truncate(rest, lines.length === 0 ? width : width - indent));
  return lines
    .map((line, i) => (i === 0 ? line : ' '.repeat(indent) + line.trimEnd()))
    .map((line) => line.trimEnd());
}

/** As much of a text as fits, up to a blank if there is one in the second half. */
function headOf(text: string, width: number): string {
  let end = 0;
  let taken = 0;
  for (const character of text) {
    taken += widthOf(character);
    if (taken > width && end > 0) break;
    end += character.length;
  }
  const blank = text.lastIndexOf(' ', end);
  return text.slice(0, blank > end / 2 ? blank : end);
}
