/** What a contender may do about the newest generation: claim the next one, challenge its owner, wait, or leave it alone. */
import type { Address, Ports, Self } from '../ports/index.ts';
import type { Claim } from './claim.ts';
import { mayAsk } from './endpoints.ts';
import type { FormerOwners } from './former-owners.ts';
import type { Generations, Head } from './generations.ts';
import { type Silence, Watch, whoAnswers } from './health.ts';
import { type Fate, isAlive, type Liveness, type Pulse } from './liveness.ts';
import { pause, unlessAborted } from './stop.ts';
import { Stops } from './stops.ts';
import { longestLookMs, type Timing } from './timing.ts';
import { whyUnjudged } from './unjudged.ts';

/** `client`: a healthy owner answers. */
export type Verdict = 'claim' | 'challenge' | 'wait' | 'client';

/** The newest generation, and its owner: the one that has written it, or that it challenges. */
interface Subject {
  readonly owner: Claim | null;
  readonly fate: Fate;
}

const SILENCE: Readonly<Record<Exclude<Pulse, 'starting' | 'ready'>, Silence>> = {
  serving: 'deaf',
  leaving: 'leaving',
  silent: 'busy',
  unknown: 'unknown',
};

export class Judge {
  readonly #ports: Ports;
  readonly #self: Self;
  /** Our own. */
  readonly #endpoint: Address | null;
  readonly #timing: Timing;
  readonly #generations: Generations;
  readonly #former: FormerOwners;
  readonly #liveness: Liveness;
  readonly #stops: Stops;
  #watch: Watch | null = null;
  /** The challenged owner that was looked up last. */
  #challenged: Claim | null = null;
  /** Whose end has already ended a pause. */
  #ended: string | null = null;

  constructor(
    ports: Ports,
    self: Self,
    endpoint: Address | null,
    timing: Timing,
    generations: Generations,
    former: FormerOwners,
    liveness: Liveness,
  ) {
    this.#ports = ports;
    this.#self = self;
    this.#endpoint = endpoint;
    this.#timing = timing;
    this.#generations = generations;
    this.#former = former;
    this.#liveness = liveness;
    this.#stops = new Stops(longestLookMs(timing));
  }

