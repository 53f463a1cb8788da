import { OPEN, type Operation, type OperationName } from '../ports/index.ts';
import type { RunListener } from '../run/observer.ts';
import type { Run } from '../run/run.ts';
import { isErrno, type ParkedOperation, type SimProcess } from '../sim/index.ts';
import { abstractStateOf } from './abstract-state.ts';

/** What changes files; all else that counts, the world tells. */
const CHANGES: ReadonlySet<OperationName> = new Set<OperationName>([
  'write',
  'ftruncate',
  'link',
  'symlink',
  'rename',
  'unlink',
  'mkdir',
  'rmdir',
]);

/** Tells in which abstract states a run has been, each time that it comes to one that the run has not been in. */
export class StateWatch implements RunListener {
  readonly states = new Set<number>();
  readonly #onState: (state: number) => void;
  readonly #saidLast = new Map<SimProcess, string>();
  #run!: Run;
  #filesChanged = false;

  constructor(onState: (state: number) => void = () => {}) {
    this.#onState = onState;
  }

  /** The run of which it is the listener. */
  attach(run: Run): void {
    this.#run = run;
    run.machine.onResult = ({ operation }: ParkedOperation, result) => {
      if (!isErrno(result) && changesFiles(operation)) this.#filesChanged = true;
    };
  }

  marked(process: SimProcess, name: string): void {
    this.#saidLast.set(process, name);
  }

  stepped(): void {
    const { world } = this.#run;
    if (!this.#filesChanged && !world.changed) return;
    this.#filesChanged = false;
    const state = abstractStateOf(world, this.#saidLast);
    if (this.states.has(state)) return;
    this.states.add(state);
    this.#onState(state);
  }
}

function changesFiles(operation: Operation): boolean {
  return operation.op === 'open'
    ? (operation.flags & (OPEN.O_CREAT | OPEN.O_TRUNC)) !== 0
    : CHANGES.has(operation.op);
}
