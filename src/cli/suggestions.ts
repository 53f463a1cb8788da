const MOST_SHOWN = 3;
/** Of each so many characters one may be wrong. */
const CHARACTERS_A_MISTAKE = 4;

/** The names that somebody may have meant: the nearest first, and those that hold what was said. */
export function nearest(word: string, names: readonly string[]): string[] {
  const most = Math.max(1, Math.floor(word.length / CHARACTERS_A_MISTAKE));
  const near = names
    .map((name) => ({ name, distance: distanceOf(word, name) }))
    .filter(({ name, distance }) => distance <= most || (word.length > 2 && name.includes(word)))
    .sort((a, b) => a.distance - b.distance);
  return near.slice(0, MOST_SHOWN).map(({ name }) => name);
}

/** How many characters have to be put in, taken out or replaced to make one of the other. */
function distanceOf(a: string, b: string): number {
  let before = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, character] of [...a].entries()) {
    const now = [i + 1];
    for (let j = 0; j < b.length; j++) {
      now.push(Math.min(now[j]! + 1, before[j + 1]! + 1, before[j]! + (character === b[j] ? 0 : 1)));
    }
    before = now;
  }
  return before.at(-1)!;
}
