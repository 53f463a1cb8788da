/** The first of `n` candidates with the highest priority. */
export function argmax(n: number, priority: (i: number) => number): number {
  let best = 0;
  let bestPriority = priority(0);
  for (let i = 1; i < n; i++) {
    const p = priority(i);
    if (p > bestPriority) {
      best = i;
      bestPriority = p;
    }
  }
  return best;
}
