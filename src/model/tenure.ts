/** Our claim on disk: whether it is still the newest one, and how it is published again. ownership.ts has an example. */
import type { Ports } from '../ports/index.ts';
import type { Claim } from './claim.ts';
import { freeClaim } from './free-claim.ts';
import { type Generations, hasRoom } from './generations.ts';
import { answersAs } from './health.ts';
import type { Timing } from './timing.ts';
import { nextToken, untilPast } from './token.ts';

export class Tenure {
  /** Whether our endpoint must answer before a challenge is met. */
  isServing = false;
  /** Whether all former owners are gone, so that their claims can be removed. */
  inherits = false;
  readonly #ports: Ports;
  readonly #generations: Generations;
  readonly #timing: Timing;
  readonly #lost: () => void;
  #claim: Claim;
  #generation: number;
  #renewing: Promise<boolean> | null = null;
  #begun = false;
  #over = false;

  /** @param lost called when we learn that we are no longer the owner, and not when we release */
  constructor(
    ports: Ports,
    { claim, generation }: { claim: Claim; generation: number },
    generations: Generations,
    timing: Timing,
    lost: () => void,
  ) {
    this.#ports = ports;
    this.#claim = claim;
    this.#generation = generation;
    this.#generations = generations;
    this.#timing = timing;
    this.#lost = lost;
  }

  get claim(): Claim {
    return this.#claim;
  }

  /** The number of our claim on disk. */
  get generation(): number {
    return this.#generation;
  }

  /** Whether we have begun to act. */
  get hasBegun(): boolean {
    return this.#begun;
  }

  /** Whether we have released, or are no longer the owner. */
  get isOver(): boolean {
    return this.#over;
  }

  /** With a current token, and also if the claim is intact and unchallenged. `false` if another contender has taken over. */
  begin(): Promise<boolean> {
    return this.#renew({ begins: true });
  }

  async isCurrent(): Promise<boolean> {
    if (this.#over) return false;
    // We may be released while we look.
    if (await this.isHead()) return !this.#over;
    // A claim published now would outlive its owner.
    if (this.#over) return false;
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = null;
    });
    return (await this.#renewing) && !this.#over;
  }

  /** Whether the newest claim is ours. */
  isHead(): Promise<boolean> {
    return this.#generations.isHead(this.#generation, this.#claim.nonce);
  }

  /** Renews nothing any more. @returns whether there is something to release */
  async finish(): Promise<boolean> {
    const owned = !this.#over;
    this.#over = true;
    // A renewal in progress would claim again what we give up.
    await this.#renewing?.catch(() => {});
    return owned;
  }

  /** Gives up the claim. */
  free(): Promise<void> {
    return freeClaim(this.#claim, this.#generations, this.inherits);
  }

  /**
   * Marks our claims as given up, although the newest is not ours: once our certificate has no name, a start in another container could not
   * know that we have left.
   */
  withdraw(): Promise<void> {
    return this.#generations.withdrawAll(this.#claim.nonce);
  }

  /**
   * Publishes the claim again, unless another process has taken over.
   *
   * @param begins whether we begin to own with it: then also if the claim is intact and unchallenged
   */
  async #renew({ begins = false } = {}): Promise<boolean> {
    const head = await this.#generations.head();
    const { claim, generation } = head;
    const ours = claim?.nonce === this.#claim.nonce && generation === this.#generation;
    if (ours && !begins) return true;
    // There is an owner after us, or our state was lost and another contender started again.
    const superseded = claim !== null && claim.kind !== 'challenge' && claim.nonce !== this.#claim.nonce;
    const mustAnswer = this.isServing ? this.claim.endpoint : null;
    if (
      superseded ||
      head.newer !== undefined ||
      !hasRoom(head) ||
      !(await answersAs(this.claim.nonce, mustAnswer, this.#ports, this.#timing))
    )
      return this.#end();
    const next = Math.max(generation, this.#generation) + 1;
    const renewed = { ...this.#claim, token: await nextToken(this.#claim.token, this.#ports) };
    if (!(await this.#generations.publish(next, renewed))) return this.#renew({ begins });
    if ((await this.#generations.newest()) !== next) return this.#renew({ begins });
    const before = this.#isExclusive ? null : await this.#generations.hold(this.#generation, renewed.nonce);
    if (before === 'gone') return this.#giveUp(renewed, next);
    await untilPast(renewed.token, this.#ports);
    if (before !== null && !(await before.isThere())) {
      await before.close();
      return this.#giveUp(renewed, next);
    }
    this.#grant(renewed, next, begins);
    await before?.close();
    return true;
  }

  /** Nothing may happen between the last look at our claims and this. */
  #grant(claim: Claim, generation: number, begins: boolean): void {
    this.#claim = claim;
    this.#generation = generation;
    if (begins) this.#begun = true;
    if (this.#begun) this.#ports.mark('own', { token: claim.token });
  }

  /**
   * Whether only one process at a time can have our endpoint: Unix sockets have a different name for each owner. If not, the claim that we
   * renew must still be there: if it was lost, another contender may have started again and lost its claim in turn.
   */
  get #isExclusive(): boolean {
    return this.claim.endpoint?.kind === 'tcp';
  }

  async #giveUp(claim: Claim, generation: number): Promise<boolean> {
    this.#claim = claim;
    this.#generation = generation;
    this.#end();
    await this.free();
    return false;
  }

  #end(): boolean {
    this.#over = true;
    this.#ports.mark('release');
    this.#ports.mark('fenced');
    this.#lost();
    return false;
  }
}
