/**
 * The threads of a race test. They load the scenario by Node from the file `from`, not by vitest, so it must be the same there:
 * otherwise the search uses one thread, and the test says why.
 */
import { replaySchedule, search } from '../check/index.ts';
import { ParallelChecker } from '../check/parallel/parallel-checker.ts';
import { messageOf } from '../ports/message-of.ts';
import { emptySchedule, isByRealTime } from '../run/index.ts';
import type { Scenario } from '../scenario/index.ts';
import { importModule, scenariosIn } from '../scenario/modules.ts';

export class RaceThreads {
  readonly #workers: number;
  readonly #url: string | null;
  #checker: ParallelChecker | null = null;
  #note: string | null = null;

  /**
   * @param workers the number of threads, including this one
   * @param url the module that exports the scenario; `null` if the test does not name it
   */
  constructor(workers: number, url: string | null) {
    this.#workers = workers;
    this.#url = url;
  }

  /** Why the search used one thread although more were asked for; `null` if it did not. */
  get note(): string | null {
    return this.#note;
  }

  readonly search: typeof search = async (scenario, options) => {
    if (this.#workers < 2) return search(scenario, options);
    // Only now, because a check looks at the variables of the programs before their first run.
    const why = await whyAlone(scenario, this.#url);
    if (why !== null) {
      this.#note = `one thread instead of ${this.#workers}: ${why}`;
      return search(scenario, options);
    }
    this.#checker ??= new ParallelChecker(this.#workers);
    return this.#checker.searcher(this.#url!)(scenario, options);
  };

  async close(): Promise<void> {
    await this.#checker?.close();
  }
}

/** Why other threads would not search the scenario of the test; `null` if they would. */
async function whyAlone(scenario: Scenario, url: string | null): Promise<string | null> {
  const { id } = scenario;
  if (url === null) return 'the option from, which names the file that exports the scenario, is missing';
  const file = decodeURIComponent(new URL(url).pathname);
  let loaded: Scenario | undefined;
  try {
    loaded = scenariosIn(await importModule(url)).find((each) => each.id === id);
  } catch (error) {
    return messageOf(error);
  }
  if (loaded === undefined) return `${file} exports no scenario ${id}`;
  if (loaded.hash !== scenario.hash) return `${id} in ${file} is not defined as in the test`;
  const [ours, theirs] = [await firstRunOf(scenario), await firstRunOf(loaded)];
  if (ours === null || theirs === null)
    return `the first run of ${id} was interrupted because it took too long in real time, so it cannot be compared with that of ${file}`;
  if (ours === theirs) return null;
  return `the first run of ${id} is another one if Node loads ${file}, without what vitest changes, such as mocks and aliases`;
}

/** What happens in it, to compare. `null`: the real clock has ended it. */
async function firstRunOf(scenario: Scenario): Promise<string | null> {
  const { traceHash, failure, verdict } = await replaySchedule(scenario, emptySchedule());
  if (verdict === 'inconclusive' || isByRealTime(failure)) return null;
  return JSON.stringify([traceHash, failure?.invariant]);
}
