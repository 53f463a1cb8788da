import { syncBuiltinESMExports } from 'node:module';
import { consoleSpots } from './console.ts';
import { constantSpots } from './constants.ts';
import { importSpots } from './imports.ts';
import { reachingSpots } from './reaching.ts';
import { referenceSpots } from './references.ts';
import { ambient } from './stepping.ts';
import { Swaps } from './swap.ts';
import { zoneSpots } from './zone.ts';

/**
 * Keeps programs from the real machine behind the back of their ports. While a slice of runs is under way, what they could
 * reach it by is replaced by functions that look whether a simulated step is running; between steps, and for Node
 * itself, they are as before. Some hundred properties are swapped for each slice, none for each step.
 *
 * It does not see what a program has taken hold of before (`const { now } = Date` at the top of a file).
 * What is caught, what is constant and what is left alone: see `docs/what-a-program-may-use.md`.
 */

/** Made anew when other code has replaced one of the properties. */
let swaps: Swaps | null = null;
let swapsFor: unknown = null;

let installed = false;
let exitCode: typeof globalThis.process.exitCode;

/** Within {@link withAmbientGuard}: from now on, steps are guarded. */
export function guardSteps(): void {
  if (installed) return;
  installed = true;
  exitCode = globalThis.process.exitCode;
  const { console } = globalThis;
  if (swaps === null || swapsFor !== console || !swaps.install()) {
    swaps = new Swaps([
      ...zoneSpots(),
      ...reachingSpots(),
      ...constantSpots(),
      ...referenceSpots(),
      ...importSpots(),
      ...consoleSpots(),
    ]);
    swapsFor = console;
    swaps.install();
  }
  syncBuiltinESMExports();
}

/** Calls `work`, in which steps are guarded as {@link ambient} says, once {@link guardSteps} has been called. */
export function withAmbientGuard<T>(work: () => T): T {
  const { host } = ambient;
  try {
    return work();
  } finally {
    ambient.stepping = false;
    ambient.armed = false;
    if (installed) uninstall();
    installed = false;
    ambient.host = host;
  }
}

function uninstall(): void {
  swaps!.uninstall();
  syncBuiltinESMExports();
  // It cannot be exchanged. What a program writes there is not what this process is to end with.
  const { process } = globalThis;
  if (process.exitCode !== exitCode) process.exitCode = exitCode;
}
