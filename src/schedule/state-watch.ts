/** Watches which abstract states a run reaches. */
import type { RunListener } from '../run/observer.ts';
import type { Run } from '../run/run.ts';
import { World } from '../scenario/world.ts';
import { AccessLog, type AccessWatch, type Cell, CellTable, type SimProcess } from '../sim/index.ts';
import { abstractStateOf } from './abstract-state.ts';

/** Cells with names of files or their content. All other relevant changes are events of the world. */
const OF_FILES = /^inode \d+ (?:content|name .*|place)$/;

/** Reports each abstract state when a run reaches it for the first time. */
export class StateWatch implements RunListener, AccessWatch {
  readonly log = new AccessLog(new CellTable());
  readonly states = new Set<number>();
  readonly #onState: (state: number) => void;
  readonly #saidLast = new Map<SimProcess, string>();
  #run!: Run;
  #filesChanged = false;
  /** For each cell, whether it is of files; as they come. */
  readonly #ofFiles: boolean[] = [];

  constructor(onState: (state: number) => void = () => {}) {
    this.#onState = onState;
  }

  /** Sets the run that it listens to. */
  attach(run: Run): void {
    this.#run = run;
    run.machine.watch = this;
  }

  begins(): void {}

  accessed(): void {
    for (const cell of this.log.writes) if (this.#isOfFiles(cell)) this.#filesChanged = true;
  }

  marked(process: SimProcess, name: string): void {
    this.#saidLast.set(process, name);
  }

  stepped(): void {
    const { world } = this.#run;
    if (!this.#filesChanged && !World.happeningsOf(world).changed) return;
    this.#filesChanged = false;
    const state = abstractStateOf(world, this.#saidLast);
    if (this.states.has(state)) return;
    this.states.add(state);
    this.#onState(state);
  }

  #isOfFiles(cell: Cell): boolean {
    this.#ofFiles[cell] ??= OF_FILES.test(this.log.cells.nameOf(cell));
    return this.#ofFiles[cell];
  }
}
