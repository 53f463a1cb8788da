import type { Ports, Self } from '../ports/index.ts';
import type { Claim } from './claim.ts';
import { type Generations, hasRoom } from './generations.ts';
import { whoAnswers } from './health.ts';
import { isGone } from './identity.ts';
import { reapOrphans } from './reaper.ts';
import type { Timing } from './timing.ts';
import { nextToken, untilPast } from './token.ts';

/** What an owner has: the right to act, as long as {@link isCurrent} says so. */
export class Ownership {
  readonly timing: Timing;
  /** Listens at the claim's endpoint; null when there is none. */
  listener: number | null = null;
  readonly #ports: Ports;
  readonly #self: Self;
  readonly #generations: Generations;
  #claim: Claim;
  #generation: number;
  #renewing: Promise<boolean> | null = null;
  #serving = false;
  #inherits = false;
  #begun = false;
  #over = false;

  constructor(
    ports: Ports,
    self: Self,
    { claim, generation }: { claim: Claim; generation: number },
    generations: Generations,
    timing: Timing,
  ) {
    this.#ports = ports;
    this.#self = self;
    this.#claim = claim;
    this.#generation = generation;
    this.#generations = generations;
    this.timing = timing;
  }

  get claim(): Claim {
    return this.#claim;
  }

  /** The number of our claim on disk. Grows when the claim is renewed. */
  get generation(): number {
    return this.#generation;
  }

  /** All that can change, but for what {@link begin} and {@link serves} have changed for good. */
  get state(): object {
    return {
      generation: this.#generation,
      token: this.#claim.token,
      over: this.#over,
      listener: this.listener,
    };
  }

  get directory(): string {
    return this.#generations.directory;
  }

  /** All former owners are gone: what they claimed may be removed. */
  async inherit(): Promise<void> {
    this.#inherits = true;
    await this.#generations.removeBelow(this.#generation);
  }

