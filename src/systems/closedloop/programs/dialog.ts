/** What a user is asked before the sidecar of another app is ended. */
import { TCP_PORT } from '../setup.ts';

export interface Dialog {
  readonly message: string;
  readonly detail: string;
  readonly buttons: readonly string[];
  /** By their places: what Return presses, and what Escape does. */
  readonly defaultButton: number;
  readonly cancelButton: number;
}

/** The only answer that counts as consent. */
export const KILL_IT = 1;

export function dialogFor({ pid, command }: { pid: number; command: string }): Dialog {
  return {
    message: `Another ClosedLoop instance (PID ${pid}) is using the dashboard port ${TCP_PORT}.`,
    detail: `Process: ${command}\n\nQuit that instance first, or force-kill it to free the dashboard port.`,
    buttons: ['Quit it first', 'Kill It'],
    defaultButton: 0,
    cancelButton: 0,
  };
}