  /** Its complete state. */
  get state(): unknown {
    return [this.#watch?.state ?? null, this.#stops.state, this.#challenged?.nonce ?? null, this.#ended];
  }

  async judge(head: Head): Promise<Verdict> {
    const { generation, claim } = head;
    if (generation === 0 || claim?.kind === 'free') return 'claim';
    const { owner, fate } = await this.#subjectOf(head);
    const isOwners = claim?.kind === 'owner';
    if (isOwners && fate === 'dead') return 'claim';
    if (isOwners && this.#endpoint === null && isAlive(fate)) return 'client';
    if (owner !== null && fate === 'stopped') return this.#judgeStopped(head, owner);
    this.#stops.ended();
    this.#watch = this.#watch?.isOf(head) ? this.#watch : new Watch(head, this.#timing);
    if (await this.#answers(claim)) {
      this.#watch.answered();
      // The newest generation is a challenge or unreadable, but an owner answers: it will publish its claim again.
      return isOwners ? 'client' : 'wait';
    }
    const pulse = owner === null ? 'unknown' : await this.#liveness.pulseOf(owner);
    if (pulse === 'starting' || pulse === 'ready') {
      this.#watch.answered();
      // It initialises: its endpoint will answer.
      return isOwners && pulse === 'ready' ? 'client' : 'wait';
    }
    const nowMs = await this.#ports.clock.monotonicMs();
    this.#watch.silent(nowMs, SILENCE[pulse]);
    if (claim?.kind === 'challenge')
      return this.#watch.isSilentFor(this.#timing.challengeMs, nowMs) ? 'claim' : 'wait';
    // We challenge only owners that we could end.
    const mayEnd = (owner === null || fate === 'alive') && this.#mayAsk(claim?.endpoint);
    if (!mayEnd || !this.#watch.isOverdue(nowMs)) return 'wait';
    return this.#challenge(owner);
  }

  /** A stopped process cannot answer, and cannot act. For as long as its lease it may go on. */
  async #judgeStopped({ claim }: Head, owner: Claim): Promise<Verdict> {
    this.#stops.seen(owner.nonce, await this.#ports.clock.monotonicMs());
    if (this.#stops.forMs < this.#timing.leaseMs) return 'wait';
    // Published while it goes on, the challenge is met: that is why it comes first.
    return claim?.kind === 'challenge' ? 'claim' : this.#challenge(owner);
  }

  /** An owner that we could not end must not be deposed either. */
  async #challenge(owner: Claim | null): Promise<Verdict> {
    return owner === null || (await this.#former.obstacleTo(owner)) === null ? 'challenge' : 'wait';
  }

  async #subjectOf(head: Head): Promise<Subject> {
    const owner = await this.#ownerOf(head);
    return { owner, fate: owner === null ? 'elsewhere' : await this.#liveness.fateOf(owner) };
  }

  async #ownerOf({ generation, claim }: Head): Promise<Claim | null> {
    if (claim?.kind === 'owner') return claim;
    const nonce = claim?.kind === 'challenge' ? claim.challenges : null;
    if (nonce === null) return null;
    if (this.#challenged?.nonce === nonce) return this.#challenged;
    const below = await this.#generations.read(generation - 1);
    this.#challenged =
      below !== null && below !== 'gone' && below.kind === 'owner' && below.nonce === nonce ? below : null;
    return this.#challenged;
  }

  /** Whether the owner named by a claim or a challenge answers. If it could not be read, any owner at our endpoint counts. */
  async #answers(claim: Claim | null): Promise<boolean> {
    const endpoint = claim?.kind === 'owner' ? claim.endpoint : this.#endpoint;
    if (endpoint === null || !this.#mayAsk(endpoint)) return false;
    const expected = claim?.kind === 'challenge' ? claim.challenges : (claim?.nonce ?? null);
    const nonce = await whoAnswers(endpoint, this.#ports, this.#timing);
    return nonce !== null && (expected === null || nonce === expected);
  }

  /** What cannot be asked cannot be found silent. */
  #mayAsk(endpoint: Address | null | undefined): boolean {
    return !endpoint || mayAsk(endpoint, this.#generations.directory, this.#endpoint);
  }

  /** Waits before the next look; not longer than until the owner has ended or released, or its lease is over. */
  async pause(head: Head, signal: AbortSignal | undefined): Promise<void> {
    const { probeEveryMs, leaseMs } = this.#timing;
    const stopped = this.#stops.isNow;
    const ms = stopped ? Math.max(0, Math.min(probeEveryMs, leaseMs - this.#stops.forMs)) : probeEveryMs;
    const owner = await this.#ownerOf(head);
    if (owner !== null && owner.nonce !== this.#ended) {
      const watched = await unlessAborted(this.#liveness.watch(owner, ms), signal);
      // If that was for nothing, the next pause is one.
      if (watched === 'ended') this.#ended = owner.nonce;
      if (watched !== 'failed') return;
    }
    await pause(ms, this.#ports.clock, signal);
  }

  async whyUnjudged(head: Head): Promise<string> {
    const filesystem = await this.#liveness.filesystem();
    const { owner, fate } = await this.#subjectOf(head);
    const why = whyUnjudged(head, this.#self, this.#generations.directory, this.#endpoint, fate, filesystem);
    if (head.claim?.kind !== 'owner' || owner === null || (fate !== 'alive' && fate !== 'stopped'))
      return why;
    const obstacle = await this.#former.obstacleTo(owner);
    return obstacle === null ? why : `${why}: ${obstacle}`;
  }
}
