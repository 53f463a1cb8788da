/**
 * The death certificate of an owner: a Unix socket in the state directory, with a name of its own, that listens from before its first
 * claim until it has released. The kernel closes it when the process ends, in whatever way. From then on every connection is refused: at
 * once, and in every PID namespace and network of this kernel. So no PID is needed to see that an owner is dead.
 *
 * A socket that is bound and does not listen yet refuses too. So it is bound under another name, and gets its own only when it listens.
 */
import { type Answer, hasCode, type Incoming, isSystemError, type Ports, type Self } from '../ports/index.ts';
import type { Claim } from './claim.ts';
import { HEALTH_PATH, healthBody, type Phase } from './health.ts';
import { namesIn, temporaryPath } from './litter.ts';
import { quietly } from './quietly.ts';

/** A request that stays without an answer: it fails at the moment at which the owner ends, or releases. */
export const WATCH_PATH = '/watch';

const NAME = /^cert-\d{1,10}-\d{1,15}-[0-9a-f]{8}$/;
/** More contenders than this hardly wait at once. Those that have waited longest are answered: they ask again. */
const MOST_WATCHERS = 64;
const DROPPED: Answer = { status: 204, body: '' };
const UNKNOWN: Answer = { status: 404, body: 'no such path' };

/** Only the beginning of the nonce, since the path of a Unix socket is limited to 107 bytes. */
export function certificatePath(
  directory: string,
  { pid, startTicks, nonce }: Pick<Claim, 'pid' | 'startTicks' | 'nonce'>,
): string {
  return `${directory}/cert-${pid}-${startTicks}-${nonce.slice(0, 8)}`;
}

type CertificatePorts = Pick<Ports, 'fs' | 'net' | 'mark'>;

/** Our own. */
export class Certificate {
  readonly path: string;
  readonly #ports: CertificatePorts;
  readonly #listener: number;
  readonly #nonce: string;
  readonly #watchers: number[] = [];
  #phase: Phase = 'starting';
  #isRevoked = false;

  private constructor(ports: CertificatePorts, path: string, listener: number, nonce: string) {
    this.#ports = ports;
    this.path = path;
    this.#listener = listener;
    this.#nonce = nonce;
  }

  /** `null` if there can be none here: no Unix sockets, no descriptors, or the path is too long. */
  static async issue(
    ports: CertificatePorts,
    directory: string,
    self: Pick<Self, 'pid' | 'startTicks' | 'bootId' | 'pidNamespace'>,
    nonce: string,
  ): Promise<Certificate | null> {
    // Longer than the path, so that it fails first where that is too long to connect to.
    const temporary = temporaryPath(directory, { ...self, nonce: nonce.slice(0, 8) });
    const { pid, startTicks } = self;
    const path = certificatePath(directory, { pid, startTicks, nonce });
    let listener: number | null = null;
    try {
      listener = await ports.net.listen({ kind: 'unix', path: temporary });
      await ports.fs.rename(temporary, path);
      return new Certificate(ports, path, listener, nonce);
    } catch (error) {
      if (listener !== null) await quietly(() => ports.net.close(listener!));
      if (isSystemError(error)) return null;
      throw error;
    }
  }

  get phase(): Phase {
    return this.#phase;
  }

  set phase(phase: Phase) {
    this.#phase = phase;
  }

  /** Answers until it is revoked, whatever else the process does: so an owner that is at work answers, also while it initialises. */
  async answer(): Promise<void> {
    try {
      for (;;) await this.#receive(await this.#ports.net.accept(this.#listener));
    } catch (error) {
      if (!isSystemError(error)) throw error;
      if (!this.#isRevoked) this.#ports.mark('unanswering', { why: error.message });
    }
  }

  async #receive({ request, path }: Incoming): Promise<void> {
    if (path === HEALTH_PATH)
      return this.#send(request, { status: 200, body: healthBody(this.#nonce, this.#phase) });
    if (path !== WATCH_PATH) return this.#send(request, UNKNOWN);
    this.#watchers.push(request);
    if (this.#watchers.length > MOST_WATCHERS) await this.#send(this.#watchers.shift()!, DROPPED);
  }

  async #send(request: number, answer: Answer): Promise<void> {
    try {
      await this.#ports.net.answer(request, answer);
    } catch (error) {
      // The sender has gone.
      if (!isSystemError(error)) throw error;
    }
  }

  /** The name goes first: while it is there, it proves something. */
  async revoke(): Promise<void> {
    if (this.#isRevoked) return;
    this.#isRevoked = true;
    try {
      await this.#ports.fs.unlinkIfThere(this.path);
    } finally {
      await this.#ports.net.close(this.#listener);
    }
  }
}

/**
 * Whether the writer of a claim is alive, by its certificate. `unknown`: it has none, or its name is lost, or is that of something else.
 * Call it only for claims whose certificate is on a filesystem of this kernel.
 */
export async function certifies(
  claim: Claim,
  directory: string,
  ports: Pick<Ports, 'fs' | 'probe'>,
  timeoutMs: number,
): Promise<'alive' | 'dead' | 'unknown'> {
  if (claim.certificate !== true) return 'unknown';
  return stateOf(certificatePath(directory, claim), ports, timeoutMs);
}

async function stateOf(
  path: string,
  { fs, probe }: Pick<Ports, 'fs' | 'probe'>,
  timeoutMs: number,
): Promise<'alive' | 'dead' | 'unknown'> {
  try {
    await probe.connect({ kind: 'unix', path }, timeoutMs);
    return 'alive';
  } catch (error) {
    // The backlog of a stopped process is full.
    if (hasCode(error, 'EAGAIN') || hasCode(error, 'ETIMEDOUT')) return 'alive';
    // Linux refuses connections to other files too.
    if (hasCode(error, 'ECONNREFUSED')) return (await isSocket(fs, path)) ? 'dead' : 'unknown';
    if (isSystemError(error)) return 'unknown';
    throw error;
  }
}

async function isSocket(fs: Ports['fs'], path: string): Promise<boolean> {
  try {
    return (await fs.lstat(path)).kind === 'socket';
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

/**
 * Removes the names of certificates whose owners are dead. A name is used once, so that it cannot be that of another by now. Where the
 * newest claim is one of the dead, its certificate is what shows that in other containers.
 *
 * @param isHead whether the newest claim is ours
 */
export async function removeExpired(
  directory: string,
  ports: Pick<Ports, 'fs' | 'probe'>,
  timeoutMs: number,
  isHead: () => Promise<boolean>,
): Promise<void> {
  const expired: string[] = [];
  for (const name of await namesIn(directory, ports.fs, 'cert-')) {
    const path = `${directory}/${name}`;
    if (NAME.test(name) && (await stateOf(path, ports, timeoutMs)) === 'dead') expired.push(path);
  }
  // In this order: what the dead have published is there by now.
  if (expired.length === 0 || !(await isHead())) return;
  for (const path of expired) await ports.fs.unlinkIfThere(path);
}
