export {
  AccessLog,
  accesses,
  type Cell,
  CellTable,
  logAccesses,
  unlogged,
} from './base/accesses.ts';
export { type Errno, isErrno } from './base/errno.ts';
export type { Restore } from './base/snapshot.ts';
export { type Fingerprint, StateHasher, type StateVisitor, StringInterner } from './base/state-hasher.ts';
export { StateParts } from './base/state-parts.ts';
export type { Due } from './base/timer-heap.ts';
export {
  defaultsOf,
  FAULT_NAMES,
  type FaultName,
  type FaultPlan,
  type FaultSettings,
  type Strike,
} from './faults/fault.ts';
export type { Nemesis } from './faults/fault-target.ts';
export { FAULTS } from './faults/faults.ts';
export { PlannedNemesis } from './faults/nemesis.ts';
export * from './kernel/choices.ts';
export { WAITS } from './kernel/handler.ts';
export { operationName } from './kernel/operation-name.ts';
export type { Halt } from './machine/halt.ts';
export { SynchronousCall } from './machine/immediate.ts';
export { type HistoryOf, SimMachine } from './machine/machine.ts';
export {
  DEFAULT_BUSY_MS,
  DEFAULT_OPERATION_US,
  type MachineObserver,
  type MachineOptions,
  type TwoPhaseOperation,
} from './machine/options.ts';
export type { AccessWatch, OperationRecorder } from './machine/perform.ts';
export { FIRST_PID_NAMESPACE, type Slot } from './records/identity.ts';
export { portCell } from './records/listener-table.ts';
export { ParkedOperation, SimProcess } from './records/process.ts';
export { PROCESS_PART, processCell } from './records/process-record.ts';
export { isListener } from './records/sockets.ts';
export { OPERATION_NAMES } from './syscalls/index.ts';
export { parentPid } from './syscalls/processes.ts';
export { DirectoryDescription, FileDescription } from './vfs/index.ts';
