/** Logs which cells of what invariants observe are read and written, while accesses are logged. */
import { accesses } from '../sim/index.ts';

export function reads(cell: string): void {
  if (accesses !== null) accesses.read(accesses.cells.of(cell));
}

export function writes(cell: string): void {
  if (accesses !== null) accesses.write(accesses.cells.of(cell));
}

export function updates(cell: string): void {
  if (accesses !== null) accesses.update(accesses.cells.of(cell));
}
