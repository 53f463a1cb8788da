import type { SimProcess } from '../records/process.ts';

/** Two digits a byte. Deterministic: each process has digits of its own, independent of what others do. */
export function randomHex(process: SimProcess, bytes: number): string {
  let digits = '';
  while (digits.length < bytes * 2) digits += process.nextRandom().toString(16).padStart(8, '0');
  return digits.slice(0, bytes * 2);
}
