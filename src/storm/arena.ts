/** What strikes see and do of a part of a round. */
import type { EpisodeOrder } from './order.ts';
import type { RacePlan } from './plan.ts';
import type { Round } from './round.ts';
import type { Start } from './starter.ts';
import type { Tracked } from './watch.ts';

export interface Arena {
  readonly round: Round;
  readonly order: EpisodeOrder;
  /** The owner, or what is left if it is not known how one is known. */
  readonly owner: Tracked | null;
  /** What a fault strikes with it: if it is not known who of them owns, all that it has started. */
  withHelpers(target: Tracked): readonly Tracked[];
  /** Starts the command several times. */
  race(plan: RacePlan): Promise<Start[]>;
  /** A fault has come to its end. */
  over(): void;
}

/** How a stranger ends that the storm itself has ended. */
export const OURS = 'the storm';
