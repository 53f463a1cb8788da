/** Reads from a run what its last step was, with the accesses that were logged during it. */
import { processCell } from '../../sim/index.ts';
import { type AccessNumber, type AccessTable, NO_ACCESS } from '../reduction/accesses.ts';
import type { DfsRun, ExecutedStep, RunContext } from './dfs-run.ts';
import type { Transition } from './transition.ts';

export class TransitionReader {
  readonly #context: RunContext;
  readonly #table: AccessTable | null;

  /** @param table where accesses are numbered; `null`: they are not wanted */
  constructor(context: RunContext, table: AccessTable | null) {
    this.#context = context;
    this.#table = table;
  }

  read(run: DfsRun, { decision, happened }: ExecutedStep): Transition {
    const { current } = run.machine;
    const isFault = decision.fault > 0;
    const kind = isFault ? 'fault' : happened && current !== null ? 'operation' : 'time';
    const process = isFault ? run.halted : kind === 'operation' ? current!.index : -1;
    const { inner, faults, mayBeBusy } = run.choices;
    return {
      ...{ kind, process, faults, mayBeBusy },
      accesses: this.#accessesOf(kind === 'operation' ? process : null),
      isMissed: isFault && !happened,
      kills: isFault && run.processOf(process)?.alive === false,
      inner: inner.slice(),
    };
  }

  /** @param process whose operation it was: it reads and changes what is its own */
  #accessesOf(process: number | null): AccessNumber {
    const { log, cells } = this.#context;
    if (log === null || this.#table === null) return NO_ACCESS;
    // What does not log its accesses counts as changed: see World.
    log.write(cells.of('machine'));
    if (process !== null) {
      log.update(processCell(cells, process, 'local'));
      log.read(processCell(cells, process, 'state'));
    }
    const { sets } = this.#table;
    return this.#table.number({
      reads: sets.of(log.reads),
      writes: sets.of(log.writes),
      counts: sets.of(log.counts),
    });
  }
}
