import { type Failure, Run } from '../run/index.ts';
import type { Scenario } from '../scenario/index.ts';
import { type Fingerprint, StateHasher, type StringInterner } from '../sim/index.ts';
import { RealEpisodes } from './episodes.ts';
import type { ExploredRun, Search } from './explored-run.ts';
import type { Path } from './path.ts';
import { PathReplay } from './path-replay.ts';

/** Goes with real programs the way that a run has gone that only remembers what they do: does it come to the same? */
export class RealRun extends Run {
  readonly #path: Path;
  readonly #depth: number;
  readonly #expected: Fingerprint;
  readonly #texts: StringInterner;
  #made = 0;

  /** @param episodes whether operations are to be numbered as if those in episodes had not been */
  constructor(scenario: Scenario, { path, texts, faults }: Search, explored: ExploredRun, episodes: boolean) {
    path.restart();
    const choices = new PathReplay(path, faults);
    super(scenario, choices);
    choices.run = this;
    this.#path = path;
    this.#depth = explored.depth;
    this.#texts = texts;
    this.#expected = nameOf(explored, texts);
    if (episodes) this.machine.episodes = new RealEpisodes();
    super.settled();
  }

  /** After some of the first runs, and fewer and fewer of the later ones: 1, 2, 4, 8, … */
  static isDue(executions: number): boolean {
    return (executions & (executions - 1)) === 0;
  }

  override step(): boolean {
    if (this.#made === this.#depth) return false;
    this.#made++;
    return super.step();
  }

  override finish(): Failure | null {
    return this.failure;
  }

  get agrees(): boolean {
    if (this.failure !== null || !this.#path.isNew) return false;
    const { a, b } = nameOf(this, this.#texts);
    return a === this.#expected.a && b === this.#expected.b;
  }
}

/** Of all but what programs have learned. */
function nameOf(run: Run, texts: StringInterner): Fingerprint {
  const digest = new StateHasher(texts);
  run.digest(digest, () => null);
  return digest.name();
}
