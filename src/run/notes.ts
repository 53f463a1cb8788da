import { formatOpenFlags, OPEN, type Operation } from '../ports/index.ts';
import type { ParkedOperation, SimProcess } from '../sim/index.ts';

/** Collects what an author should know although it violates nothing: each note once per program. */
export class Notes {
  readonly #notes = new Map<string, string>();

  /** The notes by a key that identifies a note across runs. */
  get all(): ReadonlyMap<string, string> {
    return this.#notes;
  }

  /** A process has ended by itself while operations of it were pending. */
  left(
    process: SimProcess,
    left: readonly ParkedOperation[],
    placeOf: (operation: Operation) => string | null,
  ): void {
    for (const { operation } of left) {
      if (!changesSomething(operation)) continue;
      const program = programOf(process);
      const place = placeOf(operation);
      const where = place === null ? '' : ` (requested at ${place})`;
      this.#add(
        `${program} ${place ?? operation.op}`,
        `${program} ended before its ${describe(operation)} had happened${where}: an operation that is not awaited may never happen, and its error is lost`,
      );
    }
  }

  missed(process: SimProcess | null, variable: string): void {
    const program = process === null ? 'a program' : programOf(process);
    this.#add(
      `${program} env ${variable}`,
      `${program} reads process.env.${variable}, which is set on this machine but not in the simulation: pass it in the argv of its start`,
    );
  }

  #add(key: string, note: string): void {
    if (!this.#notes.has(key)) this.#notes.set(key, note);
  }
}

function programOf({ name }: SimProcess): string {
  return name.replace(/#\d+$/, '');
}

const CHANGES: ReadonlySet<Operation['op']> = new Set([
  ...([
    'write',
    'ftruncate',
    'fsync',
    'chmod',
    'fchmod',
    'chown',
    'utimes',
    'futimes',
    'link',
    'symlink',
  ] as const),
  ...(['rename', 'unlink', 'mkdir', 'rmdir', 'spawn', 'kill', 'listen', 'answer'] as const),
]);

/** Ending an operation that only reads or waits is harmless. */
function changesSomething(operation: Operation): boolean {
  if (operation.op === 'open') return (operation.flags & (OPEN.O_CREAT | OPEN.O_TRUNC)) !== 0;
  return CHANGES.has(operation.op);
}

function describe(operation: Operation): string {
  const { op } = operation;
  const flags = op === 'open' ? ` ${formatOpenFlags(operation.flags)}` : '';
  const path = 'path' in operation ? operation.path : 'from' in operation ? operation.from : null;
  return path === null ? op : `${op}${flags} of ${path}`;
}
