import type { PageFrame, PageListener, PageProcess, PageTrace } from '../src/report/page/data.ts';

/** The state of the machine at one moment. */
export interface Machine {
  readonly files: ReadonlyMap<string, string | null>;
  readonly processes: readonly PageProcess[];
  readonly listeners: readonly PageListener[];
}

/** A full copy is kept once per this many snapshots, so that every jump is fast. */
const EVERY = 200;
const EMPTY: Machine = { files: new Map(), processes: [], listeners: [] };

/** The machine at any row of a trace. */
export class Machines {
  readonly #frames: readonly PageFrame[];
  readonly #kept: Machine[] = [EMPTY];

  constructor({ frames }: PageTrace) {
    this.#frames = frames;
  }

  /** @param frame the index of a snapshot; -1 for the state before the first one */
  at(frame: number): Machine {
    const count = frame + 1;
    const block = Math.floor(count / EVERY);
    while (this.#kept.length <= block) {
      const from = (this.#kept.length - 1) * EVERY;
      this.#kept.push(this.#play(this.#kept.at(-1)!, from, from + EVERY));
    }
    return this.#play(this.#kept[block]!, block * EVERY, count);
  }

  #play(from: Machine, start: number, end: number): Machine {
    const files = new Map(from.files);
    let { processes, listeners } = from;
    for (let at = start; at < end; at++) {
      const frame = this.#frames[at]!;
      for (const [path, text] of Object.entries(frame.files ?? {})) {
        if (text === false) files.delete(path);
        else files.set(path, text);
      }
      processes = frame.processes ?? processes;
      listeners = frame.listeners ?? listeners;
    }
    return { files, processes, listeners };
  }
}
