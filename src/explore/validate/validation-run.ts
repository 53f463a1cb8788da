/** Goes the way of a run whose programs were remembered again with programs that are executed: does it come to the same? */
import type { Failure } from '../../run/index.ts';
import type { Scenario } from '../../scenario/index.ts';
import { type CellTable, type Fingerprint, StateHasher, type StringInterner } from '../../sim/index.ts';
import type { Path } from '../dfs/dfs.ts';
import { ReplayRun } from '../dfs/replay-run.ts';
import { RealEpisodes } from '../memo/open-summaries.ts';

export interface Expected {
  readonly path: Path;
  /** Of the machine, without what programs have learned. */
  readonly fingerprint: Fingerprint;
  readonly maxFaults: number;
  /** Whether operations are numbered as if those in summaries had not been. */
  readonly summaries: boolean;
}

export class ValidationRun extends ReplayRun {
  readonly #scenario: Scenario;
  readonly #expected: Expected;
  readonly #texts: StringInterner;
  readonly #cells: CellTable;

  constructor(scenario: Scenario, expected: Expected, texts: StringInterner, cells: CellTable) {
    super(scenario, expected.path, expected.maxFaults);
    this.#scenario = scenario;
    this.#expected = expected;
    this.#texts = texts;
    this.#cells = cells;
    if (expected.summaries) this.machine.episodes = new RealEpisodes();
    super.settled();
  }

  /** After some of the first runs, and fewer and fewer of the later ones: 1, 2, 4, 8, … */
  static isDue(executions: number): boolean {
    return (executions & (executions - 1)) === 0;
  }

  /** The same once more. */
  again(): ValidationRun {
    return new ValidationRun(this.#scenario, this.#expected, this.#texts, this.#cells);
  }

  /** Only the state matters: whether the run is right is judged elsewhere. */
  override finish(): Failure | null {
    return this.failure;
  }

  get agrees(): boolean {
    if (this.failure !== null || !this.isOver) return false;
    const hasher = new StateHasher(this.#texts, this.#cells);
    this.visit(hasher, () => null);
    const { a, b, c, d } = hasher.name();
    const { a: ea, b: eb, c: ec, d: ed } = this.#expected.fingerprint;
    return a === ea && b === eb && c === ec && d === ed;
  }
}
