/** Explains why the same schedule gave two different runs. */
import type { Difference } from '../run/difference.ts';
import type { SharedMemory, Suspects } from './isolation/isolation.ts';

/** @param then introduces the second run */
export function describeDifference(
  { step, first, second }: Difference,
  then = 'then',
  why = 'A program uses time, random numbers or memory outside the simulated machine',
): string {
  const describe = (event: typeof first) =>
    event === null
      ? 'nothing'
      : `${event.process} ${event.op} ${JSON.stringify(event.args)} -> ${JSON.stringify(event.result)}`;
  return `the same schedule gave two different runs, from step ${step} on: first ${describe(first)}; ${then} ${describe(second)}. ${why}`;
}

export function describeShared({ difference, then, ...suspects }: SharedMemory): string {
  if (difference === undefined) {
    return `programs share memory, which real processes do not. Variables that a process changes and restores while others run: ${suspects.variables}`;
  }
  const why = whyUnstable(suspects);
  if (difference === null) return `the same schedule was run twice and an invariant held only once. ${why}`;
  return describeDifference(difference, then === undefined ? 'then' : `then, ${then},`, why);
}

export function whyUnstable({ variables, module }: Suspects): string {
  return variables === null
    ? `A program uses time, random numbers or memory outside the simulated machine${module === null ? '' : ` (${module})`}`
    : `Programs share variables, or keep them from run to run: ${variables}`;
}
