/** `node:fs` of a process: its functions over the ports, made when they are first used. */
import { ignore } from '../../ports/ignore.ts';
import { type Ports, seamOf } from '../../ports/index.ts';
import { lazyObject } from '../lazy.ts';
import { immediateOf } from '../script.ts';
import type { Timers } from '../timers.ts';
import { MEMBERS, type NodeFs, type OwnFs, PROMISES } from './members.ts';

export type { NodeFs };

/** Callbacks of {@link nodeFs}; all are optional. */
export interface NodeFsHooks {
  /** Called when something starts, and when it ends, that keeps the process alive. */
  begun?: () => void;
  over?: () => void;
  /** For what watches files. */
  timers?: Timers;
}

/**
 * Implements `node:fs` over the ports of a process: with callbacks, under `promises`, and, on a simulated machine, as `…Sync`.
 * Each object has its own functions, which stay the same at each access, because libraries patch them and keep state on them.
 * A call makes the same operations as in Node, see `scripts/`. `watch` and `watchFile` need timers; `fchown`,
 * `lchown` and `lutimes` are refused where they differ from what the machine can do.
 */
export function nodeFs(ports: Ports, { begun = ignore, over = ignore, timers }: NodeFsHooks = {}): NodeFs {
  const { machine, process } = seamOf(ports);
  const own: OwnFs = {
    caller: { machine, process, begun, over },
    context: {
      wallMs: () => immediateOf(machine).readClock(process, 'wall'),
      randomHex: (bytes) => immediateOf(machine).randomHex(process, bytes),
    },
    fs: {} as NodeFs,
    streams: null,
    timers: timers ?? null,
    watchers: null,
  };
  own.fs = lazyObject(MEMBERS, own, { promises: lazyObject(PROMISES, own, {}) });
  return own.fs;
}
