import { type Program, portsOf } from '../../ports/index.ts';
import type { SimProcess } from '../records/process.ts';
import type { Kernel } from './kernel.ts';

/** Runs a program as a process: its result is the exit code; an exception ends the process. */
export function runProgram(kernel: Kernel, process: SimProcess, program: Program): void {
  const exit = (code: unknown): void => {
    kernel.seam.execute(process, { op: 'exit', code: typeof code === 'number' ? code : 0 }, ignore, ignore);
  };
  const crash = (error: unknown): void => kernel.crash(process, error);
  try {
    Promise.resolve(program(portsOf(kernel.seam, process), process.command.slice(1))).then(exit, crash);
  } catch (error) {
    crash(error);
  }
}

const ignore = (): void => {};
