/** What a race needs beside its plan. */
import type { Start, Starter } from './starter.ts';
import type { Watch } from './watch.ts';

/** What is needed to delay calls. */
export interface Delays {
  /** The folder of the storm. */
  readonly directory: string;
  readonly paths: readonly string[];
}

export interface RaceMeans {
  readonly starter: Starter;
  readonly watch: Watch;
  /** How long one start takes when nothing disturbs it, in milliseconds. */
  readonly startupMs: number;
  readonly canPin: boolean;
  /** What is needed to delay calls; `null`: they cannot be. */
  readonly delays: Delays | null;
  /** Whether the race is decided, so that nothing is left to be widened. */
  readonly isOver: (starts: readonly Start[]) => boolean;
  readonly isStopped: () => boolean;
}
