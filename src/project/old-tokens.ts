/** The recorded tokens of version 0.1.0: a single file with all of them, which every writer had to lock. It is read, and never written. */
import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readRegularFile } from './files.ts';
import { PROJECT_FOLDER } from './folder.ts';
import { parseVersion, type RecordedToken, scenarioOf, UnreadableError } from './recorded-token.ts';

/** Relative to the working directory. */
export const OLD_TOKENS_FILE = join(PROJECT_FOLDER, 'tokens.json');

const shape = z.object({
  version: z.literal(1),
  tokens: z.array(z.object({ token: z.string(), invariant: z.string() })),
});

export interface OldTokens {
  readonly tokens: readonly RecordedToken[];
  /** What is wrong with the file, if anything; its other tokens count. */
  readonly unreadable: UnreadableError | null;
}

/**
 * Reads the file of a project; `null` if there is none.
 *
 * @throws Error if it is no regular file, or too large; an error of the file system
 */
export function readOldTokens(project: string): OldTokens | null {
  const text = readRegularFile(join(project, OLD_TOKENS_FILE));
  if (text === null) return null;
  const tokens: RecordedToken[] = [];
  let unreadable: UnreadableError | null = null;
  try {
    for (const { token, invariant } of parseVersion(text, 1, shape).tokens) {
      try {
        // Without its format, nothing is known of the scenario of a token.
        const scenario = scenarioOf(token) ?? token.split(':')[1] ?? '';
        tokens.push({ token, scenario, invariant, log: null, signature: null });
      } catch (error) {
        unreadable ??= asUnreadable(error);
      }
    }
  } catch (error) {
    unreadable = asUnreadable(error);
  }
  return { tokens, unreadable };
}

/** @returns `false` if another process has removed it */
export function removeOldTokens(project: string): boolean {
  try {
    unlinkSync(join(project, OLD_TOKENS_FILE));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function asUnreadable(error: unknown): UnreadableError {
  if (error instanceof UnreadableError) return error;
  throw error;
}
