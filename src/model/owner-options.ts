/** The options of a contender, checked before it publishes a claim. */
import type { Address } from '../ports/index.ts';
import { printable } from '../ports/printable.ts';
import { DEFAULT_TIMING, type Timing } from './timing.ts';

/** Where the claims are, where the owner will listen, and how long a contender waits. */
export interface OwnerOptions {
  /** Holds the claims of one owner, and nothing else. Created if missing. */
  directory: string;
  /**
   * Where the owner listens and answers. `unix`: a Unix socket in the state directory, with a different name for each owner.
   * `null`: a lock without a service; then an owner that is stopped or hangs keeps the lock for ever. Only one process can listen on
   * a TCP port; without one, an owner whose claim file is lost has lost the lock, and notices at its next check.
   */
  endpoint: Address | 'unix' | null;
  timing?: Partial<Timing>;
  /** Abort it to stop contending: the contender withdraws and is `blocked`. Has no effect on an owner. */
  signal?: AbortSignal | undefined;
}

/**
 * @throws TypeError if `directory` or `endpoint` is not of its type
 * @throws RangeError for a TCP port that no owner can listen at
 */
export function checkOwnerOptions({ directory, endpoint }: OwnerOptions): void {
  if (!isText(directory))
    throw new TypeError(
      `directory: got ${shown(directory)}: expected the path of the directory that holds the claims, without control characters`,
    );
  const kind = typeof endpoint === 'object' ? endpoint?.kind : endpoint;
  if (endpoint !== null && kind !== 'unix' && kind !== 'tcp') {
    throw new TypeError(
      `endpoint: got ${shown(endpoint)}: expected null, 'unix', { kind: 'unix', path } or { kind: 'tcp', host, tcpPort }`,
    );
  }
  if (typeof endpoint === 'object' && endpoint?.kind === 'tcp') checkTcp(endpoint);
  if (typeof endpoint === 'object' && endpoint?.kind === 'unix' && !isText(endpoint.path))
    throw new TypeError(`endpoint.path: got ${shown(endpoint.path)}: expected the path of a Unix socket`);
}

function checkTcp({ host, tcpPort }: { host: string; tcpPort: number }): void {
  if (!isText(host))
    throw new TypeError(`endpoint.host: got ${shown(host)}: expected a host, such as '127.0.0.1'`);
  if (!Number.isInteger(tcpPort) || tcpPort < 1 || tcpPort > 65_535) {
    throw new RangeError(
      `endpoint.tcpPort: got ${shown(tcpPort)}: expected a number from 1 to 65535 that all contenders know`,
    );
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && printable(value) === value;
}

/**
 * The timing of a contender, with defaults.
 *
 * @throws TypeError for a name that is not known
 * @throws RangeError for a value that is not a number from 0
 */
export function timingOf(given: Partial<Timing> = {}): Timing {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(DEFAULT_TIMING, name)) {
      throw new TypeError(
        `timing: ${JSON.stringify(name)} is not known; accepted: ${Object.keys(DEFAULT_TIMING).join(', ')}`,
      );
    }
    if (typeof value !== 'number' || !(value >= 0))
      throw new RangeError(`timing.${name}: got ${shown(value)}: expected a number from 0`);
  }
  return { ...DEFAULT_TIMING, ...given };
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
}
