import { type Guard, guardsOf } from '../guard.ts';

/** Who may try when the time is up, and what a late result means, concurrent calls tell: test/model/circuit-breaker.test.ts. */
export const CIRCUIT_BREAKER: readonly Guard[] = guardsOf('model/circuit-breaker', [
  {
    guard: 'so many failures in a row open it',
    from: 'if (this.#openSinceMs === null && this.#failures < this.#limit) return;',
    to: 'return;',
    noticedBy: 'claude-mem/ours/chroma-fails',
  },
  {
    guard: 'until the time is up nobody may try',
    from: 'if (leftMs > 0) throw new CircuitOpenError(Math.min(leftMs, this.#cooldownMs));',
    to: '',
    noticedBy: 'claude-mem/ours/chroma-fails',
  },
]);
