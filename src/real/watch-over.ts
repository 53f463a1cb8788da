/** Ends processes when this process ends, including by SIGINT, SIGTERM or SIGHUP. */
import os from 'node:os';

const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Processes that must not outlive this one. */
interface Endable {
  /** Ends all processes, without a turn of the event loop. */
  endNow(): void;
}

const watched = new Set<Endable>();

/** Ends these processes when this process ends or is interrupted, until {@link unwatch} is called. */
export function watchOver(processes: Endable): void {
  if (watched.size === 0) {
    process.on('exit', endWatched);
    for (const signal of INTERRUPTS) process.on(signal, interrupted);
  }
  watched.add(processes);
}

export function unwatch(processes: Endable): void {
  if (!watched.delete(processes) || watched.size > 0) return;
  process.off('exit', endWatched);
  for (const signal of INTERRUPTS) process.off(signal, interrupted);
}

function endWatched(): void {
  for (const processes of watched) processes.endNow();
}

/** Ends all processes and then this one, with the exit code of the signal, unless there are other listeners. */
function interrupted(signal: NodeJS.Signals): void {
  endWatched();
  if (process.listenerCount(signal) === 1) process.exit(128 + os.constants.signals[signal]);
}
