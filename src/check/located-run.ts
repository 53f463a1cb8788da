import { type AsyncHook, createHook, executionAsyncId } from 'node:async_hooks';
import type { Operation } from '../ports/index.ts';
import { executeOne } from '../run/execute.ts';
import { BUILT_IN, type Failure } from '../run/failure.ts';
import type { ShownOnly } from '../run/operation-trace.ts';
import { isByRealTime } from '../run/real-time.ts';
import { ReplayedChoices, type Schedule } from '../run/recorded-choices.ts';
import { Run } from '../run/run.ts';
import { type TraceEvent, traceHash } from '../run/trace.ts';
import type { Scenario } from '../scenario/options.ts';
import { placeHere } from '../scenario/source-location.ts';
import type { Choices, ParkedOperation, SimProcess } from '../sim/index.ts';
import { busyPlace } from './busy-place.ts';

/**
 * Repeats a run to find locations in user code that a plain run does not record: neither errors of operations nor
 * promises that nothing settles have a stack. Several times slower than a plain run.
 *
 * @returns the failure with its location, or the same failure if there is nothing to add
 */
export async function locate(
  scenario: Scenario,
  schedule: Schedule,
  failure: Failure,
  hangTimeoutMs?: number,
): Promise<Failure> {
  if (failure.at !== undefined) return failure;
  if (isByRealTime(failure)) {
    const at = await busyPlace(scenario, schedule);
    return at === null ? failure : { ...failure, at, message: `${failure.message}; it was running ${at}` };
  }
  if (!WAITING.includes(failure.invariant)) return failure;
  const run = await locatedRun(scenario, schedule, hangTimeoutMs);
  if (run.failure?.invariant !== failure.invariant) return failure;
  return failure.invariant === BUILT_IN.crash ? run.withCrash(failure) : run.withWait(failure);
}

/** The notes of a run, with locations. Without some of them if the repetition was interrupted by the real clock. */
export async function locatedNotes(
  scenario: Scenario,
  schedule: Schedule,
  hangTimeoutMs?: number,
): Promise<LocatedRun['notes']> {
  return (await locatedRun(scenario, schedule, hangTimeoutMs)).notes;
}

/**
 * The events of a run, each with where the program asked for it, as its author wrote the file.
 *
 * @param events those of a replay of this schedule
 * @returns the same events if the repetition differs from them
 */
export async function placedEvents(
  scenario: Scenario,
  schedule: Schedule,
  events: readonly TraceEvent[],
): Promise<readonly TraceEvent[]> {
  const placed: TraceEvent[] = [];
  const run = new LocatedRun(scenario, new ReplayedChoices(schedule), placed);
  try {
    await executeOne(run);
  } finally {
    run.close();
  }
  return traceHash(placed) === traceHash(events) ? placed : events;
}

async function locatedRun(
  scenario: Scenario,
  schedule: Schedule,
  hangTimeoutMs: number | undefined,
): Promise<LocatedRun> {
  const run = new LocatedRun(scenario, new ReplayedChoices(schedule));
  try {
    await executeOne(run, hangTimeoutMs);
  } finally {
    run.close();
  }
  return run;
}

const WAITING: readonly string[] = [BUILT_IN.crash, BUILT_IN.deadlock];

/** An asynchronous operation that a program has started. */
interface Begun {
  readonly type: string;
  readonly process: SimProcess | null;
  /** Where it was started, if known. */
  readonly place: string | null;
  /** Whether user code started it directly, not through something it called. */
  readonly direct: boolean;
  over: boolean;
}

/** Types of asynchronous resources that end within their step, or that this package creates. */
const PASSING = new Set(['TickObject', 'Microtask', 'PROMISE', 'RANDOMBYTESREQUEST']);

class LocatedRun extends Run {
  readonly #begun = new Map<number, Begun>();
  readonly #errors = new WeakMap<object, string>();
  readonly #operations = new WeakMap<Operation, string>();
  /** The operations that have not happened yet. */
  readonly #asked = new Map<Operation, Pick<ParkedOperation, 'process' | 'state'>>();
  /** When operations were sent that others have to end. */
  readonly #sent = new WeakMap<Operation, NonNullable<TraceEvent['sent']>>();
  readonly #hook: AsyncHook;
  #inStep = false;

