import type { TraceEvent } from '../run/index.ts';
import { printable } from './escape.ts';

/** Who has a column: whoever does anything but start, or is struck; in the order of their start, the nemesis last. */
export function actorsOf(events: readonly TraceEvent[]): { name: string; pid: string }[] {
  const pids = new Map<string, string>();
  const acting = new Set<string>();
  for (const { process, op, args } of events) {
    if (op === 'start') pids.set(process, `PID ${printable(String(args.pid))}`);
    else acting.add(process);
    // A process that is only born to bear a PID is told of by the fault.
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

export type Life = 'unborn' | 'alive' | 'stopped' | 'gone';

/** Who lives, as the story goes on. */
export class Lives {
  readonly #events: readonly TraceEvent[];
  readonly #lives = new Map<string, Life>();
  #at = 0;

  constructor(events: readonly TraceEvent[]) {
    this.#events = events;
    for (const { process, op, step } of events) {
      if (op === 'start' && step > 0) this.#lives.set(process, 'unborn');
    }
    this.#lives.set(NEMESIS, 'gone');
  }

  of(name: string): Life {
    return this.#lives.get(name) ?? 'alive';
  }

  /** All that was before this event has happened. */
  before(event: TraceEvent): void {
    while (this.#at < this.#events.length && this.#events[this.#at] !== event) this.#happen();
  }

  /** And this event too. */
  after(event: TraceEvent): void {
    this.before(event);
    if (this.#at < this.#events.length) this.#happen();
  }

  #happen(): void {
    const { process, op, args } = this.#events[this.#at++]!;
    if (op === 'end') this.#lives.set(process, 'gone');
    else if (op === 'fault') {
      if (args.fault === 'stop' && typeof args.process === 'string') this.#lives.set(args.process, 'stopped');
    } else this.#lives.set(process, 'alive');
  }
}
