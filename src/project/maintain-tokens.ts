/** Keeps the recorded tokens of a project up to date: finds their violations again, or removes those that no longer show anything. */
import {
  BUILT_IN,
  type FindAgainOptions,
  type FoundAgain,
  findAgain,
  type NotFoundAgain,
} from '../check/index.ts';
import { describeThrown, findBounded, type Scenario, thrownOf } from '../scenario/index.ts';
import { decodeToken, isOfOtherFormat } from '../schedule/index.ts';
import { OLD_TOKENS_FILE } from './old-tokens.ts';
import { recordedTokenOf } from './record.ts';
import type { StoredToken, TokenStore } from './token-store.ts';

/** What became of a recorded token. Plain data. */
export interface TokenOutcome {
  /** Relative to the project. */
  readonly file: string;
  /** These three are `null` if the file cannot be read. */
  readonly scenario: string | null;
  readonly invariant: string | null;
  readonly token: string | null;
  /**
   * `kept`: it shows its violation. `updated`: it was recorded anew. `outdated`: an update would record it anew. `removed`: it shows
   * nothing. `not found`: the same, but it was not removed. `undecided`: see `reason`. `not loaded`: its scenario is not part of this
   * call. `unreadable`: its file was not used.
   */
  readonly status:
    | 'kept'
    | 'updated'
    | 'outdated'
    | 'removed'
    | 'not found'
    | 'undecided'
    | 'not loaded'
    | 'unreadable';
  /** What led to the violation; `null` if it was not found. */
  readonly by: FoundAgain['by'] | null;
  /** The token that shows the violation now, if it is another one, and its file. */
  readonly newToken: string | null;
  readonly newFile: string | null;
  /** Another violation of the same invariant that was found instead, recorded in addition, and its file. */
  readonly otherToken: string | null;
  readonly otherFile: string | null;
  /** The size of the run that shows the violation. */
  readonly cost: FoundAgain['replay']['cost'] | null;
  readonly reason: string | null;
}

export interface MaintainOptions extends FindAgainOptions {
  /** Whether nothing is written and nothing removed. Default: false. */
  dryRun?: boolean;
  /** Called before each token. */
  onProgress?: (done: number, of: number) => void;
}

type Find = (id: string) => Scenario | undefined;

/**
 * Finds the violation of each recorded token again, and records it anew if its token has to change.
 *
 * @param find returns the scenario with an ID; `undefined` if it is not part of this call
 */
export function updateTokens(
  store: TokenStore,
  find: Find,
  options: MaintainOptions = {},
): Promise<TokenOutcome[]> {
  return maintain(store, find, options, async (stored, scenario, found) => {
    const { invariant } = stored;
    if (found.by === null) {
      const { other, unsure } = found;
      const status = unsure === null ? 'not found' : 'undecided';
      const reason = reasonOf(found, stored, scenario);
      if (other === null || other.token === stored.token) return { status, reason };
      const recorded = await recordedTokenOf(scenario, { token: other.token, invariant });
      const otherFile = options.dryRun ? null : store.addOne(recorded);
      return { status, reason, otherToken: other.token, otherFile };
    }
    const { token } = found.replay;
    if (token === stored.token && stored.log !== null && stored.signature !== null) return { status: 'kept' };
    const recorded = await recordedTokenOf(scenario, { token, invariant });
    const newFile = options.dryRun ? null : store.replace(stored, recorded);
    return { status: 'updated', newToken: token, newFile };
  });
}

/**
 * Removes the recorded tokens whose violations cannot be found again. One that can is kept, also if its token does not show it any more.
 *
 * @param find returns the scenario with an ID; `undefined` if it is not part of this call
 */
export function pruneTokens(
  store: TokenStore,
  find: Find,
  options: MaintainOptions = {},
): Promise<TokenOutcome[]> {
  return maintain(store, find, options, async (stored, scenario, found) => {
    if (found.by === null) {
      const reason = reasonOf(found, stored, scenario);
      if (found.unsure !== null || found.other !== null)
        return { status: 'undecided', reason, otherToken: found.other?.token ?? null };
      if (!options.dryRun) store.remove(stored);
      return { status: 'removed', reason };
    }
    const { token } = found.replay;
    return token === stored.token ? { status: 'kept' } : { status: 'outdated', newToken: token };
  });
}

type Decide = (
  stored: StoredToken,
  scenario: Scenario,
  found: FoundAgain | NotFoundAgain,
) => Promise<Partial<TokenOutcome> & Pick<TokenOutcome, 'status'>>;

async function maintain(
  store: TokenStore,
  find: Find,
  options: MaintainOptions,
  decide: Decide,
): Promise<TokenOutcome[]> {
  const outcomes: TokenOutcome[] = store.unreadable.map(({ file, message }) => ({
    ...{ file, scenario: null, invariant: null, token: null, ...NOTHING },
    ...{ status: 'unreadable', reason: message },
  }));
  const { tokens } = store;
  for (const [done, stored] of tokens.entries()) {
    options.onProgress?.(done, tokens.length);
    const { file, scenario, invariant, token } = stored;
    outcomes.push({
      ...{ file, scenario, invariant, token, ...NOTHING },
      ...(await outcomeOf(stored, find, options, decide)),
    });
  }
  return outcomes;
}

const NOTHING = {
  by: null,
  newToken: null,
  newFile: null,
  otherToken: null,
  otherFile: null,
  cost: null,
  reason: null,
};

async function outcomeOf(
  stored: StoredToken,
  find: Find,
  options: MaintainOptions,
  decide: Decide,
): Promise<Awaited<ReturnType<Decide>>> {
  const scenario = find(stored.scenario) ?? findBounded(stored.scenario, find);
  if (scenario === undefined) return { status: 'not loaded' };
  if (options.signal?.aborted) return { status: 'undecided', reason: 'interrupted' };
  if (stored.file === OLD_TOKENS_FILE && !options.dryRun)
    return { status: 'undecided', reason: `it is in ${OLD_TOKENS_FILE}, which is never written` };
  try {
    const found = await search(stored, scenario, options);
    const known = found.by === null ? {} : { by: found.by, cost: found.replay.cost };
    return { ...known, ...(await decide(stored, scenario, found)) };
  } catch (error) {
    // Of the scenario's code, or of the file system. The other tokens are not affected.
    return { status: 'undecided', reason: describeThrown(thrownOf(error)) };
  }
}

function search(
  { token, invariant, log, signature }: StoredToken,
  scenario: Scenario,
  options: MaintainOptions,
) {
  const schedule = isOfOtherFormat(token) ? null : decodeToken(token).schedule;
  const { budgetMs, signal } = options;
  return findAgain(
    scenario,
    { invariant, schedule, log, signature },
    { ...(budgetMs !== undefined && { budgetMs }), ...(signal !== undefined && { signal }) },
  );
}

/** Why a violation was not found, besides that the bug is fixed. */
function reasonOf(
  { unsure, other }: NotFoundAgain,
  { invariant }: StoredToken,
  { invariants }: Scenario,
): string | null {
  const names = [...invariants.map(({ name }) => name), ...Object.values<string>(BUILT_IN)];
  const reasons = [
    ...(names.includes(invariant)
      ? []
      : [`its scenario has no invariant ${JSON.stringify(invariant)} any more`]),
    ...(unsure === null ? [] : [unsure]),
    ...(other === null
      ? []
      : [`another violation of the same invariant was found: ${other.failure!.message}`]),
  ];
  return reasons.length === 0 ? null : reasons.join('; ');
}