  /**
   * The way is clear: publishes the claim again, under a token of now (others may have come and gone since the first), and
   * begins to act. False: somebody else has taken over.
   */
  async begin(): Promise<boolean> {
    if (!(await this.#renew({ anyway: true }))) return false;
    this.#begun = true;
    this.#ports.mark('own', { token: this.#claim.token });
    return true;
  }

  /** From now on somebody answers at the endpoint: a challenge is met only if it really does. */
  serves(): void {
    this.#serving = true;
  }

  /**
   * Whether we are the owner still. Ask before each act, and at least every `selfCheckMs`. Answers a challenge, and mends
   * a claim that was lost or damaged. False is final: end yourself.
   */
  isCurrent(): Promise<boolean> {
    return this.#ports.episode(
      () => this.#isCurrent(),
      (is) => [is, this.state],
    );
  }

  async #isCurrent(): Promise<boolean> {
    if (this.#over) return false;
    // While we look, we may be released.
    if (await this.#generations.isHead(this.#generation, this.claim.nonce)) return !this.#over;
    // A claim that is published by now would outlast its owner.
    if (this.#over) return false;
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = null;
    });
    return (await this.#renewing) && !this.#over;
  }

  /**
   * Stays the owner: asks {@link isCurrent} every `selfCheckMs`. Run it for as long as you live, beside your work and
   * {@link keepTidy}.
   *
   * @returns once we are the owner no more: end yourself, with `EXIT.fenced`
   * @throws SystemError when the state directory cannot be used
   */
  async untilFenced(): Promise<'fenced'> {
    do await this.#ports.clock.sleep(this.timing.selfCheckMs);
    while (await this.isCurrent());
    return 'fenced';
  }

  /**
   * Keeps the state directory tidy: once now, and every `tidyEveryMs`, see {@link tidy}.
   *
   * @returns once we are the owner no more
   * @throws SystemError when the state directory cannot be used
   */
  async keepTidy(): Promise<'fenced'> {
    do {
      await this.tidy();
      await this.#ports.clock.sleep(this.timing.tidyEveryMs);
    } while (await this.isCurrent());
    return 'fenced';
  }

  /** Does what only the owner may do. False: we are not the owner any more, and nothing was done. */
  async act(deed: () => unknown): Promise<boolean> {
    if (!(await this.isCurrent())) return false;
    this.#ports.mark('act', { token: this.#claim.token });
    await deed();
    return true;
  }

  /** Removes older generations, litter of ended processes, and orphans. */
  async tidy(): Promise<void> {
    await this.#generations.removeBelow(this.#generation);
    await this.#generations.removeLitter((identity) => isGone(identity, this.#ports));
    await reapOrphans(this.directory, this.#self, this.#ports, this.timing);
  }

  /** Gives up the claim. Harms nobody if it has been superseded. */
  release(): Promise<void> {
    return this.#ports.episode(() => this.#release());
  }

  async #release(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    // A renewal under way would claim again what we give up.
    await this.#renewing?.catch(() => {});
    this.#ports.mark('release');
    if (this.listener !== null) await this.#ports.net.close(this.listener);
    this.listener = null;
    await this.#free();
  }

  async #free(): Promise<void> {
    if (!(await this.#generations.isHead(this.#generation, this.claim.nonce))) return;
    const next = this.#generation + 1;
    if (!(await this.#generations.publish(next, { ...this.claim, kind: 'free' }))) return;
    // Nobody may come for a long time; and starts that are blocked come again and again.
    if (this.#inherits) await this.#generations.removeBelow(next);
  }

  /**
   * Publishes the claim again, unless somebody else has taken over.
   *
   * @param anyway also if it is there, whole and unchallenged
   */
  async #renew({ anyway = false } = {}): Promise<boolean> {
    const head = await this.#generations.head();
    const { claim, generation } = head;
    const ours = claim?.nonce === this.#claim.nonce && generation === this.#generation;
    if (ours && !anyway) return true;
    // An owner after us; or our state is lost, and somebody began anew.
    const superseded = claim !== null && claim.kind !== 'challenge' && claim.nonce !== this.#claim.nonce;
    if (superseded || !hasRoom(head) || !(await this.#isHealthy())) return this.#end();
    const next = Math.max(generation, this.#generation) + 1;
    const renewed = { ...this.#claim, token: await nextToken(this.#claim.token, this.#ports) };
    if (!(await this.#generations.publish(next, renewed))) return this.#renew({ anyway });
    if ((await this.#generations.newest()) !== next) return this.#renew({ anyway });
    if (!this.#isExclusive && !(await this.#isThere())) return this.#withdraw(renewed, next);
    await untilPast(renewed.token, this.#ports);
    this.#claim = renewed;
    this.#generation = next;
    if (this.#begun) this.#ports.mark('own', { token: renewed.token });
    return true;
  }

  /**
   * Whoever does not get an answer from itself has no right to meet a challenge. One question may be lost: it is asked
   * again, for as long as the challenge leaves time.
   */
  async #isHealthy(): Promise<boolean> {
    const { endpoint, nonce } = this.claim;
    if (!this.#serving || endpoint === null) return true;
    const { challengeMs, selfCheckMs, failedProbes } = this.timing;
    const { clock } = this.#ports;
    const untilMs = (await clock.monotonicMs()) + challengeMs - selfCheckMs;
    for (let asked = 1; ; asked++) {
      if ((await whoAnswers(endpoint, this.#ports, this.timing)) === nonce) return true;
      if (asked >= failedProbes || (await clock.monotonicMs()) >= untilMs) return false;
    }
  }

  /** Whether only one process at a time can have our endpoint. A Unix socket has a name of its own. */
  get #isExclusive(): boolean {
    return this.claim.endpoint?.kind === 'tcp';
  }

  /**
   * Whether the claim that we renew is there still. While it was gone somebody may have begun anew, and lost its claim in
   * turn: without an endpoint that only one can have there is no telling. As long as it is there, nobody can have.
   */
  async #isThere(): Promise<boolean> {
    const claim = await this.#generations.read(this.#generation);
    return claim === null || (claim !== 'gone' && claim.nonce === this.#claim.nonce);
  }

  async #withdraw(claim: Claim, generation: number): Promise<boolean> {
    this.#claim = claim;
    this.#generation = generation;
    this.#end();
    await this.#free();
    return false;
  }

  #end(): boolean {
    this.#over = true;
    this.#ports.mark('release');
    this.#ports.mark('fenced');
    return false;
  }
}
