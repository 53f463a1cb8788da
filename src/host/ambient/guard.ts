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
 * Prevents programs from bypassing their ports. During runs, everything that reaches the real machine is replaced by functions
 * that check whether a simulated step is running; between steps, and for Node itself, they behave as before. Several hundred
 * properties are replaced for a slice of runs or, if the guards are kept,
 * for a whole check: see `held.ts`.
 *
 * A reference that a program has taken earlier (`const { now } = Date` at the top of a file) is not guarded.
 * `docs/what-a-program-may-use.md` lists what is caught, what is constant and what is left alone.
 */

/** Created again when other code has replaced one of the properties. */
let swaps: Swaps | null = null;
let swapsFor: readonly unknown[] = [];
/** Whether they are installed: see {@link endGuards}. */
let exchanged = false;
/** Objects of Node whose properties are replaced, and which other code may replace as a whole. */
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

/** Values that are read in ways that do not show whether a step is reading. */
let constants: Swaps | null = null;

let installed = false;
let exitCode: typeof globalThis.process.exitCode;

/** Starts to guard steps, within {@link withAmbientGuard}. */
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

/** Without a guard, a program could reach the real machine unnoticed. */
function demand(made: Swaps): void {
  if (made.install()) return;
  throw new Error(
    `${made.failedAt} cannot be guarded: other code keeps replacing it. Restore the original during a check`,
  );
}

/** Calls `work`, in which steps are guarded, according to {@link ambient}, once {@link guardSteps} has been called. */
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
  // It cannot be replaced, so it is restored: a program must not set the exit code of the real process.
  const { process } = globalThis;
  if (process.exitCode !== exitCode) process.exitCode = exitCode;
}

function restore(): void {
  if (!exchanged) return;
  exchanged = false;
  swaps!.uninstall();
  syncBuiltinESMExports();
}
