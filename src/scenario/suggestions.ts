/** Names that a user may have meant by a word that is not known. */

const MOST_SHOWN = 3;
/** One wrong character is tolerated per this many characters. */
const CHARACTERS_A_MISTAKE = 4;

/** `; did you mean stop? Accepted: kill, stop`, or without the question if no name is similar. @param rest in lower case */
export function suggesting(word: string, names: readonly string[], rest: string): string {
  const meant = nearest(word, names);
  return meant.length === 0
    ? `; ${rest}`
    : `; did you mean ${meant.join(' or ')}? ${rest.charAt(0).toUpperCase()}${rest.slice(1)}`;
}

/** The names that the user may have meant: similar names, the most similar first, and names that contain the word. */
export function nearest(word: string, names: readonly string[]): string[] {
  const most = Math.max(1, Math.floor(word.length / CHARACTERS_A_MISTAKE));
  const known = names.map((name) => ({ name, distance: distanceOf(word, name) }));
  // Next to a name that is much more similar, others would only confuse.
  const least = Math.min(...known.map(({ distance }) => distance));
  const near = known
    .filter(
      ({ name, distance }) =>
        (distance <= most && distance <= least + 1) || (word.length > 2 && name.includes(word)),
    )
    .sort((a, b) => a.distance - b.distance);
  return near.slice(0, MOST_SHOWN).map(({ name }) => name);
}

/** `; did you mean a or b?`, or nothing. */
export function didYouMean(word: string, names: readonly string[]): string {
  const meant = nearest(word, names);
  return meant.length === 0 ? '' : `; did you mean ${meant.join(' or ')}?`;
}

/** How many characters are to be inserted, removed, replaced, or exchanged with the next one (optimal string alignment). */
function distanceOf(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const before = rows[i - 1]!;
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(row[j - 1]! + 1, before[j]! + 1, before[j - 1]! + same);
      const exchanged = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (exchanged) row[j] = Math.min(row[j]!, rows[i - 2]![j - 2]! + 1);
    }
    rows.push(row);
  }
  return rows.at(-1)!.at(-1)!;
}
