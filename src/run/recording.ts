import type { Scenario } from '../scenario/options.ts';
import type { Choices } from '../sim/index.ts';
import { executeOne } from './execute.ts';
import type { Failure } from './failure.ts';
import { InvariantLog, type InvariantStates } from './invariant-log.ts';
import { listenersOf, processesOf, type RecordedListener, type RecordedProcess } from './machine-view.ts';
import { ReplayedChoices, type Schedule } from './recorded-choices.ts';
import { Run } from './run.ts';
import { type Span, SpanLog } from './span-log.ts';
import type { TraceEvent } from './trace.ts';

/** A run with a snapshot of the machine for each event. */
export interface Recording {
  readonly events: readonly TraceEvent[];
  readonly frames: readonly Snapshot[];
  /** For each event, the index of the snapshot after the step of the event. */
  readonly frameOf: readonly number[];
  readonly failure: Failure | null;
  /** Operations that other events came between: requests, sleeps, waits. */
  readonly spans: readonly Span[];
  readonly invariants: readonly InvariantStates[];
}

/** What has changed on the machine since the previous snapshot. Missing fields have not changed. */
export interface Snapshot {
  /** Path to content; `null` for an empty directory; `false` if it was removed. Missing paths have not changed. */
  readonly files?: Readonly<Record<string, string | null | false>>;
  /** All existing processes, including zombies. */
  readonly processes?: readonly RecordedProcess[];
  readonly listeners?: readonly RecordedListener[];
}

/** Runs a schedule again and takes a snapshot after each step. Slower than a plain run; for display. */
export async function record(
  scenario: Scenario,
  schedule: Schedule,
  hangTimeoutMs?: number,
): Promise<Recording> {
  const events: TraceEvent[] = [];
  const run = new RecordedRun(scenario, new ReplayedChoices(schedule), events);
  run.look();
  run.onSettled = () => run.look();
  const failure = await executeOne(run, hangTimeoutMs);
  run.look();
  const { frames, frameOf, spans, invariants } = run;
  return { events, frames, frameOf, failure, spans: spans.all(), invariants: invariants.all() };
}

class RecordedRun extends Run {
  readonly frames: Snapshot[] = [];
  readonly frameOf: number[] = [];
  readonly spans: SpanLog;
  readonly invariants: InvariantLog;
  onSettled: () => void = () => {};
  readonly #events: readonly TraceEvent[];
  #seen = -1;
  #files: Readonly<Record<string, string | null>> = {};
  #processes = '';
  #listeners = '';

  constructor(scenario: Scenario, choices: Choices, events: TraceEvent[]) {
    super(scenario, choices, { trace: events });
    this.#events = events;
    this.spans = new SpanLog(this.machine, events);
    this.invariants = new InvariantLog(scenario);
  }

  override settled(): void {
    super.settled();
    this.onSettled();
  }

  look(): void {
    const events = this.#events.length;
    const files = this.#changedFiles();
    const processes = processesOf(this);
    const listeners = listenersOf(this);
    const processesNow = JSON.stringify(processes);
    const listenersNow = JSON.stringify(listeners);
    const frame: Snapshot = {
      ...(files !== null && { files }),
      ...(processesNow !== this.#processes && { processes }),
      ...(listenersNow !== this.#listeners && { listeners }),
    };
    this.#processes = processesNow;
    this.#listeners = listenersNow;
    if (Object.keys(frame).length > 0) this.frames.push(frame);
    while (this.frameOf.length < events) this.frameOf.push(this.frames.length - 1);
    if (events > this.#seen) this.invariants.look(this.world, events);
    this.#seen = events;
  }

  #changedFiles(): Record<string, string | null | false> | null {
    const before = this.#files;
    const now = this.world.files();
    const changed: [string, string | null | false][] = [];
    for (const path of Object.keys(now)) {
      if (!Object.hasOwn(before, path) || before[path] !== now[path]) changed.push([path, now[path]!]);
    }
    for (const path of Object.keys(before)) if (!Object.hasOwn(now, path)) changed.push([path, false]);
    this.#files = now;
    return changed.length === 0 ? null : Object.fromEntries(changed);
  }
}
