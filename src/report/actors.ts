import type { TraceEvent } from '../run/index.ts';
import { printable } from './escape.ts';

/** The actors with a column: those that do more than start, or are struck by a fault; in the order of their start, the nemesis last. */
export function actorsOf(events: readonly TraceEvent[]): { name: string; pid: string }[] {
  const pids = new Map<string, string>();
  const acting = new Set<string>();
  for (const { process, op, args } of events) {
    if (op === 'start') pids.set(process, `PID ${printable(String(args.pid))}`);
    else acting.add(process);
    // A process that was only created to reuse a PID is shown by the fault.
    if (op === 'fault' && args.fault !== 'pid-reuse' && pids.has(String(args.process))) {
      acting.add(String(args.process));
    }
  }
  const names = [...pids.keys()].filter((name) => acting.has(name));
  for (const name of acting) if (!pids.has(name) && name !== NEMESIS) names.push(name);
  if (acting.has(NEMESIS)) names.push(NEMESIS);
  return names.map((name) => ({ name, pid: pids.get(name) ?? '' }));
}

const NEMESIS = 'nemesis';

export type ProcessStatus = 'unborn' | 'alive' | 'stopped' | 'gone';

/** Tracks which processes are alive while events are shown. */
export class ProcessStatuses {
  readonly #events: readonly TraceEvent[];
  readonly #statuses = new Map<string, ProcessStatus>();
  readonly #known: ReadonlySet<TraceEvent>;
  #at = 0;

  constructor(events: readonly TraceEvent[]) {
    this.#events = events;
    this.#known = new Set(events);
    for (const { process, op, step } of events) {
      if (op === 'start' && step > 0) this.#statuses.set(process, 'unborn');
    }
    this.#statuses.set(NEMESIS, 'gone');
  }

  of(name: string): ProcessStatus {
    return this.#statuses.get(name) ?? 'alive';
  }

  /** Advances to just before this event. One that is not among the events, such as that an operation was sent, changes nothing. */
  before(event: TraceEvent): void {
    if (!this.#known.has(event)) return;
    while (this.#at < this.#events.length && this.#events[this.#at] !== event) this.#happen();
  }

  /** Advances past this event. */
  after(event: TraceEvent): void {
    this.before(event);
    if (!this.#known.has(event)) return;
    if (this.#at < this.#events.length) this.#happen();
  }

  #happen(): void {
    const { process, op, args } = this.#events[this.#at++]!;
    if (op === 'end') this.#statuses.set(process, 'gone');
    else if (op === 'fault') {
      if (args.fault === 'stop' && typeof args.process === 'string')
        this.#statuses.set(args.process, 'stopped');
    } else this.#statuses.set(process, 'alive');
  }
}
