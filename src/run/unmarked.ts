/** Describes marks that invariants require and that were in no run: often the name is mistyped. */
import { nearest } from '../scenario/suggestions.ts';

/** The maximum number of marks that a message names. */
const MOST_MARKS = 8;

/** @param marked how many runs had each mark */
export function describeUnmarked(marked: Readonly<Record<string, number>>): string[] {
  const names = Object.keys(marked).sort();
  const seen = names.filter((mark) => marked[mark]! > 0);
  return names
    .filter((mark) => marked[mark] === 0)
    .map((mark) => {
      const sought = `no process marked ${JSON.stringify(mark)}`;
      return seen.length === 0 ? `${sought}, or anything else` : `${sought} (${describeSeen(mark, seen)})`;
    });
}

function describeSeen(sought: string, seen: readonly string[]): string {
  const more = seen.length > MOST_MARKS ? `, and ${seen.length - MOST_MARKS} more` : '';
  const meant = nearest(sought, seen);
  const question = meant.length === 0 ? '' : `; did you mean ${quoted(meant, ' or ')}?`;
  return `marks seen: ${quoted(seen.slice(0, MOST_MARKS), ', ')}${more}${question}`;
}

function quoted(marks: readonly string[], separator: string): string {
  return marks.map((mark) => JSON.stringify(mark)).join(separator);
}