  constructor(scenario: Scenario, choices: Choices, trace?: TraceEvent[]) {
    super(scenario, choices, { notes: true, ...(trace !== undefined && { trace }) });
    this.world.whereNow = () => this.#placeNow().place;
    this.#hook = createHook({
      init: (id, type) => this.#init(id, type),
      // Not `destroy`: a promise that nothing can settle is garbage, and may have been collected.
      promiseResolve: (id) => this.#over(id),
    }).enable();
    const { machine } = this;
    const execute = machine.execute.bind(machine);
    machine.execute = (process, operation, resolve, reject) => {
      const place = this.#placeNow().place;
      if (place !== null) this.#operations.set(operation, place);
      const pending = execute(
        process,
        operation,
        (value) => {
          this.#asked.delete(operation);
          resolve(value);
        },
        (error) => {
          this.#asked.delete(operation);
          if (place !== null) this.#errors.set(error, place);
          reject(error);
        },
      );
      // What waits already has done nothing that others could notice: it listens, or sleeps.
      const parked = pending as ParkedOperation;
      if (parked.state === 'runnable') this.#asked.set(operation, parked);
      return pending;
    };
  }

  override step(): boolean {
    this.#inStep = true;
    const goesOn = super.step();
    this.#lookForSent();
    // `settled` is not called after the last step.
    if (!goesOn) this.#inStep = false;
    return goesOn;
  }

  override settled(): void {
    this.#inStep = false;
    super.settled();
  }

  close(): void {
    this.#hook.disable();
  }

  withCrash(failure: Failure): Failure {
    const crash = this.world.crashed?.crash;
    const at = typeof crash === 'object' && crash !== null ? this.#errors.get(crash) : undefined;
    return at === undefined ? failure : { ...failure, at, message: `${failure.message}, at ${at}` };
  }

  withWait(failure: Failure): Failure {
    const process = this.machine.halt?.process;
    const begun = [...this.#begun.values()].filter(
      (each) => each.process === process && each.place !== null && !each.over,
    );
    const waits = begun.findLast(({ type, direct }) => type === 'PROMISE' && direct);
    const real = begun.findLast(({ type }) => type !== 'PROMISE');
    const at = waits?.place ?? real?.place ?? null;
    if (at === null) return failure;
    const why = [
      ...(waits === undefined ? [] : [`it waits at ${waits.place}`]),
      ...(real === undefined
        ? []
        : [`it has started a ${real.type} at ${real.place}, whose result comes from outside the simulation`]),
    ];
    return { ...failure, at, message: `${failure.message}; ${why.join('; ')}` };
  }

  protected override shownOf(operation: Operation): ShownOnly {
    const sent = this.#sent.get(operation);
    return sent === undefined ? super.shownOf(operation) : { ...super.shownOf(operation), sent };
  }

  /** Of the operations of the process that has made the step, those that wait now were sent in it. */
  #lookForSent(): void {
    const { current } = this.machine;
    for (const [operation, { process, state }] of this.#asked) {
      if (!process.alive || state === 'settled') this.#asked.delete(operation);
      else if (process === current && state === 'waiting') {
        this.#asked.delete(operation);
        this.#sent.set(operation, this.world.at());
      }
    }
  }

  protected override placeOf(operation: Operation): string | null {
    return this.#operations.get(operation) ?? null;
  }

  #init(id: number, type: string): void {
    if (!this.#inStep) return;
    if (type !== 'PROMISE' && PASSING.has(type)) return;
    this.#begun.set(id, { type, process: this.machine.current, ...this.#placeNow(), over: false });
  }

  #over(id: number): void {
    const begun = this.#begun.get(id);
    if (begun !== undefined) begun.over = true;
  }

  /** After an `await`, the stack has no frames of the callers. Then this is the location at which the awaited work was started. */
  #placeNow(): { place: string | null; direct: boolean } {
    const place = placeHere();
    if (place !== null) return { place, direct: true };
    return { place: this.#begun.get(executionAsyncId())?.place ?? null, direct: false };
  }
}
