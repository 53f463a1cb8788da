import { type Guard, guardsOf } from '../guard.ts';

export const HEALTH: readonly Guard[] = guardsOf('model/health', [
  {
    guard: 'only 200 is an answer',
    from: 'answer.status === 200 ? nonceIn(answer.body) : null',
    to: 'nonceIn(answer.body)',
    noticedBy: 'model/found/other-command',
  },
  {
    guard: 'an answer that is no JSON is none',
    from: '} catch { return null; }',
    to: '} finally { }',
    noticedBy: 'model/found/other-command',
  },
  {
    guard: 'an answer without a nonce is none',
    from: "typeof nonce === 'string' ? nonce : null",
    to: 'nonce',
    noticedBy: 'model/found/sick-holder',
  },
  {
    guard: 'who cannot be reached does not answer',
    from: 'if (isSystemError(error)) return null;',
    to: '',
    noticedBy: 'model/owner/stopped-owner',
  },
  {
    guard: 'silence needs time',
    from: '&& nowMs - this.#silentSinceMs >= ms',
    to: '',
    noticedBy: 'model/found/unreadable',
  },
  {
    guard: 'who has never answered has its boot grace',
    from: 'this.#answered ? this.#timing.leaseMs : this.#timing.bootGraceMs',
    to: 'this.#timing.leaseMs',
    noticedBy: 'model/found/unreadable',
  },
]);
