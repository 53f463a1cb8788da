import type { MarkData, Operation, Signal } from '../ports/index.ts';
import { World } from '../scenario/world.ts';
import { type SimProcess, type Strike, unlogged } from '../sim/index.ts';
import { MissingFolders } from './missing-folders.ts';
import { endEvent, faultEvent, logEvent, startEvent, type TraceEvent } from './trace.ts';

/** Is notified of what happens in a run. */
export interface RunListener {
  started?(process: SimProcess): void;
  ended?(process: SimProcess): void;
  /** `sender` null: a fault, or a timer of one. */
  signalled?(sender: SimProcess | null, target: SimProcess, signal: Signal): void;
  stepped?(process: SimProcess): void;
  advanced?(busy: boolean): void;
  marked?(process: SimProcess, name: string): void;
  struck?(strike: Strike): void;
}

/** The world of a run. Forwards events to the trace and the listener. */
export class Observer extends World {
  crashed: SimProcess | null = null;
  onReboot: () => void = () => {};
  missingFolders = new MissingFolders();
  /** Where the program is that prints something; `null` if that is not recorded. */
  whereNow: () => string | null = () => null;
  readonly #trace: TraceEvent[] | undefined;
  readonly #listener: RunListener | undefined;

  constructor(trace: TraceEvent[] | undefined, listener: RunListener | undefined) {
    super();
    this.#trace = trace;
    this.#listener = listener;
    if (trace !== undefined) {
      this.printed = (process, stream, text) => {
        const at = this.whereNow();
        const event = logEvent(this.at(), process, stream, text);
        trace.push(at === null ? event : { ...event, at });
      };
    }
  }

  copy(): Observer {
    const copy = new Observer(this.#trace, this.#listener);
    copy.copyFrom(this);
    copy.crashed = this.crashed;
    copy.onReboot = this.onReboot;
    copy.missingFolders = this.missingFolders.copy();
    return copy;
  }

  at(): { step: number; atMs: number } {
    return { step: this.machine.scheduler.steps, atMs: this.machine.nowUs / 1000 };
  }

  struck(strike: Strike): void {
    this.happened();
    this.fault();
    this.#trace?.push(faultEvent(this.at(), strike));
    this.#listener?.struck?.(strike);
  }

  override started(process: SimProcess): void {
    super.started(process);
    this.#listener?.started?.(process);
    this.#trace?.push(startEvent(this.at(), process));
  }

  override ended(process: SimProcess): void {
    super.ended(process);
    if (process.crash !== undefined) this.crashed ??= process;
    this.#listener?.ended?.(process);
    this.#trace?.push(endEvent(this.at(), process));
  }

  override marked(process: SimProcess, name: string, data: MarkData): void {
    super.marked(process, name, data);
    this.#listener?.marked?.(process, name);
  }

  override signalled(sender: SimProcess | null, target: SimProcess, signal: Signal, exact: boolean): void {
    super.signalled(sender, target, signal, exact);
    this.#listener?.signalled?.(sender, target, signal);
  }

  override stepped(process: SimProcess): void {
    this.#listener?.stepped?.(process);
  }

  notFound(operation: Operation): void {
    this.missingFolders.failed(operation, (folder) => unlogged(() => this.machine.fs.hasDirectory(folder)));
  }

  directoryMade(path: string): void {
    this.missingFolders.made(path);
  }

  override rebooted(): void {
    this.onReboot();
  }

  override advanced(busy: boolean): void {
    this.#listener?.advanced?.(busy);
  }
}
