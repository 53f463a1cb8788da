export { unsetVariable } from './environment.ts';
export { awaitLeash } from './leash.ts';
export { NodeMachine, type NodeMachineOptions } from './machine.ts';
export { errorLine, type RunOptions, runDecorated, runProgram, TRACE_VARIABLE } from './run.ts';
export type { TraceLine } from './trace.ts';
