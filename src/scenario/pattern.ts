/** Regular expressions from texts. */

/** A source that matches this text and no other. `RegExp.escape` is not in Node before 24. */
export function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Matches what a glob does; `*` stands for any text. */
export function globPattern(glob: string): RegExp {
  return new RegExp(`^${glob.split('*').map(escapePattern).join('.*')}$`);
}
