/**
 * What happens in each round, drawn from the seed before anything starts. The same seed, options and list of faults give the same plan;
 * when each thing happens in real time is not part of it.
 */
import { Draws } from './draws.ts';
import type { StormFault } from './faults.ts';

/**
 * How a race is widened. `delays`: each call on a file of the command's returns late, where strace is installed; otherwise as `stops`. `slices`: one
 * process at a time goes on for a fraction of a millisecond, the others are stopped. `stops`: starts are stopped at random moments. `staggered`:
 * they begin at random moments. `load`: beside busy processes, on one processor.
 */
export const RACE_KINDS = ['delays', 'slices', 'at once', 'stops', 'staggered', 'load'] as const;
export type RaceKind = (typeof RACE_KINDS)[number];

export interface RacePlan {
  readonly kind: RaceKind;
  readonly starts: number;
  /** On one processor only. */
  readonly pinned: boolean;
  /** For the moments within the race. */
  readonly seed: number;
}

/** `settled`: when nothing changes any more. `starting`: while others start. */
export const MOMENTS = ['settled', 'starting'] as const;
/** Whom it strikes: the owner, or one of those that start. */
export const VICTIMS = ['owner', 'start'] as const;
/** How long a stop lasts: for some milliseconds, until those that started meanwhile have decided, or longer than a lease of ten seconds. */
export const LENGTHS = ['brief', 'until decided', 'long'] as const;

export interface StrikePlan {
  readonly fault: StormFault;
  readonly moment: (typeof MOMENTS)[number];
  readonly victim: (typeof VICTIMS)[number];
  readonly length: (typeof LENGTHS)[number];
  /** The starts that follow, or during which it strikes. */
  readonly race: RacePlan;
  /** When during starts, as a share of the time that one takes. */
  readonly atShare: number;
  /** Chooses among victims, files and lengths. */
  readonly seed: number;
}

/** A part of a round with processes and files of its own: a race of the first starts, then faults, each followed by more starts. */
export interface EpisodePlan {
  readonly race: RacePlan;
  readonly strikes: readonly StrikePlan[];
}

export interface RoundPlan {
  /** Counted from 1. */
  readonly round: number;
  readonly episodes: readonly EpisodePlan[];
}

export interface PlanOptions {
  readonly seed: number;
  readonly rounds: number;
  readonly starts: number;
  readonly faults: readonly StormFault[];
}

/** Races without faults in each round, before the one that faults follow. */
const RACES_BEFORE = ['delays', 'slices'] as const;
/** One stop in so many rounds is longer than a lease, since it takes so long. */
const LONG_STOP_EVERY = 5;

export function planOf({ seed, rounds, starts, faults }: PlanOptions): RoundPlan[] {
  const draws = new Draws(seed);
  // Which round of five has the long stop.
  const longAt = draws.below(LONG_STOP_EVERY);
  const variants = variantsOf(draws);
  return Array.from({ length: rounds }, (_, index): RoundPlan => {
    const [kind = 'at once'] = draws.shuffled(RACE_KINDS.slice(RACES_BEFORE.length));
    const race = (kind: RaceKind, n = starts): RacePlan => ({
      ...{ kind, starts: n, pinned: kind === 'load' || draws.below(2) === 0, seed: draws.seed() },
    });
    const strikes = draws.shuffled(faults).map((fault): StrikePlan => {
      const { moment, victim } = variants[(index + faults.indexOf(fault)) % variants.length]!;
      const isLong = fault === 'stop' && index % LONG_STOP_EVERY === longAt;
      return {
        ...{ fault, moment, victim },
        length: isLong ? 'long' : draws.below(3) === 0 ? 'brief' : 'until decided',
        race: race(draws.pick(RACE_KINDS), draws.below(3) === 0 ? 1 + draws.below(starts) : starts),
        atShare: draws.unit() * 1.2,
        seed: draws.seed(),
      };
    });
    const before = starts > 1 ? RACES_BEFORE : [];
    const races = before.map((each): EpisodePlan => ({ race: race(each), strikes: [] }));
    return { round: index + 1, episodes: [...races, { race: race(kind), strikes }] };
  });
}

function variantsOf(draws: Draws): Pick<StrikePlan, 'moment' | 'victim'>[] {
  return draws.shuffled([
    { moment: 'settled', victim: 'owner' },
    { moment: 'starting', victim: 'owner' },
    { moment: 'starting', victim: 'start' },
  ] as const);
}

/** One line for each part of a round. */
export function describeRound({ episodes }: RoundPlan): string[] {
  return episodes.map(({ race, strikes }) =>
    [describeRace(race), ...strikes.map(describeStrike)].join('; then '),
  );
}

export function describeRace({ kind, starts, pinned }: RacePlan): string {
  const how: Partial<Record<RaceKind, string>> = {
    ...{ delays: 'with delays', slices: 'in slices', stops: 'with stops', load: 'under load' },
  };
  return `${starts} ${starts === 1 ? 'start' : 'starts'} ${how[kind] ?? kind}${pinned ? ', on one processor' : ''}`;
}

export function describeStrike({ fault, moment, victim, length, race }: StrikePlan): string {
  if (fault !== 'kill' && fault !== 'stop') return `${fault}, ${describeRace(race)}`;
  const when = moment === 'settled' ? '' : ' while others start';
  const long = fault === 'stop' ? ` (${length})` : '';
  return `${fault} ${victim === 'owner' ? 'the owner' : 'a start'}${when}${long}, ${describeRace(race)}`;
}
