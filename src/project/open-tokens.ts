import { messageOf } from '../ports/message-of.ts';
import type { Scenario } from '../scenario/index.ts';
import { count } from '../scenario/wording.ts';
import { TOKENS_FOLDER } from './folder.ts';
import { OLD_TOKENS_FILE } from './old-tokens.ts';
import { TokenStore } from './token-store.ts';

export interface OpenedTokens {
  readonly store: TokenStore;
  /** What the user should know, each as a sentence. Unescaped. */
  readonly notes: readonly string[];
}

/**
 * Opens the recorded tokens of a project.
 *
 * @param writes whether the tokens of the old file may be moved to files of their own
 */
export function openTokens(project: string, writes: boolean): OpenedTokens {
  const { store, note } = movedIn(project, writes);
  const notes = store.unreadable.map(({ message }) => message);
  return { store, notes: note === null ? notes : [note, ...notes] };
}

/** The note about tokens of a scenario that are not replayed, if there are any. */
export function describeOutdated(outdated: number, { id }: Pick<Scenario, 'id'>): string | null {
  if (outdated === 0) return null;
  return `${count(outdated, 'recorded token')} of another definition of ${id}: skipped`;
}

function movedIn(project: string, writes: boolean): { store: TokenStore; note: string | null } {
  const store = new TokenStore(project);
  try {
    const moved = writes ? store.moveOld() : 0;
    if (moved === 0) return { store, note: null };
    const note = `${count(moved, 'recorded token')} moved from ${OLD_TOKENS_FILE} to ${TOKENS_FOLDER}, one file each`;
    return { store: new TokenStore(project), note };
  } catch (error) {
    return {
      store,
      note: `the tokens of ${OLD_TOKENS_FILE} were not moved to ${TOKENS_FOLDER}: ${messageOf(error)}`,
    };
  }
}
