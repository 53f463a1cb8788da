import { type Candidates, type Choices, CONCERNS, type Concern } from '../sim/index.ts';

/** A schedule: all choices of a run, by concern. What lies beyond the end of a stream is 0. */
export type Schedule = { readonly [C in Concern]: readonly number[] };

export type ScheduleRecord = { readonly [C in Concern]: number[] };

export function emptySchedule(): ScheduleRecord {
  return Object.fromEntries(CONCERNS.map((concern) => [concern, []])) as unknown as ScheduleRecord;
}

/** The choices of another source, written down. */
export class RecordedChoices implements Choices {
  readonly schedule = emptySchedule();
  readonly #source: Choices;

  constructor(source: Choices) {
    this.#source = source;
  }

  choose(n: number, concern: Concern, candidates?: Candidates): number {
    const choice = this.#source.choose(n, concern, candidates);
    this.schedule[concern].push(choice);
    return choice;
  }
}

/** A choice of a schedule that was not to be had: the run is not the one that the schedule was recorded from. */
export interface Misfit {
  concern: Concern;
  /** Which choice of its concern. */
  index: number;
  choice: number;
  /** How many there were to choose from. */
  n: number;
}

/** The choices of a schedule, again. */
export class ReplayedChoices implements Choices {
  readonly #schedule: Schedule;
  readonly #at = new Map<Concern, number>();
  misfit: Misfit | null = null;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
  }

  choose(n: number, concern: Concern): number {
    const index = this.#at.get(concern) ?? 0;
    this.#at.set(concern, index + 1);
    const choice = this.#schedule[concern][index] ?? 0;
    if (choice < n) return choice;
    this.misfit ??= { concern, index, choice, n };
    return 0;
  }
}

/** The dull run: the same process always goes on, and nothing strikes. */
export const DULL: Choices = { choose: () => 0 };
