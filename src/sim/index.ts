export * from './choices.ts';
export {
  defaultsOf,
  FAULT_NAMES,
  type FaultName,
  type FaultPlan,
  type FaultSettings,
  type Strike,
} from './faults/fault.ts';
export { FAULTS } from './faults/faults.ts';
export { PlannedNemesis } from './faults/nemesis.ts';
export { type Fingerprint, StateHasher, StringInterner } from './kernel/digest.ts';
export { type Errno, isErrno } from './kernel/errno.ts';
export { conflict, type Footprint, NO_FOOTPRINT } from './kernel/footprint.ts';
export { DEFAULT_BUSY_MS, DEFAULT_OPERATION_US, type Halt, SimMachine } from './kernel/machine.ts';
export { digestMachine, type HistoryOf } from './kernel/machine-digest.ts';
export type {
  MachineObserver,
  MachineOptions,
  Nemesis,
  TwoPhaseOperation,
} from './kernel/machine-options.ts';
export { FIRST_PID_NAMESPACE, ParkedOperation, SimProcess } from './kernel/process.ts';
export type { Slot } from './kernel/process-table.ts';
export type { Restore } from './kernel/snapshot.ts';
export type { Due } from './kernel/timer-heap.ts';
export { OPERATION_NAMES } from './syscalls/index.ts';
export { isListener } from './syscalls/listeners.ts';
export { parentPid } from './syscalls/processes.ts';
export { DirectoryDescription, FileDescription } from './vfs/index.ts';
