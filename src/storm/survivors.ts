/** Who counts as a survivor of a round: what is left, without what a living one has started. */
import { type Observation, type SeenProcess, survivorsIn } from '../judge/index.ts';

export function survivorsOf(seen: Observation): readonly SeenProcess[] {
  return survivorsIn(seen, { countHelpers: false });
}
