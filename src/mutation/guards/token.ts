import { type Guard, guardsOf } from '../guard.ts';

export const TOKEN: readonly Guard[] = guardsOf('model/token', [
  {
    guard: 'a token is more than the one before',
    from: '(previous ?? 0) + 1',
    to: '(previous ?? 0)',
    noticedBy: 'model/found/dead-owner',
  },
  {
    guard: 'a token is at least the one before',
    from: 'Math.max((previous ?? 0) + 1, Math.floor(await clock.wallMs()))',
    to: 'Math.floor(await clock.wallMs())',
    noticedBy: 'model/found/dead-owner',
  },
  {
    guard: 'a token is at least the clock',
    from: 'Math.max((previous ?? 0) + 1, Math.floor(await clock.wallMs()))',
    to: '(previous ?? 0) + 1',
    noticedBy: 'model/found/lost-everything',
  },
  {
    guard: 'a clock that was put back is not waited for',
    from: '|| aheadMs > MAX_WAIT_MS',
    to: '',
    noticedBy: 'model/found/dead-owner',
  },
]);
