/** What is between the first claim and the first act: former owners and their orphans must be gone, and the endpoint must be ours. */
import type { Ports, Self } from '../ports/index.ts';
import type { Claim } from './claim.ts';
import type { Claiming, Won } from './claiming.ts';
import { blocked, type Contest } from './contest.ts';
import type { Exemption } from './exemption.ts';
import type { FormerOwners } from './former-owners.ts';
import type { Generations, Head } from './generations.ts';
import { Ownership } from './ownership.ts';
import { reapOrphans } from './reaper.ts';
import { SUPERSEDED, takeEndpoint } from './take-endpoint.ts';
import type { Timing } from './timing.ts';

export class Settlement {
  readonly #ports: Ports;
  readonly #self: Self;
  readonly #generations: Generations;
  readonly #timing: Timing;
  readonly #claiming: Claiming;
  readonly #former: FormerOwners;
  readonly #exemption: Exemption | null;
  readonly #signal: AbortSignal | undefined;

  constructor(
    ports: Ports,
    self: Self,
    generations: Generations,
    timing: Timing,
    claiming: Claiming,
    former: FormerOwners,
    exemption: Exemption | null,
    signal: AbortSignal | undefined,
  ) {
    this.#ports = ports;
    this.#self = self;
    this.#generations = generations;
    this.#timing = timing;
    this.#claiming = claiming;
    this.#former = former;
    this.#exemption = exemption;
    this.#signal = signal;
  }

  /**
   * Before we act, all former owners and their orphans must be gone, and the endpoint must be ours.
   *
   * @param head the generation that we have superseded
   */
  async settle(ours: Won, head: Head, giveUpAtMs: number): Promise<Contest | 'again'> {
    const owner = new Ownership(
      this.#ports,
      this.#self,
      ours,
      this.#generations,
      this.#timing,
      this.#claiming.certificate,
      this.#exemption,
    );
    try {
      return await this.#become(owner, ours, head, giveUpAtMs);
    } catch (error) {
      await owner.abandon();
      throw error;
    }
  }

  async #become(owner: Ownership, ours: Won, head: Head, giveUpAtMs: number): Promise<Contest | 'again'> {
    const former = await this.#former.among(ours.lower);
    const unjudged = await this.#former.firstUnjudged(former, head);
    // Also one that we could not end, in another container: it has been superseded already, and may publish its claim again.
    if (unjudged !== null) {
      await this.#claiming.challenge(owner.generation, unjudged);
      return 'again';
    }
    // Who left alone has ended its children, and found those of all before it gone. One in another container could not see those here.
    const isCleared =
      head.claim?.kind === 'free' &&
      head.claim.pidNamespace === this.#self.pidNamespace &&
      ours.lower.length === 1;
    const obstacle = await this.#clearTheWay(owner, isCleared ? null : former, giveUpAtMs);
    if (obstacle === null) return { kind: 'owner', owner };
    await owner.release();
    return blocked(obstacle);
  }

  /**
   * @param former the owners before us; `null`: they are known to be gone, and their children too
   * @returns `null` on success, otherwise what is in the way
   */
  async #clearTheWay(
    owner: Ownership,
    former: readonly Claim[] | null,
    giveUpAtMs: number,
  ): Promise<string | null> {
    for (const claim of former ?? []) {
      const obstacle = await this.#former.end(claim);
      if (obstacle === null) continue;
      return `the former owner, PID ${claim.pid}, does not answer and may not or cannot be ended: ${obstacle}`;
    }
    if (former !== null)
      await reapOrphans(this.#generations.directory, this.#self, this.#ports, this.#timing);
    const obstacle = await takeEndpoint(
      owner,
      this.#ports,
      this.#self,
      this.#timing,
      giveUpAtMs,
      this.#signal,
    );
    // Even if the endpoint is taken, the former owners are gone.
    await owner.inherit();
    if (obstacle !== null) return obstacle;
    return (await owner.begin()) ? null : SUPERSEDED;
  }
}
