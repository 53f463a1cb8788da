import { type Address, isSystemError, type Ports } from '../ports/index.ts';
import type { Head } from './generations.ts';
import type { Timing } from './timing.ts';

/** The path at which owners identify themselves. */
export const HEALTH_PATH = '/health';

/** The nonce of the owner that answers at an endpoint; `null` if there is no answer, or not from an owner of this protocol. */
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

/**
 * Whether the endpoint of an owner answers with its nonce: only then may it meet a challenge. A single probe may get lost, so it
 * is repeated as long as the challenge leaves time.
 *
 * @param endpoint `null`: there is none, or it does not have to answer yet
 */
export async function answersAs(
  nonce: string,
  endpoint: Address | null,
  ports: Pick<Ports, 'probe' | 'clock'>,
  timing: Timing,
): Promise<boolean> {
  if (endpoint === null) return true;
  const { challengeMs, selfCheckMs, failedProbes } = timing;
  const untilMs = (await ports.clock.monotonicMs()) + challengeMs - selfCheckMs;
  for (let asked = 1; ; asked++) {
    if ((await whoAnswers(endpoint, ports, timing)) === nonce) return true;
    if (asked >= failedProbes || (await ports.clock.monotonicMs()) >= untilMs) return false;
  }
}

/** An owner's answer to a health check: the nonce of its claim, so that it cannot be confused with another daemon. */
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
 * How long an owner has been silent while we were watching. If there is a long gap between two probes (we were stopped, or
 * the machine was suspended), the count starts again: time in which we did not run proves nothing.
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

  /** Its complete state. */
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

  /** Whether it has been silent for this long, and through enough probes. */
  isSilentFor(ms: number, nowMs: number): boolean {
    if (this.#silentSinceMs === null) return false;
    return this.#failures >= this.#timing.failedProbes && nowMs - this.#silentSinceMs >= ms;
  }

  /** Whether its lease has expired, or its boot grace if it has never answered. */
  isOverdue(nowMs: number): boolean {
    return this.isSilentFor(this.#answered ? this.#timing.leaseMs : this.#timing.bootGraceMs, nowMs);
  }
}
