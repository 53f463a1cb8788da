/** Shortens texts to a number of characters so that what matters stays: the end of a path, and the result after it. */

const PATH = /(?:\/[^\s/"',:;)]+)+/g;
/** Of a path, at least so many characters stay. */
const LEAST_END = 8;

/** @param most the number of characters that fit */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  for (const names of [2, 1]) {
    const short = text.replace(PATH, (path) => endOf(path, names));
    if (short.length <= most) return short;
  }
  const short = text.replace(PATH, (path) => endOf(path, 1));
  return cut(withShorterPath(short, most), most);
}

/** A path, of which the end stays. */
export function fitPath(path: string, most: number): string {
  if (path.length <= most) return path;
  const short = endOf(path, 1);
  return short.length <= most ? short : `…${path.slice(-Math.max(1, most - 1))}`;
}

/** `…/lock.json`: the last names of a path. */
function endOf(path: string, names: number): string {
  let at = path.length;
  for (let i = 0; i < names; i++) at = path.lastIndexOf('/', at - 1);
  return at <= 0 ? path : `…${path.slice(at)}`;
}

/** Takes from the beginning of the last name of the first path what is too much, if enough of it stays. */
function withShorterPath(text: string, most: number): string {
  const [found] = text.matchAll(/…?\/[^\s/"',:;)]+/g);
  if (found === undefined) return text;
  const [path] = found;
  const before = text.slice(0, found.index);
  const after = text.slice(found.index + path.length);
  // If all that follows does not fit either, the path keeps what room there is.
  const fitting = [most - before.length - after.length, most - before.length - 1].find(
    (room) => room >= LEAST_END,
  );
  return fitting === undefined ? text : `${before}${fitPath(path, fitting)}${after}`;
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, Math.max(1, most - 1))}…`;
}
