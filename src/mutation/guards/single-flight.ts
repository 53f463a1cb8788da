import { type Guard, guardsOf } from '../guard.ts';

export const SINGLE_FLIGHT: readonly Guard[] = guardsOf('model/single-flight', [
  {
    guard: 'work that is under way is shared',
    from: 'this.#pending ??= begin(work)',
    to: 'this.#pending = begin(work)',
    noticedBy: 'claude-mem/after/concurrent-searches',
  },
  {
    guard: 'work that is over is not kept',
    from: '.finally(() => { this.#pending = null; })',
    to: '',
    noticedBy: 'claude-mem/ours/breaker-clocks',
  },
]);
