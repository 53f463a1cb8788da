import { type Guard, guardsOf } from '../guard.ts';

export const SURRENDER: readonly Guard[] = guardsOf('model/surrender', [
  {
    guard: 'a success forgives',
    from: 'this.#failures = 0;',
    to: '',
    noticedBy: 'model/found/moody-helper',
  },
  {
    guard: 'once is no reason to give up',
    from: 'FAILURES_TO_SURRENDER = 2',
    to: 'FAILURES_TO_SURRENDER = 1',
    noticedBy: 'model/found/moody-helper',
  },
  {
    guard: 'twice in a row is a reason to give up',
    from: 'return this.#failures >= FAILURES_TO_SURRENDER;',
    to: 'return false;',
    noticedBy: 'model/owner/self-release',
  },
]);
