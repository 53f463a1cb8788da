/** Says in words why a schedule ran in two ways. */
import type { Difference } from '../run/difference.ts';
import type { SharedMemory, Suspects } from './isolation/isolation.ts';

/** @param then how the second run was made */
export function describeDifference(
  { step, first, second }: Difference,
  then = 'then',
  why = "A program uses time, chance or memory that is not the machine's",
): string {
  const told = (event: typeof first) =>
    event === null
      ? 'nothing'
      : `${event.process} ${event.op} ${JSON.stringify(event.args)} -> ${JSON.stringify(event.result)}`;
  return `the same schedule ran two ways, first at step ${step}: ${told(first)}; ${then} ${told(second)}. ${why}`;
}

export function describeShared({ difference, then, ...suspects }: SharedMemory): string {
  if (difference === undefined) {
    return `programs share memory, which real processes do not. What one process changes, and changes back while others run: ${suspects.variables}`;
  }
  const why = whyUnstable(suspects);
  if (difference === null) return `the same schedule ran twice and an invariant held only once. ${why}`;
  return describeDifference(difference, then === undefined ? 'then' : `then, ${then},`, why);
}

export function whyUnstable({ variables, module }: Suspects): string {
  return variables === null
    ? `A program uses time, chance or memory that is not the machine's${module === null ? '' : ` (${module})`}`
    : `Programs share variables, or keep them from run to run: ${variables}`;
}
