/** What all of a machine can read and change of a process. Logs which of its parts are read and written. */
import type { Signal } from '../../ports/index.ts';
import { accesses, type Cell, type CellTable, RecordCells } from '../base/accesses.ts';
import { type Restore, saveList } from '../base/snapshot.ts';
import type { StateVisitor } from '../base/state-hasher.ts';
import { type NewProcess, ProcessIdentity, type Slot } from './identity.ts';
import { SignalState } from './signal-state.ts';

/** The parts of a process: each is a cell. `local` is what only its own operations use. */
export const PROCESS_PART = {
  state: 0,
  exit: 1,
  command: 2,
  parent: 3,
  children: 4,
  signals: 5,
  local: 6,
} as const;

const PART_NAMES = Object.keys(PROCESS_PART);
const RECORD = 'process';

/** The cell of a part of a process, by the process's number. */
export function processCell(cells: CellTable, process: number, part: keyof typeof PROCESS_PART): Cell {
  return new RecordCells(RECORD, process).named(cells, part);
}

export type ProcessState = 'running' | 'stopped' | 'zombie' | 'gone';

/** `Process` is the class of its parent and its children: the one that extends this one. */
export abstract class ProcessRecord<Process extends ProcessRecord<Process>> extends ProcessIdentity {
  #command: readonly string[];
  #parent: Process | null;
  #adopted = false;
  #state: ProcessState = 'running';
  #lingering = false;
  #exitCode: number | null = null;
  #exitSignal: Signal | null = null;
  #crash: unknown = undefined;
  #signals: SignalState | null = null;
  #children: Process[] | null = null;
  readonly #cells: RecordCells;

  constructor(fields: NewProcess, slot: Slot, parent: Process | null) {
    super(fields, slot, parent);
    this.#cells = new RecordCells(RECORD, slot.index);
    this.#command = fields.command;
    this.#parent = parent;
    parent?.addChild(this as unknown as Process);
  }

  /** @param part one of {@link PROCESS_PART} */
  cell(cells: CellTable, part: number): Cell {
    return this.#cells.of(cells, part, PART_NAMES[part]!);
  }

  /** Changes by `setTitle`. */
  get command(): readonly string[] {
    this.reads(PROCESS_PART.command);
    return this.#command;
  }

  set command(command: readonly string[]) {
    this.writes(PROCESS_PART.command);
    this.#command = command;
  }

  get parent(): Process | null {
    this.reads(PROCESS_PART.parent);
    return this.#parent;
  }

  /** Its parent did not start it. Node reaps only those that it has started. */
  get adopted(): boolean {
    this.reads(PROCESS_PART.parent);
    return this.#adopted;
  }

  /** Its parent has ended. `null`: the machine's own PID 1 adopts it. */
  adopt(heir: Process | null): void {
    this.writes(PROCESS_PART.parent);
    this.#parent = heir;
    if (heir === null) return;
    this.#adopted = true;
    heir.addChild(this as unknown as Process);
  }

  get state(): ProcessState {
    this.reads(PROCESS_PART.state);
    return this.#state;
  }

  set state(state: ProcessState) {
    this.writes(PROCESS_PART.state);
    this.#state = state;
  }

  /** For the scheduler: what could be chosen is no part of what is chosen. */
  get mayRun(): boolean {
    return this.#state === 'running';
  }

  /** It has ended, and its sockets and descriptors are still there: see `lingerMs` of the machine's options. */
  get lingering(): boolean {
    this.reads(PROCESS_PART.state);
    return this.#lingering;
  }

  set lingering(lingering: boolean) {
    this.writes(PROCESS_PART.state);
    this.#lingering = lingering;
  }

  get exitCode(): number | null {
    this.reads(PROCESS_PART.exit);
    return this.#exitCode;
  }

  get exitSignal(): Signal | null {
    this.reads(PROCESS_PART.exit);
    return this.#exitSignal;
  }

