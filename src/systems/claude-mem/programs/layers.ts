/** The hook and the worker with any of the four layers of defence: what each of them is worth alone. */
import type { Program } from '../../../ports/index.ts';
import { WAITS, type Waits } from '../constants.ts';
import { looseConnection, sharedConnection } from './connection.ts';
import { ensureBehindMutex, ensureUnguarded, hook } from './launcher.ts';
import { reapByNameAgeAndCount, reapByNameAndAge } from './reaper.ts';
import { type WorkerOptions, worker } from './worker.ts';

/**
 * In the order of their numbers, from 0: the mutex before a spawn; a worker without the TCP port ends; one command for each event;
 * one connection for all callers, with its breaker, its close and its reaper.
 */
export const LAYERS = ['mutex', 'bind-loser-ends', 'one-command', 'connection'] as const;
export type Layer = (typeof LAYERS)[number];

export interface LayeredOptions extends Partial<WorkerOptions> {
  waits?: Waits;
}

/** All layers give the system of #1085, none the one before it. */
export function layered(
  layers: readonly Layer[],
  { waits = WAITS, ...options }: LayeredOptions = {},
): { hook: Program; worker: Program } {
  const has = (layer: Layer): boolean => layers.includes(layer);
  return {
    hook: hook(
      has('mutex') ? ensureBehindMutex({ waits }) : ensureUnguarded(waits),
      has('one-command') ? 1 : 2,
    ),
    worker: worker({
      onPortTaken: has('bind-loser-ends') ? 'ends' : 'goes-on',
      connection: has('connection') ? sharedConnection : looseConnection,
      reap: has('connection') ? reapByNameAgeAndCount : reapByNameAndAge,
      ...options,
    }),
  };
}

/** Every set of layers, from none to all. */
export const COMBINATIONS: readonly (readonly Layer[])[] = Array.from(
  { length: 2 ** LAYERS.length },
  (_, bits) => LAYERS.filter((_, i) => (bits & (1 << i)) !== 0),
);
