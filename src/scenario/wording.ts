/** How numbers and lists are written in messages and reports. */

// Made when first needed: making one takes up to 40 ms, and and many commands print no numbers.
let wholes: Intl.NumberFormat | undefined;
let inHundredths: Intl.NumberFormat | undefined;

/** `1,500`. */
export function whole(n: number): string {
  wholes ??= new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
  return wholes.format(n);
}

/** `1,500.04`. */
export function hundredths(n: number): string {
  inHundredths ??= new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return inHundredths.format(n);
}

/** `1 step`, `2 steps`; `2 switches` with its own plural. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${whole(n)} ${n === 1 ? one : many}`;
}

/** `a, b and 3 more`: at most so many are named. */
export function firstOf(names: readonly string[], most: number): string {
  const more = names.length > most ? ` and ${names.length - most} more` : '';
  return `${names.slice(0, most).join(', ')}${more}`;
}
