/** The owners before us: their processes may still believe that they own, until they are gone. */
import type { Ports, ProcessInfo, Self } from '../ports/index.ts';
import { type Claim, isCommandOf, needsCommand } from './claim.ts';
import { evict, isGoneWithin } from './eviction.ts';
import type { Generations, Head } from './generations.ts';
import { hasNoCommand, lookAt } from './identity.ts';
import type { Liveness } from './liveness.ts';
import type { Timing } from './timing.ts';

export class FormerOwners {
  readonly #ports: Ports;
  readonly #self: Self;
  readonly #nonce: string;
  readonly #generations: Generations;
  readonly #timing: Timing;
  readonly #liveness: Liveness;

  /** @param nonce that of our own claims, which are not former */
  constructor(
    ports: Ports,
    self: Self,
    nonce: string,
    generations: Generations,
    timing: Timing,
    liveness: Liveness,
  ) {
    this.#ports = ports;
    this.#self = self;
    this.#nonce = nonce;
    this.#generations = generations;
    this.#timing = timing;
    this.#liveness = liveness;
  }

  /** The claims among these generations, in ascending order, that were not withdrawn. */
  among(lower: readonly number[]): Promise<Claim[]> {
    return this.#ports.summarize(async () => {
      const former = new Map<string, Claim>();
      for (const number of lower) {
        const claim = await this.#generations.read(number);
        if (claim === null || claim === 'gone' || claim.nonce === this.#nonce) continue;
        if (claim.kind === 'owner') former.set(claim.nonce, claim);
        else former.delete(claim.nonce);
      }
      return [...former.values()];
    });
  }

  /**
   * A former owner that is alive and has not been challenged, because it was hidden behind the generation that we have superseded.
   * If that generation was a challenge, its owner has left it unanswered.
   */
  async firstUnjudged(former: readonly Claim[], { claim }: Head): Promise<Claim | null> {
    if (claim?.kind === 'challenge') return null;
    for (const candidate of former) {
      if ((await this.#liveness.fateOf(candidate)) !== 'dead') return candidate;
    }
    return null;
  }

  /** Why we may not end the process of this claim; `null` if we may, or if it is gone. A reason is text for people. */
  async obstacleTo(former: Claim): Promise<string | null> {
    const info = await lookAt(former.pid, this.#ports);
    return info === null ? null : this.#obstacleIn(former, info);
  }

  #obstacleIn(former: Claim, info: ProcessInfo | 'hidden'): string | null {
    const { pid } = former;
    if (info === 'hidden') return `PID ${pid} is hidden from us`;
    if (former.uid !== this.#self.uid) return `the claim is of user ${former.uid}`;
    if (info.uid !== this.#self.uid) return `PID ${pid} is a process of user ${info.uid}`;
    if (needsCommand(former) && !hasNoCommand(info) && !isCommandOf(former, info.command))
      return `PID ${pid} is ${info.command.join(' ')}, and the claim names ${former.command.join(' ')}`;
    return null;
  }

  /** @returns `null` once it is gone; otherwise why it is not */
  async end(former: Claim): Promise<string | null> {
    const fate = await this.#liveness.fateOf(former);
    if (fate === 'dead') return null;
    if (fate === 'elsewhere' || fate === 'apart') return 'it is on another machine or in another container';
    const info = await lookAt(former.pid, this.#ports);
    if (info === null) return null;
    const obstacle = this.#obstacleIn(former, info);
    if (obstacle !== null) return obstacle;
    const { killGraceMs } = this.#timing;
    const gone =
      info !== 'hidden' && hasNoCommand(info)
        ? await isGoneWithin(former, killGraceMs, this.#ports)
        : await this.#evict(former);
    return gone ? null : `PID ${former.pid} does not end`;
  }

  #evict(former: Claim): Promise<boolean> {
    this.#ports.mark('evict', { pid: former.pid, startTicks: former.startTicks });
    return evict(former, this.#ports, this.#timing);
  }
}
