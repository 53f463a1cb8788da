import type { Address, Self } from '../ports/index.ts';
import type { Claim } from './claim.ts';
import { describe, mayAsk } from './endpoints.ts';
import { extentOf, nameOf } from './filesystem.ts';
import type { Head } from './generations.ts';
import type { Fate } from './liveness.ts';

/**
 * Why a contender gives up on an owner that does not answer: what stands in the way of ending it.
 *
 * @param filesystem the type of the filesystem of the directory, as we see it
 */
export function whyUnjudged(
  { generation, claim }: Head,
  self: Self,
  directory: string,
  own: Address | null,
  fate: Fate,
  filesystem: number,
): string {
  const why =
    claim === null ? 'its claim cannot be read' : obstacleIn(claim, self, directory, own, fate, filesystem);
  const what =
    fate === 'apart' ? 'lives, and does not answer at its endpoint' : 'neither answers nor can be judged';
  return `the owner of generation ${generation} ${what}${why === null ? '' : `: ${why}`}`;
}

function obstacleIn(
  claim: Claim,
  self: Self,
  directory: string,
  own: Address | null,
  fate: Fate,
  filesystem: number,
): string | null {
  const { endpoint, hostname } = claim;
  if (claim.bootId !== self.bootId)
    return `it is on another machine, ${hostname}, or was before a restart${sharedBy(claim, filesystem)}`;
  if (fate === 'apart' || claim.pidNamespace !== self.pidNamespace)
    return `it is in another container, on ${hostname}`;
  if (endpoint === null || mayAsk(endpoint, directory, own)) return null;
  return `its endpoint, ${describe(endpoint)}, is neither on loopback nor in the state directory`;
}

/** What is to be done if the other machine is no more. */
function sharedBy(claim: Claim, filesystem: number): string {
  const type = extentOf(filesystem) === 'local' ? (claim.filesystem ?? filesystem) : filesystem;
  if (extentOf(type) === 'local') return '';
  return `, and the filesystem (${nameOf(type)}) may be shared with it. If that machine is gone, remove the claim`;
}
