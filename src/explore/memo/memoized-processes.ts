import type { Operation, Program } from '../../ports/index.ts';
import type { Fingerprint, ParkedOperation, Restore, SimMachine, SimProcess } from '../../sim/index.ts';
import type { DetachedProgram } from './detached-program.ts';
import type { MemoNode } from './memo-node.ts';
import type { MemoTable } from './memo-table.ts';

/** A simulated process whose program is remembered. */
interface MemoizedProcess {
  readonly process: SimProcess;
  node: MemoNode;
  /** Operations without a result so far. */
  pending: readonly ParkedOperation[];
}

/** What the process of a step has received in it and not yet reacted to. */
type PendingResult =
  | { readonly begins: string }
  | { readonly parked: ParkedOperation; readonly result: unknown };

const nothing = (): void => {};

/** The processes of a run, which do what {@link MemoTable} remembers. */
export class MemoizedProcesses {
  readonly #memo: MemoTable;
  readonly #programs: ReadonlyMap<string, Program>;
  /** By process number. */
  readonly #all: (MemoizedProcess | undefined)[] = [];
  #pendingResult: PendingResult | null = null;
  #current: SimProcess | null = null;

  constructor(memo: MemoTable, programs: ReadonlyMap<string, Program>) {
    this.#memo = memo;
    this.#programs = programs;
    memo.onDetached = (detached) => this.#listen(detached);
  }

  /** Programs that only report that they were started. */
  get programs(): ReadonlyMap<string, Program> {
    return new Map([...this.#programs.keys()].map((name) => [name, this.#begins(name)]));
  }

  nameOf({ index }: SimProcess): Fingerprint | null {
    return this.#all[index]?.node.name ?? null;
  }

  learned(parked: ParkedOperation, result: unknown): void {
    this.#pendingResult = { parked, result };
  }

  /**
   * After a step: applies the effects of the result that a process has received.
   *
   * @throws NotMemoizable
   */
  applyResult(machine: SimMachine): void {
    const pending = this.#pendingResult;
    const process = machine.current;
    this.#pendingResult = null;
    if (pending === null || process === null) return;
    this.#current = process;
    const memoized = this.#follow(process, pending);
    process.uncaught = null;
    for (const effect of memoized.node.effects) {
      if (effect.kind === 'asks') ask(machine, memoized, effect.operation);
      else if (effect.kind === 'crashes') machine.crash(process, effect.error);
      else if (effect.kind === 'withdraws')
        memoized.pending.find(({ ordinal }) => ordinal === effect.ordinal)?.cancel();
      else if (effect.kind === 'keeps') process.asked = effect.ordinal;
    }
  }

  save(): Restore {
    const all = this.#all.map((memoized) => memoized && { memoized, ...memoized });
    const parked = all.flatMap((saved) => saved?.pending.map((pending) => pending.save()) ?? []);
    return () => {
      this.#pendingResult = null;
      this.#all.length = all.length;
      for (const [index, saved] of all.entries()) {
        this.#all[index] = saved?.memoized;
        if (saved === undefined) continue;
        saved.memoized.node = saved.node;
        saved.memoized.pending = saved.pending;
      }
      for (const restore of parked) restore();
    };
  }

  #begins(name: string): Program {
    return () => {
      this.#pendingResult = { begins: name };
      return new Promise<never>(nothing);
    };
  }

  /** Errors that the program has not caught are reported by the process of the step. */
  #listen(detached: DetachedProgram): void {
    this.#current!.uncaught = (error) => {
      detached.crashed(error);
      return true;
    };
  }

  #follow(process: SimProcess, pending: PendingResult): MemoizedProcess {
    if ('begins' in pending) {
      const program = this.#programs.get(pending.begins)!;
      const node = this.#memo.begin(pending.begins, program, process.command.slice(1));
      const memoized: MemoizedProcess = { process, node, pending: [] };
      this.#all[process.index] = memoized;
      return memoized;
    }
    const { parked, result } = pending;
    const memoized = this.#all[process.index]!;
    memoized.node = this.#memo.learn(memoized.node, parked.ordinal, result);
    memoized.pending = memoized.pending.filter(({ state }) => state !== 'settled');
    return memoized;
  }
}

function ask(machine: SimMachine, memoized: MemoizedProcess, operation: Operation): void {
  const parked = machine.execute(memoized.process, operation, nothing, nothing) as ParkedOperation;
  if (parked.state !== 'settled') memoized.pending = [...memoized.pending, parked];
}
