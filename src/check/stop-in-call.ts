/**
 * Stops a debugger inside the call of an event of a run, with the frames of the program that called on the stack. When a program calls, it is not known
 * yet in which step that happens; so a first run numbers the calls, and a second one stops in the one with the number. The schedule
 * decides both, so they make the same calls.
 */
import { unguarded } from '../host/index.ts';
import type { Operation } from '../ports/index.ts';
import { executeOne } from '../run/execute.ts';
import type { Failure } from '../run/failure.ts';
import { ReplayedChoices, type Schedule } from '../run/recorded-choices.ts';
import { Run } from '../run/run.ts';
import { LOG, type TraceEvent, traceHash } from '../run/trace.ts';
import type { Scenario } from '../scenario/options.ts';

/** Which call: that of a step, of an operation in the step, such as a mark, or the one that violates the invariant. */
export type StopAt = 'violation' | { readonly step: number; readonly op: string | null };

/** There is no such call. The message says what is accepted. */
export class StopError extends Error {
  override readonly name = 'StopError';
}

/** A run whose calls are numbered. */
export interface NumberedRun {
  readonly failure: Failure | null;
  readonly events: readonly TraceEvent[];
  /** For each event that a call of a program has made, the number of the call; `undefined` for the others. */
  readonly callOf: ReadonlyMap<TraceEvent, number>;
}

/** While a debugger has stopped the run, it is not interrupted: the longest time that a timer of Node has, 25 days. */
const WHILE_STOPPED_MS = 2 ** 31 - 1;

/** Runs a schedule, and numbers the calls of its programs. */
export async function numberCalls(scenario: Scenario, schedule: Schedule): Promise<NumberedRun> {
  const run = new CallingRun(scenario, new ReplayedChoices(schedule), null);
  const failure = await executeOne(run);
  return run.numbered(failure);
}

/**
 * The event in whose call a debugger is to stop.
 *
 * @throws StopError if no call of a program has made it
 */
export function callAt(at: StopAt, scenario: Scenario, run: NumberedRun): TraceEvent {
  return at === 'violation' ? violatingCall(scenario, run) : callOfStep(at, run);
}

/**
 * Runs a schedule again; a debugger that is attached stops in the call. Without one, it is a plain run. A program that does not yield is
 * not interrupted.
 *
 * @param event one of `run`
 * @returns whether the run was the same: what is done in a debugger may change it
 */
export async function stopInCall(
  scenario: Scenario,
  schedule: Schedule,
  run: NumberedRun,
  event: TraceEvent,
): Promise<boolean> {
  const call = { number: run.callOf.get(event)!, step: event.step };
  const again = new CallingRun(scenario, new ReplayedChoices(schedule), call);
  const failure = await executeOne(again, WHILE_STOPPED_MS);
  return traceHash(again.numbered(failure).events) === traceHash(run.events);
}

function callOfStep({ step, op }: Exclude<StopAt, 'violation'>, { events, callOf }: NumberedRun): TraceEvent {
  const inStep = events.filter((event) => event.step === step);
  const calls = inStep.filter((event) => callOf.has(event));
  const found = calls.find((event) => (op === null ? event.op !== 'mark' : event.op === op));
  // A process that calls nothing else in a step may mark in it.
  const call = found ?? (op === null ? calls[0] : undefined);
  if (call !== undefined) return call;
  const steps = [...new Set([...callOf.keys()].map((event) => event.step))];
  const near = steps.sort((a, b) => Math.abs(a - step) - Math.abs(b - step)).slice(0, 4);
  const accepted =
    calls.length > 0
      ? calls.map((event) => `${step}:${event.op}`).join(', ')
      : near.length > 0
        ? `the step of a call, such as ${near.sort((a, b) => a - b).join(', ')}`
        : 'nothing, because no program calls anything in this run';
  const what = op === null ? `step ${step}` : `${op} in step ${step}`;
  const instead = inStep.length === 0 ? '' : ` (in that step: ${inStep.map((event) => event.op).join(', ')})`;
  throw new StopError(`no call of a program makes ${what}${instead}; accepted: ${accepted}`);
}

function violatingCall(scenario: Scenario, { failure, events, callOf }: NumberedRun): TraceEvent {
  if (failure === null)
    throw new StopError('this run violates nothing, so there is no violation to stop at; accepted: a step');
  const { name } = { name: failure.invariant };
  if (scenario.invariants.some((each) => each.kind === 'eventually' && each.name === name))
    throw new StopError(
      `${JSON.stringify(name)} is not true at the end of the run, which no call makes; accepted: a step, such as one of those that decide`,
    );
  const last = events.findLast(({ op }) => op !== LOG);
  // A process that crashes has ended in a step that no call makes: its last call is next to it.
  const call = events.findLast((event) => callOf.has(event) && event.process === last?.process);
  if (call === undefined)
    throw new StopError(
      `the violation is ${last?.op ?? 'nothing'} of ${last?.process ?? 'no process'}, which no call makes; accepted: a step`,
    );
  return call;
}

/** Numbers the calls, in the order in which programs make them. */
class CallingRun extends Run {
  readonly #events: TraceEvent[];
  readonly #numbers = new WeakMap<Operation, number>();
  #calls = 0;

  constructor(
    scenario: Scenario,
    choices: ReplayedChoices,
    stopIn: { readonly number: number; readonly step: number } | null,
  ) {
    const trace: TraceEvent[] = [];
    super(scenario, choices, { trace });
    this.#events = trace;
    const { machine } = this;
    const execute = machine.execute.bind(machine);
    machine.execute = (process, operation, resolve, reject) => {
      this.#calls++;
      this.#numbers.set(operation, this.#calls);
      if (this.#calls === stopIn?.number) stopHere({ process: process.name, step: stopIn.step, operation });
      return execute(process, operation, resolve, reject);
    };
  }

  /** @param failure of this run, which is over */
  numbered(failure: Failure | null): NumberedRun {
    const callOf = new Map<TraceEvent, number>();
    const events = this.#events.map(({ at, ...event }) => {
      if (at !== undefined) callOf.set(event, Number(at));
      return event;
    });
    return { failure, events, callOf };
  }

  /** The number of the call instead of its place: an event has nothing else of the call. */
  protected override placeOf(operation: Operation): string | null {
    const number = this.#numbers.get(operation);
    return number === undefined ? null : String(number);
  }
}

/** @param call what the debugger shows: which process is about to do what, in which step it happens */
function stopHere(call: {
  readonly process: string;
  readonly step: number;
  readonly operation: Operation;
}): void {
  // What is evaluated in the debugger is no work of the program, and may reach the real machine.
  unguarded(() => {
    // biome-ignore lint/suspicious/noDebugger: this is where it stops; the caller is further down the stack.
    debugger;
    return call;
  });
}
