import { CHOICE_KINDS, type ChoiceKind, type Choices, type EnabledSet } from '../sim/index.ts';

/** A schedule: all choices of a run, by kind. Choices beyond the end of a stream are 0. */
export type Schedule = { readonly [C in ChoiceKind]: readonly number[] };

export type ScheduleRecord = { readonly [C in ChoiceKind]: number[] };

export function emptySchedule(): ScheduleRecord {
  return Object.fromEntries(CHOICE_KINDS.map((concern) => [concern, []])) as unknown as ScheduleRecord;
}

/** Records the choices of another source. */
export class RecordedChoices implements Choices {
  readonly schedule = emptySchedule();
  readonly #source: Choices;

  constructor(source: Choices) {
    this.#source = source;
  }

  choose(n: number, concern: ChoiceKind, candidates?: EnabledSet): number {
    const choice = this.#source.choose(n, concern, candidates);
    this.schedule[concern].push(choice);
    return choice;
  }
}

/** A recorded choice that was not available: the run differs from the one that was recorded. */
export interface Divergence {
  concern: ChoiceKind;
  /** The index of the choice within its kind. */
  index: number;
  choice: number;
  /** The number of options. */
  n: number;
}

/** Replays the choices of a schedule. */
export class ReplayedChoices implements Choices {
  readonly #schedule: Schedule;
  readonly #at = new Map<ChoiceKind, number>();
  misfit: Divergence | null = null;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
  }

  choose(n: number, concern: ChoiceKind): number {
    const index = this.#at.get(concern) ?? 0;
    this.#at.set(concern, index + 1);
    const choice = this.#schedule[concern][index] ?? 0;
    if (choice < n) return choice;
    this.misfit ??= { concern, index, choice, n };
    return 0;
  }
}
