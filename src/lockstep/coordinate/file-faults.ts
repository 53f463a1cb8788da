/** Faults of files, done to the real ones. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { EventOf } from '../script.ts';
import { Difference } from './difference.ts';

export class FileFaults {
  readonly #root: string;
  /** What a roll-back restores. */
  #kept: Map<string, Buffer> | null = null;

  constructor(root: string) {
    this.#root = root;
  }

  /** @returns whether it is a fault of files @throws Difference if it cannot be done to the real ones */
  strike(event: EventOf<'fault'>): boolean {
    try {
      return this.#strike(event);
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (typeof code !== 'string') throw error;
      throw new Difference(`the fault ${event.fault} cannot be done`, event, event.detail, { code });
    }
  }

  #strike({ fault, detail }: EventOf<'fault'>): boolean {
    const real = `${this.#root}${String(detail.path)}`;
    switch (fault) {
      case 'lose-state':
        unlinkSync(real);
        return true;
      case 'tear-state':
        truncateSync(real, Number(detail.length));
        return true;
      case 'corrupt-state':
        writeFileSync(real, Buffer.from(String(detail.bytes), 'latin1'));
        return true;
      case 'roll-back-state':
        this.#rollBack(String(detail.under));
        return true;
      default:
        return false;
    }
  }

  /** The first strike saves, the second restores. */
  #rollBack(under: string): void {
    const paths = filesBelow(path.posix.join(this.#root, under));
    if (this.#kept === null) {
      this.#kept = new Map(paths.map((file) => [file, readFileSync(file)]));
      return;
    }
    for (const file of paths) if (!this.#kept.has(file)) unlinkSync(file);
    for (const [file, bytes] of this.#kept) {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    }
  }
}

/** None if there is no such directory. */
function filesBelow(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const at = path.join(directory, entry.name);
    if (entry.isDirectory()) return filesBelow(at);
    return entry.isFile() ? [at] : [];
  });
}
