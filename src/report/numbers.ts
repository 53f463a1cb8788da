const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const HUNDREDTHS = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** `1,500`. */
export function whole(n: number): string {
  return WHOLE.format(n);
}

/** `1,500.04`. */
export function hundredths(n: number): string {
  return HUNDREDTHS.format(n);
}

/** `1 step`, `2 steps`; `2 switches` with its own plural. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${whole(n)} ${n === 1 ? one : many}`;
}
