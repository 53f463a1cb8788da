import type { RunListener } from '../run/observer.ts';
import type { Run } from '../run/run.ts';
import type { Choices } from '../sim/index.ts';

/** Choices that follow the run for which they are made, because they depend on what has happened in it. */
export interface Guide extends Choices, RunListener {
  readonly follows: true;
  /** Called before the first step. */
  begins?(run: Run): void;
}

export function isGuide(choices: Choices): choices is Guide {
  return 'follows' in choices;
}
