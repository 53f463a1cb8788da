import type { Address, Self } from '../ports/index.ts';
import type { Claim } from './claim.ts';
import { describe, mayAsk } from './endpoints.ts';
import type { Head } from './generations.ts';

/** Why a contender gives up on an owner that does not answer: what stands in the way of ending it. */
export function whyUnjudged(
  { generation, claim }: Head,
  self: Self,
  directory: string,
  own: Address | null,
): string {
  const why = claim === null ? 'its claim cannot be read' : obstacleIn(claim, self, directory, own);
  return `the owner of generation ${generation} neither answers nor can be judged${why === null ? '' : `: ${why}`}`;
}

function obstacleIn(claim: Claim, self: Self, directory: string, own: Address | null): string | null {
  const { endpoint, hostname } = claim;
  if (claim.bootId !== self.bootId) return `it is on another machine, ${hostname}, or was before a restart`;
  if (claim.pidNamespace !== self.pidNamespace) return `it is in another container, on ${hostname}`;
  if (endpoint === null || mayAsk(endpoint, directory, own)) return null;
  return `its endpoint, ${describe(endpoint)}, is neither on loopback nor in the state directory`;
}
