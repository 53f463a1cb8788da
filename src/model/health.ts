import { type Address, isSystemError, type Ports } from '../ports/index.ts';
import type { Head } from './generations.ts';
import type { Timing } from './timing.ts';

/** Where owners answer who they are. */
export const HEALTH_PATH = '/health';

/** Who answers at an endpoint: the nonce of its claim; null: nobody, or somebody who is no owner of this kind. */
export async function whoAnswers(
  endpoint: Address,
  { probe }: Pick<Ports, 'probe'>,
  timing: Pick<Timing, 'probeTimeoutMs'>,
): Promise<string | null> {
  try {
    const answer = await probe.request(endpoint, { path: HEALTH_PATH, body: '' }, timing.probeTimeoutMs);
    return answer.status === 200 ? nonceIn(answer.body) : null;
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}

/** What an owner answers to a health check: the nonce of its claim, so that nobody takes another daemon for it. */
export function healthBody(nonce: string): string {
  return JSON.stringify({ nonce });
}

function nonceIn(body: string): string | null {
  try {
    const { nonce } = JSON.parse(body) as { nonce?: unknown };
    return typeof nonce === 'string' ? nonce : null;
  } catch {
    return null;
  }
}

/**
 * How long one head has been silent, as far as we could see. Only time in which we ourselves were awake counts: after a
 * longer gap between two looks (we were stopped, the machine was suspended) the count begins anew.
 */
export class Watch {
  readonly head: Head;
  readonly #timing: Timing;
  #answered = false;
  #failures = 0;
  #silentSinceMs: number | null = null;
  #lastLookMs: number | null = null;

  constructor(head: Head, timing: Timing) {
    this.head = head;
    this.#timing = timing;
  }

  /** All that it knows. */
  get state(): object {
    const { generation, claim } = this.head;
    return {
      head: [generation, claim?.nonce ?? null],
      looks: [this.#answered, this.#failures, this.#silentSinceMs, this.#lastLookMs],
    };
  }

  isOf({ generation, claim }: Head): boolean {
    return generation === this.head.generation && claim?.nonce === this.head.claim?.nonce;
  }

  answered(): void {
    this.#answered = true;
    this.#failures = 0;
    this.#silentSinceMs = null;
  }

  silent(nowMs: number): void {
    const { probeEveryMs, probeTimeoutMs } = this.#timing;
    const longestLookMs = 2 * (probeEveryMs + probeTimeoutMs);
    if (this.#lastLookMs !== null && nowMs - this.#lastLookMs > longestLookMs) {
      this.#failures = 0;
      this.#silentSinceMs = null;
    }
    this.#lastLookMs = nowMs;
    this.#silentSinceMs ??= nowMs;
    this.#failures++;
  }

  /** Silent for so long, and through so many looks. */
  isSilentFor(ms: number, nowMs: number): boolean {
    if (this.#silentSinceMs === null) return false;
    return this.#failures >= this.#timing.failedProbes && nowMs - this.#silentSinceMs >= ms;
  }

  /** Its lease, or its boot grace if it has never answered, has run out. */
  isOverdue(nowMs: number): boolean {
    return this.isSilentFor(this.#answered ? this.#timing.leaseMs : this.#timing.bootGraceMs, nowMs);
  }
}
