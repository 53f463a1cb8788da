import { simulatedClass } from './guards.ts';
import { PerProcess } from './stepping.ts';
import { classSpots, type Spot } from './swap.ts';

/** Garbage collection is not deterministic, so in a simulation the target of a `WeakRef` lives as long as its process. */

const held = new PerProcess((): unknown[] => []);

export function referenceSpots(): Spot[] {
  const holds = simulatedClass((args) => {
    held.get().push(args[0]);
    return args;
  });
  // The standard does not require a registry to call back.
  const isSilent = simulatedClass(() => [() => {}]);
  return [
    ...classSpots(globalThis, '', 'WeakRef', holds),
    ...classSpots(globalThis, '', 'FinalizationRegistry', isSilent),
  ];
}
