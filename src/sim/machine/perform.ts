/** Carries out operations: in one step, or in two phases, between which other processes can run. */
import type { Operation, OperationName, Outcome } from '../../ports/index.ts';
import { SystemError } from '../../ports/index.ts';
import { type AccessLog, logAccesses } from '../base/accesses.ts';
import { EACCES, ENOENT, errnoOf, isErrno } from '../base/errno.ts';
import type { FaultConditions } from '../faults/conditions.ts';
import type { FaultTarget } from '../faults/fault-target.ts';
import { type Handler, WAITS } from '../kernel/handler.ts';
import type { ParkedOperation, SimProcess } from '../records/process.ts';
import { isListener } from '../records/sockets.ts';
import { HANDLERS } from '../syscalls/index.ts';
import { mustWaitToReceive, mustWaitToSend } from '../syscalls/streams.ts';
import type { MachineObserver } from './options.ts';

/** A machine, as far as it carries out operations. */
export interface Performer extends FaultTarget {
  readonly observer: Pick<MachineObserver, 'notFound' | 'directoryMade'>;
  /** The operations that take effect in one step and deliver their result in another; null: none. */
  readonly twoPhase: ReadonlySet<OperationName> | null;
  /** Learns what each operation accesses; `null`: that is not logged. */
  watch: AccessWatch | null;
  /** Carries out the handlers of operations, to record what they do; `null`: they are carried out directly. */
  recorder: OperationRecorder | null;
  /** Called with each result that a process gets, before it gets it. */
  onResult: ((parked: ParkedOperation, result: unknown) => void) | null;
  /** Called for each operation in two phases when it takes effect. */
  onEffect: ((process: SimProcess, operation: Operation, outcome: Outcome) => void) | null;
}

/** Sees each operation take effect. */
export interface OperationRecorder {
  /**
   * @param operation as it is carried out: a fault may have shortened a write
   * @param act carries it out, once; its result is to be returned
   */
  performs(parked: ParkedOperation, operation: Operation, act: () => unknown): unknown;
}

/** Learns what each operation accesses. */
export interface AccessWatch {
  /** Where it is logged. Empty again after each operation. */
  readonly log: AccessLog;
  /** An operation is about to happen. */
  begins(parked: ParkedOperation): void;
  /** The log holds what an operation has accessed, or the one of its two phases that is just over. */
  accessed(parked: ParkedOperation): void;
}

/** What an operation in two phases has come to. */
class Effect {
  readonly result: unknown;

  constructor(result: unknown) {
    this.result = result;
  }
}

/** The same as {@link perform}, watched if something watches. Apart, so that a step costs nothing more if nothing does. */
export function performWatched(machine: Performer, parked: ParkedOperation): void {
  const { watch } = machine;
  if (watch === null) {
    perform(machine, parked);
    return;
  }
  watch.begins(parked);
  const before = logAccesses(watch.log);
  try {
    perform(machine, parked);
  } finally {
    logAccesses(before);
  }
  watch.accessed(parked);
  watch.log.clear();
}

/** An operation happens: at once, or its first or second phase. */
export function perform(machine: Performer, parked: ParkedOperation): void {
  machine.takesPart(parked.process);
  if (machine.twoPhase !== null && hasTakenEffect(parked)) {
    deliver(machine, parked, parked.outcome.result);
    return;
  }
  let { operation } = parked;
  const { conditions } = machine;
  if (conditions !== null) {
    if (meets(machine, parked, conditions)) return;
    operation = conditions.shortened(parked);
  }
  const handler = HANDLERS[operation.op] as unknown as Handler<OperationName>;
  const { recorder } = machine;
  const result: unknown =
    recorder === null
      ? handler(machine, parked, operation as never)
      : recorder.performs(parked, operation, () => handler(machine, parked, operation as never));
  if (isNotFound(operation, result)) machine.observer.notFound?.(operation);
  else if (operation.op === 'mkdir' && !isErrno(result)) machine.observer.directoryMade?.(operation.path);
  if (result === WAITS) parked.wait();
  else if (machine.twoPhase === null || !takesEffect(machine, parked, result))
    deliver(machine, parked, result);
}

/** Whether the first phase of an operation is over, and its result is still to be delivered. */
export function hasTakenEffect(parked: ParkedOperation): parked is ParkedOperation & { outcome: Effect } {
  return parked.outcome instanceof Effect;
}

/** Whether an operation begins to wait at once, without a step of its own. */
export function mustWait({ process, operation }: ParkedOperation): boolean {
  switch (operation.op) {
    case 'sleep':
      return true;
    case 'accept':
    case 'acceptStream': {
      const description = process.fds.get(operation.fd);
      const isRight = isListener(description) && description.streams === (operation.op === 'acceptStream');
      return isRight && description.queue.length === 0;
    }
    case 'recv':
    case 'read':
      return mustWaitToReceive(process, operation);
    case 'send':
    case 'write':
      return mustWaitToSend(process, operation);
    case 'sigwait':
      return process.signals === null || process.signals.queue.length === 0;
    case 'wait':
      return process.children?.find(({ pid }) => pid === operation.pid)?.alive ?? false;
    default:
      return false;
  }
}

/** Node's `listen` fails with EACCES where there is no directory for the socket: libuv replaces the code. */
function isNotFound({ op }: Operation, result: unknown): boolean {
  return result === ENOENT || (op === 'listen' && result === EACCES);
}

/** The first of two phases: the result is there, and its process does not know it yet. */
function takesEffect(machine: Performer, parked: ParkedOperation, result: unknown): boolean {
  const { process, operation } = parked;
  if (!machine.twoPhase!.has(operation.op) || !process.alive) return false;
  machine.onEffect?.(process, operation, outcomeOf(result, operation));
  parked.outcome = new Effect(result);
  process.runnable.push(parked);
  return true;
}

function deliver(machine: Performer, parked: ParkedOperation, result: unknown): void {
  const { operation } = parked;
  parked.state = 'settled';
  // A process that has ended, by this very operation or while it waited, gets no result.
  if (!parked.process.alive) return;
  machine.onResult?.(parked, result);
  if (isErrno(result)) parked.reject(new SystemError(result.code, operation));
  else parked.resolve(result);
}

/** Whether a fault condition decides what becomes of an operation. */
function meets(machine: Performer, parked: ParkedOperation, conditions: FaultConditions): boolean {
  const { nowUs } = machine.clocks;
  const code = conditions.failureOf(parked, nowUs);
  if (code !== null) {
    parked.state = 'settled';
    machine.onResult?.(parked, errnoOf(code));
    parked.reject(new SystemError(code, parked.operation));
    return true;
  }
  if (parked.timer !== null) return false;
  const lateMs = conditions.delayOf(parked);
  if (lateMs === 0) return false;
  const { timeoutMs } = parked.operation as Operation<'request'>;
  if (lateMs >= timeoutMs) {
    // Handled as a request that has been sent and is not answered.
    parked.timer = machine.timers.set(nowUs + timeoutMs * 1000, parked);
  } else {
    machine.timers.set(nowUs + lateMs * 1000, parked);
  }
  parked.wait();
  return true;
}

function outcomeOf(result: unknown, operation: Operation): Outcome {
  return isErrno(result) ? { error: new SystemError(result.code, operation) } : { value: result };
}
