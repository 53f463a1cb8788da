/** The claims of a contender: how it publishes the next generation, or a challenge, and the certificate that it has by then. */
import type { Ports, Self } from '../ports/index.ts';
import { Certificate } from './certificate.ts';
import type { Claim } from './claim.ts';
import type { Generations, Head } from './generations.ts';
import type { Liveness } from './liveness.ts';
import { quietly } from './quietly.ts';
import { syncAbove } from './state-directory.ts';
import { nextToken } from './token.ts';

/** A claim that we have published, and the lower generations that existed when it was the newest. */
export interface Won extends Head {
  readonly claim: Claim;
  readonly lower: readonly number[];
}

export class Claiming {
  readonly #ports: Ports;
  readonly #self: Self;
  readonly #generations: Generations;
  readonly #liveness: Liveness;
  #claim: Claim;
  /** `undefined`: not asked for yet. `null`: there can be none. */
  #certificate: Certificate | null | undefined;

  /** @param claim as it is before it is published */
  constructor(ports: Ports, self: Self, claim: Claim, generations: Generations, liveness: Liveness) {
    this.#ports = ports;
    this.#self = self;
    this.#claim = claim;
    this.#generations = generations;
    this.#liveness = liveness;
  }

  /** `null`: there is none, or none yet. */
  get certificate(): Certificate | null {
    return this.#certificate ?? null;
  }

  /** Unless its owner publishes the claim again, the claim becomes void. */
  async challenge(generation: number, of: Claim | null): Promise<void> {
    this.#ports.mark('challenge', { generation });
    await this.#generations.publish(generation + 1, {
      ...this.#claim,
      kind: 'challenge',
      token: of?.token ?? this.#claim.token,
      challenges: of?.nonce ?? null,
    });
  }

  /** Publishes our claim as the next generation. `null` unless it is still the newest when we look again. */
  claimNext(head: Head): Promise<Won | null> {
    return this.#ports.summarize(() => this.#tryNext(head));
  }

  async #tryNext(head: Head): Promise<Won | null> {
    await this.#certify();
    const next = head.generation + 1;
    const claim = { ...this.#claim, token: await nextToken(head.claim?.token ?? null, this.#ports) };
    if (next === 1) await syncAbove(this.#ports.fs, this.#generations.directory);
    if (!(await this.#published(next, claim))) return null;
    const generations = await this.#generations.list();
    const newest = Math.max(0, ...generations);
    if (newest === next) return { generation: next, claim, lower: below(next, generations) };
    // If newer generations exist, this number had been removed as outdated: our claim is void and can be removed. If none exist, our
    // file was lost, and a file that has this number by now belongs to another contender.
    if (newest > next) await this.#generations.remove(next);
    return null;
  }

  /** Before the first claim, so that a reader of the claim can rely on its certificate. */
  async #certify(): Promise<void> {
    if (this.#certificate !== undefined) return;
    const { directory } = this.#generations;
    const filesystem = await this.#liveness.filesystem();
    const isLocal = (await this.#liveness.extent()) === 'local';
    this.#certificate = isLocal
      ? await Certificate.issue(this.#ports, directory, this.#self, this.#claim.nonce)
      : null;
    this.#claim = { ...this.#claim, certificate: this.#certificate !== null, filesystem };
    // A lock without a service is not asked: that its holder lives is enough.
    if (this.#claim.endpoint !== null) void this.#certificate?.answer();
  }

  /** `false` if another contender was faster. If it fails, the claim may be visible all the same: it is withdrawn. */
  async #published(generation: number, claim: Claim): Promise<boolean> {
    try {
      return await this.#generations.publish(generation, claim, { lasts: false });
    } catch (error) {
      await quietly(() => this.#generations.withdraw(generation, claim.nonce));
      throw error;
    }
  }
}

function below(generation: number, generations: readonly number[]): number[] {
  return generations.filter((number) => number < generation).sort((a, b) => a - b);
}
