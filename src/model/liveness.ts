/**
 * Whether the owner that has written a claim is alive. Its certificate shows that, wherever it runs on this kernel. Without one (an earlier
 * version, a filesystem that cannot have any) its PID does, if it is in our PID namespace.
 */
import { hasCode, isSystemError, type Ports, type Self } from '../ports/index.ts';
import { certificatePath, certifies, WATCH_PATH } from './certificate.ts';
import type { Claim } from './claim.ts';
import { mayAsk } from './endpoints.ts';
import { type Extent, extentOf, typeOf } from './filesystem.ts';
import { HEALTH_PATH, isKnownToAnswer, type Phase, phaseIn } from './health.ts';
import { hasEnded, lookAt } from './identity.ts';
import type { OwnerOptions } from './owner-options.ts';
import type { Timing } from './timing.ts';

/**
 * `alive`, or `stopped` (by a signal): it is a process that we see. `apart`: it is alive, and we do not see its process: it is in another
 * container or on another machine. `elsewhere`: it is there, and may be dead.
 */
export type Fate = 'alive' | 'stopped' | 'dead' | 'apart' | 'elsewhere';

/** What an owner says of itself. `silent`: it takes our question and does not answer. `unknown`: it cannot be asked. */
export type Pulse = Phase | 'silent' | 'unknown';

/** Whether a process with this fate is alive for certain. */
export function isAlive(fate: Fate): boolean {
  return fate === 'alive' || fate === 'stopped' || fate === 'apart';
}

export class Liveness {
  readonly #ports: Pick<Ports, 'fs' | 'probe' | 'process'>;
  readonly #self: Self;
  readonly #directory: string;
  readonly #own: Exclude<OwnerOptions['endpoint'], 'unix'>;
  readonly #timing: Timing;
  #type: Promise<number> | null = null;

  /** @param own our own endpoint; `null`: none */
  constructor(
    ports: Pick<Ports, 'fs' | 'probe' | 'process'>,
    self: Self,
    directory: string,
    own: Exclude<OwnerOptions['endpoint'], 'unix'>,
    timing: Timing,
  ) {
    this.#ports = ports;
    this.#self = self;
    this.#directory = directory;
    this.#own = own;
    this.#timing = timing;
  }

  /** The type of the filesystem of the state directory. */
  filesystem(): Promise<number> {
    this.#type ??= typeOf(this.#ports.fs, this.#directory);
    return this.#type;
  }

  async extent(): Promise<Extent> {
    return extentOf(await this.filesystem());
  }

  async fateOf(claim: Claim): Promise<Fate> {
    const certified = await this.#certified(claim);
    if (claim.bootId !== this.#self.bootId) return this.#fateOfOtherBoot(claim, certified === 'alive');
    const isOurNamespace = claim.pidNamespace === this.#self.pidNamespace;
    if (!isOurNamespace && certified !== 'dead') return certified === 'alive' ? 'apart' : 'elsewhere';
    // We may see its process although its socket refuses: in another view of an overlay filesystem.
    const info = isOurNamespace ? await lookAt(claim.pid, this.#ports) : null;
    if (certified === 'dead' && (info === null || info === 'hidden')) return 'dead';
    if (await hasEnded(claim, info, this.#ports, claim.uid === this.#self.uid))
      return certified === 'alive' ? 'apart' : 'dead';
    return info !== null && info !== 'hidden' && info.state === 'stopped' ? 'stopped' : 'alive';
  }

  /** The machine was restarted, or it is another one. Before a restart is believed in, the owner is asked. */
  async #fateOfOtherBoot(claim: Claim, certified: boolean): Promise<Fate> {
    if (certified || (await this.#answers(claim))) return 'apart';
    const extent = await this.extent();
    if (extent === 'shared') return 'elsewhere';
    // Systems for which we know no types, and writers that have not looked: as far as the host name tells.
    if (extent === 'unknown' || claim.filesystem === undefined)
      return claim.hostname === this.#self.hostname ? 'dead' : 'elsewhere';
    // A process that saw it as a filesystem of its own kernel had it before us.
    return extentOf(claim.filesystem) === 'local' ? 'dead' : 'elsewhere';
  }

  async #answers({ endpoint, nonce }: Claim): Promise<boolean> {
    if (endpoint === null || !mayAsk(endpoint, this.#directory, this.#own)) return false;
    return isKnownToAnswer(nonce, endpoint, this.#ports, this.#timing);
  }

  /** By its certificate, which proves something only where no other kernel has the filesystem. */
  async #certified(claim: Claim): Promise<'alive' | 'dead' | 'unknown'> {
    if (!(await this.#hasCertificate(claim))) return 'unknown';
    return certifies(claim, this.#directory, this.#ports, this.#timing.probeTimeoutMs);
  }

  async #hasCertificate({ certificate }: Claim): Promise<boolean> {
    return certificate === true && (await this.extent()) === 'local';
  }

  /** Asks the process itself, not its service. */
  async pulseOf(claim: Claim): Promise<Pulse> {
    if (!(await this.#hasCertificate(claim))) return 'unknown';
    try {
      const request = { path: HEALTH_PATH, body: '' };
      const { status, body } = await this.#request(claim, request, this.#timing.probeTimeoutMs);
      return (status === 200 && phaseIn(body, claim.nonce)) || 'unknown';
    } catch (error) {
      if (hasCode(error, 'ETIMEDOUT') || hasCode(error, 'EAGAIN')) return 'silent';
      if (isSystemError(error)) return 'unknown';
      throw error;
    }
  }

  /**
   * Waits, and not longer than until the owner has ended or released.
   *
   * @returns `ended`: the connection to it is broken. `time`: all of the time has passed. `failed`: it cannot be watched
   */
  async watch(claim: Claim, ms: number): Promise<'ended' | 'time' | 'failed'> {
    // An owner without an endpoint does not answer.
    if (claim.endpoint === null || !(await this.#hasCertificate(claim))) return 'failed';
    try {
      await this.#request(claim, { path: WATCH_PATH, body: '' }, ms);
      return 'failed';
    } catch (error) {
      if (hasCode(error, 'ETIMEDOUT')) return 'time';
      if (hasCode(error, 'ECONNRESET') || hasCode(error, 'ECONNREFUSED')) return 'ended';
      if (isSystemError(error)) return 'failed';
      throw error;
    }
  }

  #request(
    claim: Claim,
    request: { path: string; body: string },
    timeoutMs: number,
  ): ReturnType<Ports['probe']['request']> {
    const path = certificatePath(this.#directory, claim);
    return this.#ports.probe.request({ kind: 'unix', path }, request, timeoutMs);
  }
}
