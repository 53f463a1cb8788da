/** A process that its parent starts early, and lets go when all others are ready too. */
import { readSync, writeSync } from 'node:fs';

/**
 * Writes `ready`, and blocks until the parent sends a byte on the standard input, so that this process continues immediately after it.
 * When that input ends, the process is asked to stop: it does not outlive its parent.
 */
export function awaitLeash(): void {
  writeSync(1, 'ready\n');
  if (readSync(0, Buffer.alloc(1)) === 0) process.exit(0);
  process.stdin.on('end', () => process.kill(process.pid, 'SIGTERM')).resume();
}
