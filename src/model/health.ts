import { type Address, hasCode, isSystemError, type Ports } from '../ports/index.ts';
import type { Head } from './generations.ts';
import { longestLookMs, type Timing } from './timing.ts';

/** The path at which owners identify themselves. */
export const HEALTH_PATH = '/health';

/**
 * What an owner says of itself. `starting`: it has a claim, and does not act yet. `ready`: it may act. `serving`: its endpoint must
 * answer. `leaving`: it closes what it owns.
 */
export type Phase = 'starting' | 'ready' | 'serving' | 'leaving';

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

/** Asks until one of so many probes brings an answer, of whomever, or there is no one who could give any. */
export async function isKnownToAnswer(
  nonce: string,
  endpoint: Address,
  { probe }: Pick<Ports, 'probe'>,
  { probeTimeoutMs, failedProbes }: Pick<Timing, 'probeTimeoutMs' | 'failedProbes'>,
): Promise<boolean> {
  for (let asked = 1; ; asked++) {
    try {
      const answer = await probe.request(endpoint, { path: HEALTH_PATH, body: '' }, probeTimeoutMs);
      return answer.status === 200 && nonceIn(answer.body) === nonce;
    } catch (error) {
      if (!isSystemError(error)) throw error;
      if (!hasCode(error, 'ETIMEDOUT') || asked >= failedProbes) return false;
    }
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

/** An owner's answer to a health check: the nonce of its claim, so that it cannot be confused with another daemon. @param phase how far it is */
export function healthBody(nonce: string, phase?: Phase): string {
  return JSON.stringify({ nonce, phase });
}

function nonceIn(body: string): string | null {
  try {
    const { nonce } = JSON.parse(body) as { nonce?: unknown };
    return typeof nonce === 'string' ? nonce : null;
  } catch {
    return null;
  }
}

const PHASES: readonly unknown[] = ['starting', 'ready', 'serving', 'leaving'] satisfies Phase[];

/** The phase in an answer that has this nonce; `null` if it is not such an answer. */
export function phaseIn(body: string, nonce: string): Phase | null {
  if (nonceIn(body) !== nonce) return null;
  const { phase } = JSON.parse(body) as { phase?: unknown };
  return PHASES.includes(phase) ? (phase as Phase) : null;
}

/**
 * In which way an owner is silent. `deaf`: its process answers, and its service does not. `busy`: its process runs, and does not answer
 * either. `leaving`: it says so. `unknown`: its process cannot be asked.
 */
export type Silence = 'deaf' | 'busy' | 'leaving' | 'unknown';

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
  #silence: Silence = 'unknown';
  #sameSinceMs = 0;

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
      silence: [this.#silence, this.#sameSinceMs],
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

  silent(nowMs: number, silence: Silence = 'unknown'): void {
    if (this.#lastLookMs !== null && nowMs - this.#lastLookMs > longestLookMs(this.#timing)) {
      this.#failures = 0;
      this.#silentSinceMs = null;
    }
    this.#lastLookMs = nowMs;
    if (this.#silentSinceMs === null || silence !== this.#silence) this.#sameSinceMs = nowMs;
    this.#silence = silence;
    this.#silentSinceMs ??= nowMs;
    this.#failures++;
  }

  /** Whether it has been silent for this long, and through enough probes. */
  isSilentFor(ms: number, nowMs: number): boolean {
    if (this.#silentSinceMs === null) return false;
    return this.#failures >= this.#timing.failedProbes && nowMs - this.#silentSinceMs >= ms;
  }

  /** Whether it has been silent for longer than it may be in this way, or in any way. */
  isOverdue(nowMs: number): boolean {
    const { leaseMs, bootGraceMs, hangMs } = this.#timing;
    if (this.#silence === 'unknown') return this.isSilentFor(this.#answered ? leaseMs : bootGraceMs, nowMs);
    if (this.isSilentFor(hangMs, nowMs)) return true;
    if (this.#silence === 'busy') return false;
    const graceMs = this.#silence === 'deaf' ? leaseMs : bootGraceMs;
    return this.isSilentFor(0, nowMs) && nowMs - this.#sameSinceMs >= graceMs;
  }
}
