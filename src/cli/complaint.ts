/** What the command says about an error, and its exit code then. */
import { CommanderError } from 'commander';
import { EXIT } from '../report/exit-codes.ts';
import { UsageError } from './errors.ts';

export interface Complaint {
  /** `null` if commander has printed it. */
  readonly text: string | null;
  readonly code: number;
}

export async function complaintOf(error: unknown): Promise<Complaint> {
  if (error instanceof CommanderError)
    return { text: null, code: error.exitCode === 0 ? EXIT.ok : EXIT.usage };
  if (await isUsageError(error)) return { text: `error: ${(error as Error).message}`, code: EXIT.usage };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    text: `error: this should not have happened, please report it (see docs/troubleshooting.md)\n${text}`,
    code: EXIT.usage,
  };
}

/** The classes of errors are loaded only when there is an error that is not our own. */
async function isUsageError(error: unknown): Promise<boolean> {
  if (error instanceof UsageError) return true;
  const { USAGE_ERRORS } = await import('./usage-errors.ts');
  return USAGE_ERRORS.some((kind) => error instanceof kind);
}
