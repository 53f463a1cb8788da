import { type Episode, GuidedChoices, type Story } from './choices/guided.ts';
import { ReplayedChoices, type Schedule } from './choices/recorded.ts';
import type { Replay } from './replay.ts';
import { BUILT_IN } from './run.ts';
import type { Scenario } from './scenario.ts';
import { type Told, tellStory } from './tell.ts';
import { decodeToken, encodeToken } from './token.ts';

/** The pair that decides, as plain data. */
export interface Critical {
  readonly first: CriticalEvent;
  readonly second: CriticalEvent;
  /** A token of the run in which they happen the other way round: the invariant holds. */
  readonly passing: string;
}

/** Of two events that happened one after the other, of different processes or one a fault, the order decided. */
export interface CriticalSwap {
  readonly first: CriticalEvent;
  readonly second: CriticalEvent;
  /** The run in which they happen the other way round, which does not violate the invariant. */
  readonly passing: Schedule;
}

/** One of the two: a step of a process, or a fault. */
export interface CriticalEvent {
  /** As the trace of the failing run numbers it. */
  readonly step: number;
  readonly kind: 'step' | 'fault';
}

/** A long run would take too long: each attempt is a run. */
const MAX_ATTEMPTS = 400;

/**
 * The pair of events that decides a run that violates an invariant.
 *
 * @returns null when none is found, or looking for one would take too long
 */
export async function criticalOf({ scenario, token, failure }: Replay): Promise<Critical | null> {
  // Each attempt would wait for the end of our patience.
  if (failure === null || failure.invariant === BUILT_IN['never-yields']) return null;
  const swap = await criticalSwap(scenario, decodeToken(token).schedule, failure.invariant);
  return swap && { ...swap, passing: encodeToken(scenario, swap.passing) };
}

/**
 * Names the pair of events that decides: moves the first event of each block of a process backwards, one event at a time,
 * from the last block on, until the invariant holds. Then the last events of blocks forwards.
 *
 * @returns null when no such pair is found: more than one pair has to change its order
 */
export async function criticalSwap(
  scenario: Scenario,
  failing: Schedule,
  invariant: string,
): Promise<CriticalSwap | null> {
  const told = await tellStory(scenario, new ReplayedChoices(failing));
  if (told.run.failure?.invariant !== invariant) return null;
  const { story } = told;
  let attempts = 0;
  const swap = async (from: number, to: number): Promise<Schedule | null> => {
    if (++attempts > MAX_ATTEMPTS) return null;
    const moved = story.toSpliced(from, 1).toSpliced(to, 0, story[from]!);
    const other = await retell(scenario, told, moved);
    return other.run.failure === null ? other.schedule : null;
  };
  for (let at = story.length - 1; at > 0; at--) {
    for (let before = at - 1; before >= 0 && mayPass(story[at]!, story[before]!); before--) {
      const passing = await swap(at, before);
      if (passing !== null) return { first: eventAt(story, before), second: eventAt(story, at), passing };
    }
  }
  for (let at = story.length - 2; at >= 0; at--) {
    for (let after = at + 1; after < story.length && mayPass(story[at]!, story[after]!); after++) {
      const passing = await swap(at, after);
      if (passing !== null) return { first: eventAt(story, at), second: eventAt(story, after), passing };
    }
  }
  return null;
}

function retell(scenario: Scenario, { absent, machine }: Told, story: Story): Promise<Told> {
  const guide = new GuidedChoices(story, absent, machine);
  return tellStory(scenario, guide, guide);
}

/** Events of one process keep their order; and time passes when it passes. */
function mayPass(a: Episode, b: Episode): boolean {
  if (a.kind === 'advance' || b.kind === 'advance') return false;
  return a.kind === 'fault' || b.kind === 'fault' || a.process !== b.process;
}

function eventAt(story: Story, at: number): CriticalEvent {
  const steps = story.slice(0, at + 1).filter(({ kind }) => kind === 'step').length;
  return { step: steps, kind: story[at]!.kind === 'fault' ? 'fault' : 'step' };
}
