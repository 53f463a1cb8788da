/**
 * A Unix socket at a path that is the same for all owners. Its name outlives the socket: after a crash the next owner finds it in its way.
 * Only the holder of the newest claim replaces it, once nothing listens there any more.
 */
import { type Address, hasCode, type Ports } from '../ports/index.ts';
import type { Claim } from './claim.ts';
import { socketPath } from './litter.ts';

/** The path, if the endpoint of a claim is one that all owners share; otherwise `null`. */
export function sharedPath(claim: Claim, directory: string): string | null {
  const { endpoint } = claim;
  if (endpoint?.kind !== 'unix') return null;
  return endpoint.path === socketPath(directory, claim, claim.nonce) ? null : endpoint.path;
}

/**
 * Listens at an endpoint. Closing the listener keeps a shared path, since another owner may have it by then.
 *
 * @param isShared whether all owners have this path
 */
export async function listenAt(endpoint: Address, isShared: boolean, { net }: Ports): Promise<number> {
  if (!isShared) return net.listen(endpoint);
  try {
    return await net.listen(endpoint, { unlinkOnClose: false });
  } catch (error) {
    // Only Linux can keep the name.
    if (hasCode(error, 'ENOSYS')) return net.listen(endpoint);
    throw error;
  }
}

/**
 * Removes the name of a socket at which nothing listens. Call it only while holding the newest claim: no other contender listens there.
 *
 * @returns whether to try to listen again
 */
export async function removeStalePath(
  endpoint: Address & { kind: 'unix' },
  { fs, probe }: Ports,
  timeoutMs: number,
): Promise<boolean> {
  try {
    await probe.connect(endpoint, timeoutMs);
    return false;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return true;
    // Linux refuses connections to other files too.
    if (!hasCode(error, 'ECONNREFUSED') || (await fs.lstat(endpoint.path)).kind !== 'socket') return false;
    await fs.unlinkIfThere(endpoint.path);
    return true;
  }
}
