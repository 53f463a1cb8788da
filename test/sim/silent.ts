import { ignore } from '../../src/ports/ignore.ts';
import type { MachineObserver } from '../../src/sim/index.ts';

/** Observes a machine and tells nothing. */
export const SILENT: MachineObserver = {
  started: ignore,
  ended: ignore,
  marked: ignore,
  signalled: ignore,
  stepped: ignore,
  advanced: ignore,
  rebooted: ignore,
};
