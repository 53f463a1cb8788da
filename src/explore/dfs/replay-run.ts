/** A run that goes the way of a search again, with programs that are executed. */
import { type Failure, RecordedChoices, Run, type Schedule } from '../../run/index.ts';
import type { Scenario } from '../../scenario/index.ts';
import { operation } from './decision.ts';
import type { Path } from './dfs.ts';
import { StepChoices } from './step-choices.ts';

export class ReplayRun extends Run {
  readonly #choices: StepChoices;
  readonly #recorded: RecordedChoices;
  readonly #path: Path;
  #steps = 0;

  /** @param maxFaults how many faults the search lets strike in one run */
  constructor(scenario: Scenario, path: Path, maxFaults: number) {
    const choices = new StepChoices();
    choices.begin(operation(0, path.initial));
    const recorded = new RecordedChoices(choices);
    super(scenario, recorded);
    choices.mayStrike = () => this.faults < maxFaults;
    this.#choices = choices;
    this.#recorded = recorded;
    this.#path = path;
  }

  /** The choices that it has made. */
  get schedule(): Schedule {
    return this.#recorded.schedule;
  }

  /** Whether it has gone the whole way. */
  get isOver(): boolean {
    return this.#steps === this.#path.decisions.length;
  }

  override step(): boolean {
    const decision = this.#path.decisions[this.#steps];
    if (decision === undefined) return false;
    this.#steps++;
    this.#choices.begin(decision);
    return super.step();
  }

  override settled(): void {
    super.settled();
    // As the search does, so that what could happen next is known.
    this.machine.fireDue();
  }

  override finish(): Failure | null {
    return this.isOver ? super.finish() : this.failure;
  }
}
