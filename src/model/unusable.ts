import { isSystemError, type OperationName, type SystemError } from '../ports/index.ts';
import { EXIT } from './exit-codes.ts';

/** Their failures are not about the state directory. */
const OF_PROCESSES: ReadonlySet<string> = new Set<OperationName>([
  'self',
  'processInfo',
  'listProcesses',
  'kill',
]);
/** With these codes link(2) fails on a filesystem without hard links. */
const NO_LINKS = ['EPERM', 'ENOSYS'];

/** The failure of an operation without which the protocol cannot go on. */
interface Unusable extends SystemError {
  /** For `runProgram`: the code with which the process ends. */
  exitCode?: number;
}

/**
 * Waits for work on a state directory. If an operation fails, its error says what that means, and has the exit code.
 *
 * @throws SystemError with `exitCode`
 */
export async function orUnusable<T>(directory: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isSystemError(error)) explain(error, directory);
    throw error;
  }
}

function explain(error: Unusable, directory: string): void {
  if (error.exitCode !== undefined) return;
  error.exitCode = EXIT.stateUnusable;
  const { message, syscall, code } = error;
  const hint =
    syscall === 'link' && NO_LINKS.includes(code) ? ': it must be on a filesystem that has hard links' : '';
  error.message = OF_PROCESSES.has(syscall)
    ? `whether the owner of ${directory} is alive cannot be determined: ${message}`
    : `the state directory ${directory} cannot be used: ${message}${hint}`;
}
