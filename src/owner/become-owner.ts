/** {@link becomeOwner} for a process of its own: what it starts later does not bear the mark of an owner that is not ours. */
import {
  type Contest,
  becomeOwner as contend,
  INHERITED_VARIABLE,
  type OwnerOptions,
} from '../model/index.ts';
import { unsetVariable } from '../node/index.ts';
import type { Ports } from '../ports/index.ts';

/**
 * Becomes the owner, or finds the existing one. An owner that was started by a child of another owner, or by what that has started, has
 * the variable ONE_SURVIVOR_OWNER in its environment: it is removed, because processes with it end when the other owner is gone.
 *
 * @throws TypeError or RangeError if an option is invalid
 * @throws SystemError if the state directory cannot be used; it has the `exitCode` of `EXIT.stateUnusable`
 */
export async function becomeOwner(ports: Ports, options: OwnerOptions): Promise<Contest> {
  const contest = await contend(ports, options);
  if (contest.kind === 'owner' && contest.owner.isExempt) unsetVariable(INHERITED_VARIABLE);
  return contest;
}
