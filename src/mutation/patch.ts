/** A replacement in the source of one module, found by its text: white space, comments and trailing commas do not matter. */
import { escapePattern } from '../scenario/pattern.ts';

export interface Patch {
  /** Names the mutant, in the URLs of its modules too: lower-case words, `/` and `-`. */
  readonly name: string;
  /** The file that it changes, below `src`: `model/contend.ts`. */
  readonly module: string;
  /** TypeScript that is in this file exactly once. */
  readonly from: string;
  /** TypeScript that takes its place; empty: nothing does. */
  readonly to: string;
  /** Where the patch is written, for error messages: `src/mutation/mutants/contend.diff:12`. */
  readonly writtenIn: string;
}

/** A mutant that cannot be made, because its patch and the code do not fit together. */
export class MutantError extends Error {
  override readonly name = 'MutantError';
}

/**
 * The source with the patch applied. Where statements are replaced, the lines after them keep their numbers.
 *
 * @throws MutantError unless `from` is in the source exactly once
 */
export function applyPatch(patch: Patch, source: string): string {
  const tokens = tokensOf(patch.from);
  const [place, ...more] = placesOf(tokens, source);
  if (place === undefined || more.length > 0) throw new MutantError(misfit(patch, tokens, source));
  const { index, 0: replaced } = place;
  // Elsewhere a line break can end a statement, such as after `return`.
  const missing = /[;{}]$/.test(replaced) ? linesIn(replaced) - linesIn(patch.to) : 0;
  const to = patch.to + '\n'.repeat(Math.max(0, missing));
  return source.slice(0, index) + to + source.slice(index + replaced.length);
}

/** What may be between two tokens. Each part begins in its own way, so a search cannot take exponential time. */
const GAP = String.raw`(?:\s|\/\/[^\n]*\n|\/\*(?:[^*]|\*(?!\/))*\*\/)`;

/** Words, and single characters that are not part of one. A comma before a closing bracket is left out. */
function tokensOf(text: string): string[] {
  return text.match(/[\w$]+|,(?!\s*[)\]}])|[^\s\w$,]/g) ?? [];
}

function placesOf(tokens: readonly string[], source: string): RegExpExecArray[] {
  return tokens.length === 0 ? [] : [...source.matchAll(new RegExp(patternOf(tokens), 'g'))];
}

function patternOf(tokens: readonly string[]): string {
  return tokens
    .map((token, i) => {
      const literal = escapePattern(token);
      const before = tokens[i - 1];
      if (before === undefined) return isWord(token) ? `(?<![\\w$])${literal}` : literal;
      if (/[)\]}]/.test(token)) return `${GAP}*(?:,${GAP}*)?${literal}`;
      return `${GAP}${isWord(before) && isWord(token) ? '+' : '*'}${literal}`;
    })
    .join('')
    .concat(isWord(tokens.at(-1)!) ? '(?![\\w$])' : '');
}

function isWord(token: string): boolean {
  return /^[\w$]/.test(token);
}

/** Says what a reader needs to mend the patch: where it is written, and where in the source its text would be. */
function misfit({ name, module, from, writtenIn }: Patch, tokens: readonly string[], source: string): string {
  const places = placesOf(tokens, source);
  const lines = places.map(({ index }) => linesIn(source.slice(0, index)) + 1);
  return [
    `the mutant ${name} replaces text that is in src/${module} ${places.length} times; accepted: exactly once.`,
    ...from.split('\n').map((line) => `  - ${line}`),
    ...(places.length > 0 ? [`It is in lines ${lines.join(', ')}.`] : nearest(tokens, source)),
    `Change it in ${writtenIn}.`,
  ].join('\n');
}

/** Where the longest beginning of the text is that the source has, if any. */
function nearest(tokens: readonly string[], source: string): string[] {
  for (let length = tokens.length - 1; length > 0; length--) {
    const [place] = placesOf(tokens.slice(0, length), source);
    if (place === undefined) continue;
    const line = linesIn(source.slice(0, place.index + place[0].length));
    const last = JSON.stringify(tokens[length - 1]);
    return [`Line ${line + 1} is the same up to ${last}: ${source.split('\n')[line]!.trim()}`];
  }
  return [];
}

/** How many line breaks there are. */
function linesIn(text: string): number {
  return text.split('\n').length - 1;
}
