export { Output, simulatedConsole } from './ambient/console.ts';
export { guardSteps, withAmbientGuard } from './ambient/guard.ts';
export { holdGuards, withoutGuards } from './ambient/held.ts';
export { resetStacks } from './ambient/stacks.ts';
export { AmbientError, ambient, type Host } from './ambient/stepping.ts';
export * from './choices.ts';
export { Digest, type Name, Texts } from './digest.ts';
export { canDrain, catchStrays, clearUp, drain, inMacrotask, withStrays } from './drain.ts';
export { type Errno, isErrno } from './errno.ts';
export { conflict, type Footprint, NO_FOOTPRINT } from './footprint.ts';
export { DirectoryDescription, FileDescription } from './fs/index.ts';
export { DEFAULT_BUSY_MS, DEFAULT_OPERATION_US, type Halt, SimMachine } from './machine.ts';
export { digestMachine, type HistoryOf } from './machine-digest.ts';
export type {
  MachineObserver,
  MachineOptions,
  Nemesis,
  TwoPhaseOperation,
} from './machine-options.ts';
export {
  defaultsOf,
  FAULT_NAMES,
  type FaultName,
  type FaultPlan,
  type FaultSettings,
  type Strike,
} from './nemesis/fault.ts';
export { FAULTS } from './nemesis/faults.ts';
export { PlannedNemesis } from './nemesis/nemesis.ts';
export { OPERATION_NAMES } from './operations/index.ts';
export { isListener } from './operations/listeners.ts';
export { parentPid } from './operations/processes.ts';
export { FIRST_PID_NAMESPACE, ParkedOperation, SimProcess } from './process.ts';
export type { Slot } from './process-table.ts';
export type { Restore } from './restore.ts';
export type { Due } from './timer-heap.ts';
export { Overrun, withWatchdog } from './watchdog.ts';
