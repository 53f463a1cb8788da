import { type Guard, guardsOf } from '../guard.ts';

export const OWNERSHIP: readonly Guard[] = guardsOf('model/ownership', [
  {
    guard: 'where no generation can follow, an owner ends',
    from: '!hasRoom(head) ||',
    to: '',
    noticedBy: 'model/found/planted-generation',
  },
  {
    guard: 'the last renewal before owning',
    from: 'if (!(await this.#renew({ anyway: true }))) return false;',
    to: 'if (!(await this.isCurrent())) return false;',
    noticedBy: 'model/lock/late-link',
  },
  {
    guard: 'without an endpoint a claim that was lost is not published again',
    from: 'if (!this.#isExclusive && !(await this.#isThere())) return this.#withdraw(renewed, next);',
    to: '',
    noticedBy: 'model/lock/lost-claims',
  },
  {
    guard: 'who asks whether it owns looks at the disk',
    from: 'if (await this.#generations.isHead(this.#generation, this.claim.nonce)) return !this.#over;',
    to: 'return true;',
    noticedBy: 'model/found/short-stop',
  },
  {
    guard: 'who owns goes on looking',
    from: 'do await this.#ports.clock.sleep(this.timing.selfCheckMs); while (await this.isCurrent());',
    to: 'await new Promise(() => {});',
    noticedBy: 'openchrome/ours/half-zombie',
  },
  {
    guard: 'who owns tidies again and again',
    from: '} while (await this.isCurrent());',
    to: '} while (false); await new Promise(() => {});',
    noticedBy: 'model/found/late-orphan',
  },
  {
    guard: 'only the owner acts',
    from: 'if (!(await this.isCurrent())) return false; this.#ports.mark',
    to: 'this.#ports.mark',
    noticedBy: 'model/found/usurped',
  },
  {
    guard: 'who releases closes its socket first',
    from: 'if (this.listener !== null) await this.#ports.net.close(this.listener);',
    to: '',
    noticedBy: 'model/found/retired',
  },
  {
    guard: 'who inherits nothing removes nothing',
    from: 'if (this.#inherits) await',
    to: 'await',
    noticedBy: 'model/found/hidden-elsewhere',
  },
  {
    guard: 'who releases removes what it has inherited',
    from: 'if (this.#inherits) await this.#generations.removeBelow(next);',
    to: '',
    noticedBy: 'model/found/last-out',
  },
  {
    guard: 'an owner after us ends us',
    from: 'if (superseded ||',
    to: 'if (',
    noticedBy: 'model/owner/lost-metadata',
  },
  {
    guard: 'a challenge does not end us',
    from: "claim.kind !== 'challenge' && claim.nonce",
    to: 'claim.nonce',
    noticedBy: 'model/found/short-stop',
  },
  {
    guard: 'our own claim does not end us',
    from: '&& claim.nonce !== this.#claim.nonce; if (superseded',
    to: '; if (superseded',
    noticedBy: 'model/owner/cold-start',
  },
  {
    guard: 'only who answers meets a challenge',
    from: '|| !(await this.#isHealthy())',
    to: '',
    noticedBy: 'model/found/hung-owner',
  },
  {
    guard: 'before it serves, nobody has to answer',
    from: '!this.#serving ||',
    to: '',
    noticedBy: 'model/owner/cold-start',
  },
  {
    guard: 'litter is removed',
    from: 'await this.#generations.removeLitter((identity) => isGone(identity, this.#ports));',
    to: '',
    noticedBy: 'model/owner/cold-start',
  },
  {
    guard: 'an owner goes on reaping',
    from: 'await reapOrphans(this.directory, this.#self, this.#ports, this.timing);',
    to: '',
    noticedBy: 'model/found/late-orphan',
  },
  {
    guard: 'an owner goes on collecting',
    from: 'await this.#generations.removeBelow(this.#generation); await this.#generations.removeLitter',
    to: 'await this.#generations.removeLitter',
    noticedBy: 'model/owner/cold-start',
  },
  {
    guard: 'one lost question is no reason to give up',
    from: 'asked >= failedProbes || ',
    to: 'true || ',
    noticedBy: 'model/found/lost-question',
  },
  {
    guard: 'who is releasing renews nothing',
    from: 'if (this.#over) return false; this.#renewing ??=',
    to: 'this.#renewing ??=',
    noticedBy: 'model/found/asked-while-releasing',
  },
]);
