/** A path with `#` for each number in its last name, so that numbered files are one group. */
export function pathGroupOf(path: string): string {
  const name = path.lastIndexOf('/') + 1;
  return path.slice(0, name) + path.slice(name).replace(/\d+/g, '#');
}

/** Sorts so that the highest number comes last. */
export function inNumericOrder(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
