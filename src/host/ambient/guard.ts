import { syncBuiltinESMExports } from 'node:module';
import { consoleSpots } from './console.ts';
import { constantSpots, simulatedSpots } from './constants.ts';
import { endGuards } from './held.ts';
import { importSpots } from './imports.ts';
import { reachingSpots } from './reaching.ts';
import { referenceSpots } from './references.ts';
import { ambient } from './stepping.ts';
import { Swaps } from './swap.ts';
import { zoneSpots } from './zone.ts';

/**
 * Keeps programs from the real machine behind the back of their ports. While runs are under way, what they could
 * reach it by is replaced by functions that look whether a simulated step is running; between steps, and for Node
 * itself, they do what they did before. Some hundred properties are exchanged for a slice of runs or, if the guards are held,
 * for a whole check: see `held.ts`.
 *
 * It does not see what a program has taken hold of before (`const { now } = Date` at the top of a file).
 * What is caught, what is constant and what is left alone: see `docs/what-a-program-may-use.md`.
 */

/** Made anew when other code has replaced one of the properties. */
let swaps: Swaps | null = null;
let swapsFor: readonly unknown[] = [];
/** Whether they are exchanged at the moment: see {@link endGuards}. */
let exchanged = false;
/** Objects of Node's whose properties are exchanged, and which other code may replace as a whole. */
const OWNERS = [
  'console',
  'Math',
  'process',
  'performance',
  'crypto',
  'Intl',
  'Atomics',
  'WebAssembly',
  'URL',
] as const;
type Globals = Readonly<Record<string, unknown>>;

/** Of which there is no telling whether a step asks. */
let constants: Swaps | null = null;

let installed = false;
let exitCode: typeof globalThis.process.exitCode;

/** Within {@link withAmbientGuard}: from now on, steps are guarded. */
export function guardSteps(): void {
  if (installed) return;
  installed = true;
  exitCode = globalThis.process.exitCode;
  const isSame = OWNERS.every((name, i) => (globalThis as Globals)[name] === swapsFor[i]);
  if (exchanged && !(isSame && swaps!.areInstalled)) restore();
  if (!exchanged && !(isSame && swaps!.install())) {
    swaps = new Swaps([
      ...zoneSpots(),
      ...reachingSpots(),
      ...simulatedSpots(),
      ...referenceSpots(),
      ...importSpots(),
      ...consoleSpots(),
    ]);
    swapsFor = OWNERS.map((name) => (globalThis as Globals)[name]);
    demand(swaps);
  }
  exchanged = true;
  if (constants === null || !constants.install()) {
    constants = new Swaps(constantSpots());
    demand(constants);
  }
  syncBuiltinESMExports();
}

/** Without a guard a program would reach the real machine, and nothing would be said. */
function demand(made: Swaps): void {
  if (made.install()) return;
  throw new Error(
    `${made.failedAt} cannot be guarded: it is replaced while it is looked at. Put it back for the time of a check`,
  );
}

/** Calls `work`, in which steps are guarded as {@link ambient} says, once {@link guardSteps} has been called. */
export function withAmbientGuard<T>(work: () => T): T {
  const { host } = ambient;
  try {
    return work();
  } finally {
    ambient.stepping = false;
    ambient.armed = false;
    if (installed) endSlice();
    installed = false;
    ambient.host = host;
  }
}

function endSlice(): void {
  constants?.uninstall();
  endGuards(restore);
  if (exchanged) syncBuiltinESMExports();
  // It cannot be exchanged. What a program writes there is not what this process is to end with.
  const { process } = globalThis;
  if (process.exitCode !== exitCode) process.exitCode = exitCode;
}

function restore(): void {
  if (!exchanged) return;
  exchanged = false;
  swaps!.uninstall();
  syncBuiltinESMExports();
}
