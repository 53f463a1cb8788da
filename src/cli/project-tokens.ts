/** The recorded tokens of the project, as commands use them: what people have to know of them goes to stderr. */
import { type Recorded, type Replay, runDepartureOf, type ScenarioReport } from '../check/index.ts';
import { messageOf } from '../ports/message-of.ts';
import { TOKENS_FOLDER } from '../project/folder.ts';
import { describeOutdated, openTokens } from '../project/open-tokens.ts';
import { recordedTokenOf } from '../project/record.ts';
import { TokenStore } from '../project/token-store.ts';
import { shellQuote } from '../report/report.ts';
import { count } from '../scenario/wording.ts';
import type { Target } from './scenarios.ts';
import { note } from './terminal.ts';

interface TokensOfCheckOptions {
  /** Whether the check records what it finds. */
  readonly writes: boolean;
  /** Receives what the user should know. Unescaped. */
  readonly onNote: (text: string) => void;
}

/** What a check replays, and where it records what it finds. */
export class TokensOfCheck {
  readonly #store: TokenStore;
  readonly #words: readonly string[];
  readonly #onNote: (text: string) => void;
  #outdated = 0;
  #added = 0;

  /** @param words the scenarios as named on the command line */
  constructor(project: string, words: readonly string[], { writes, onNote }: TokensOfCheckOptions) {
    const { store, notes } = openTokens(project, writes);
    this.#store = store;
    this.#words = words;
    this.#onNote = onNote;
    for (const each of notes) onNote(each);
  }

  of({ scenario }: Pick<Target, 'scenario'>): Recorded[] {
    const { fitting, outdated } = this.#store.of(scenario);
    this.#outdated += outdated.length;
    const what = describeOutdated(outdated.length, scenario);
    if (what !== null) this.#onNote(what);
    return fitting;
  }

  /** How many recorded tokens were not replayed as they were recorded. Call it once, after the check. */
  countOutdated(scenarios: readonly ScenarioReport[]): number {
    const skipped = scenarios.reduce((sum, each) => sum + (each.skipped?.length ?? 0), 0);
    const outdated = this.#outdated + skipped + this.#store.unreadable.length;
    if (outdated === 0) return 0;
    this.#onNote(
      `${count(outdated, 'recorded token')} not replayed as recorded. To find the violations again: ${updateCommand(this.#words)}`,
    );
    return outdated;
  }

  /**
   * Records new violations of a scenario as soon as they are found, so that they are not lost if this process is killed. Their logs
   * need another run of each, so {@link record} adds them.
   */
  recordAtOnce(report: ScenarioReport): void {
    try {
      this.#added += this.#store.add(
        newOf([report]).flatMap(({ id, violations }) =>
          violations.map(({ token, invariant }) => ({
            token,
            scenario: id,
            invariant,
            log: null,
            signature: null,
          })),
        ),
      );
    } catch {
      // record() tries again, and says why it cannot.
    }
  }

  /** Records new violations of scenarios that should have none. An error does not matter: the report is printed anyway. */
  async record(scenarios: readonly ScenarioReport[], targets: readonly Target[]): Promise<void> {
    try {
      const entries = newOf(scenarios).flatMap(({ id, violations }) => {
        const target = targets.find(({ scenario }) => scenario.id === id);
        return target === undefined ? [] : violations.map((each) => recordedTokenOf(target.scenario, each));
      });
      this.#added += this.#store.add(await Promise.all(entries));
      const added = this.#added;
      if (added === 0) return;
      this.#onNote(
        `${added} recorded in ${TOKENS_FOLDER}: the next check replays ${added === 1 ? 'it' : 'them'} first`,
      );
    } catch (error) {
      note(`nothing is recorded: ${messageOf(error)}`);
    }
  }
}

/**
 * The note about a replay that violates nothing and is not the recorded run of its token.
 *
 * @param from the file of its scenario, as named on the command line
 * @returns `null` if there is nothing to say, or the project has no log of this token. Unescaped
 */
export async function departureNote(
  project: string,
  token: string,
  again: Replay,
  from?: string,
): Promise<string | null> {
  if (again.verdict !== 'passed') return null;
  const stored = new TokenStore(project).tokens.find((each) => each.token === token);
  const departure = await runDepartureOf(again, stored?.log ?? null);
  if (departure === null) return null;
  return `${departure}. To find the violation again: ${updateCommand(from === undefined ? [] : [from])}`;
}

function updateCommand(words: readonly string[]): string {
  return ['npx', 'one-survivor', 'tokens', 'update', ...words].map(shellQuote).join(' ');
}

/** The scenarios whose violations are recorded. */
function newOf(scenarios: readonly ScenarioReport[]): ScenarioReport[] {
  return scenarios.filter(({ expects, verdict }) => expects === 'pass' && verdict === 'violated');
}
