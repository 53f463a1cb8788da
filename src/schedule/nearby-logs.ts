import type { NamedAction, NamedLog } from './named-log.ts';
import type { Stream } from './random.ts';

// Chosen by hand: a log that fits no more usually lacks one or two places where a process has to wait or a fault has to strike.
const MOST_CHANGES = 3;
const MOST_MOVED = 4;
const MOST_AWAY = 12;
/** The rest are moves. */
const DROP_RATE = 0.25;

/** A log that differs from another in a few places: some consecutive actions of one process, or a fault, come earlier, later or not at all. */
export function nearbyLog(log: NamedLog, stream: Stream): NamedLog {
  let { actions } = log;
  for (let changes = 1 + stream.below(MOST_CHANGES); changes > 0 && actions.length > 1; changes--) {
    actions = changed(actions, stream);
  }
  return { ...log, actions };
}

function changed(actions: readonly NamedAction[], stream: Stream): readonly NamedAction[] {
  const from = stream.below(actions.length);
  const count = 1 + stream.below(MOST_MOVED);
  const end = endOfBlock(actions, from, count);
  const rest = actions.toSpliced(from, end - from);
  if (stream.chance(DROP_RATE)) return rest;
  const to = from - MOST_AWAY + stream.below(2 * MOST_AWAY + 1);
  return rest.toSpliced(Math.max(0, Math.min(rest.length, to)), 0, ...actions.slice(from, end));
}

/** The end of at most so many actions that belong together. */
function endOfBlock(actions: readonly NamedAction[], from: number, most: number): number {
  const owner = ownerOf(actions[from]!);
  let end = from + 1;
  while (owner !== null && end < actions.length && end < from + most && ownerOf(actions[end]!) === owner)
    end++;
  return end;
}

function ownerOf(action: NamedAction): string | null {
  return action.kind === 'step' ? action.process : null;
}