  /** It is a zombie from now on. One of the two is `null`. */
  exits(code: number | null, signal: Signal | null): void {
    this.state = 'zombie';
    this.writes(PROCESS_PART.exit);
    this.writes(PROCESS_PART.local);
    this.#exitCode = code;
    this.#exitSignal = signal;
  }

  /** What an uncaught exception of the program said. */
  get crash(): unknown {
    this.reads(PROCESS_PART.exit);
    return this.#crash;
  }

  set crash(error: unknown) {
    this.writes(PROCESS_PART.exit);
    this.#crash = error;
  }

  /** `null`: it has neither handled nor received any. */
  get signals(): SignalState | null {
    this.reads(PROCESS_PART.signals);
    return this.#signals;
  }

  /** Something that is its own changes by what another does. */
  changesLocal(): void {
    this.reads(PROCESS_PART.local);
    this.writes(PROCESS_PART.local);
  }

  /** Children that have not been reaped. */
  get children(): readonly Process[] | null {
    this.reads(PROCESS_PART.children);
    return this.#children;
  }

  /** It has no children any more. @returns those that it had */
  leaveChildren(): readonly Process[] {
    const children = this.#children;
    this.reads(PROCESS_PART.children);
    if (children === null) return [];
    this.writes(PROCESS_PART.children);
    this.#children = null;
    return children;
  }

  /** Not ended: running or stopped. */
  get alive(): boolean {
    return this.state === 'running' || this.state === 'stopped';
  }

  /** Most processes never need one: it is made when it is first asked for. */
  signalState(): SignalState {
    this.reads(PROCESS_PART.signals);
    this.writes(PROCESS_PART.signals);
    this.#signals ??= new SignalState();
    return this.#signals;
  }

  addChild(child: Process): void {
    this.writes(PROCESS_PART.children);
    this.#children ??= [];
    this.#children.push(child);
  }

  removeChild(child: Process): void {
    const at = this.#children?.indexOf(child) ?? -1;
    this.writes(PROCESS_PART.children);
    if (at >= 0) this.#children!.splice(at, 1);
  }

  /** For the process itself: how many of its operations wait for a signal. */
  protected get signalWaiters(): number {
    return this.#signals?.waiters.length ?? 0;
  }

  save(): Restore {
    const command = this.#command;
    const parent = this.#parent;
    const adopted = this.#adopted;
    const state = this.#state;
    const lingering = this.#lingering;
    const exitCode = this.#exitCode;
    const exitSignal = this.#exitSignal;
    const crash = this.#crash;
    const signals = this.#signals;
    const children = this.#children;
    const restoreSignals = signals?.save();
    const restoreChildren = children && saveList(children);
    return () => {
      this.#command = command;
      this.#parent = parent;
      this.#adopted = adopted;
      this.#state = state;
      this.#lingering = lingering;
      this.#exitCode = exitCode;
      this.#exitSignal = exitSignal;
      this.#crash = crash;
      this.#signals = signals;
      this.#children = children;
      restoreSignals?.();
      restoreChildren?.();
    };
  }

  /** All parts but the local one. */
  protected visitShared(into: StateVisitor): void {
    const { cells } = into;
    into.part(this.cell(cells, PROCESS_PART.state));
    into.text(this.#state);
    into.boolean(this.#lingering);
    into.part(this.cell(cells, PROCESS_PART.exit));
    into.data(this.#exitCode);
    into.data(this.#exitSignal);
    into.boolean(this.#crash !== undefined);
    into.part(this.cell(cells, PROCESS_PART.command));
    into.constant(this.#command);
    into.part(this.cell(cells, PROCESS_PART.parent));
    into.number(this.#parent?.index ?? -1);
    into.boolean(this.#adopted);
    into.part(this.cell(cells, PROCESS_PART.children));
    for (const { index } of this.#children ?? []) into.number(index);
    into.part(this.cell(cells, PROCESS_PART.signals));
    this.#signals?.visit(into);
  }

  protected reads(part: number): void {
    if (accesses !== null) accesses.read(this.cell(accesses.cells, part));
  }

  protected writes(part: number): void {
    if (accesses !== null) accesses.write(this.cell(accesses.cells, part));
  }
}
