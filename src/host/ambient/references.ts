import { PerProcess } from './stepping.ts';
import { classSpots, type Spot, simulatedClass } from './swap.ts';

/** Garbage is collected when the real machine likes. In a simulation what a `WeakRef` refers to stays as long as its process. */

const held = new PerProcess((): unknown[] => []);

export function referenceSpots(): Spot[] {
  const holds = simulatedClass((args) => {
    held.get().push(args[0]);
    return args;
  });
  // A registry need not call back, says the standard.
  const isSilent = simulatedClass(() => [() => {}]);
  return [
    ...classSpots(globalThis, '', 'WeakRef', holds),
    ...classSpots(globalThis, '', 'FinalizationRegistry', isSilent),
  ];
}
