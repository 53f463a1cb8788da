/** What shrinking makes of a known bug, and whether a single move makes that smaller. */
import { recordRun } from '../../src/check/attempt.ts';
import { type Cost, costOf } from '../../src/check/counterexample.ts';
import { search } from '../../src/check/search.ts';
import { shrink } from '../../src/check/shrink.ts';
import { shrinkFound } from '../../src/check/shrink-endless.ts';
import { Deadline } from '../../src/run/deadline.ts';
import { ReplayedChoices } from '../../src/run/recorded-choices.ts';
import type { Scenario } from '../../src/scenario/options.ts';
import { type Smaller, tryMoves } from './moves.ts';

const SEED = 1;
const RUNS = 2_000;
/** As in `check`. */
const SHRINK_MS = 60_000;

/** The figures of one bug. Plain data; times are CPU seconds of this process. */
export interface Figure {
  readonly id: string;
  /** The run that the search found. */
  readonly before: Cost;
  /** As `check` reports it. */
  readonly after: Cost;
  readonly seconds: number;
  readonly cutShort: string | null;
  /** With no limit of steps; the same as `after` unless that was cut short. */
  readonly smallest: Cost;
  /** `null` if it was over. */
  readonly stillCutShort: string | null;
  /** Of the smallest. */
  readonly smaller: Smaller | null;
  readonly tried: number;
  readonly of: number;
}

/**
 * @param mostMs the real time that shrinking without a limit of steps, and trying all moves, may take together
 * @returns `null` if 2,000 runs find nothing
 */
export async function figureOf(id: string, scenario: Scenario, mostMs: number): Promise<Figure | null> {
  const { found } = await search(scenario, { seed: SEED, runs: RUNS });
  if (found === null) return null;
  const { run } = await recordRun(scenario, new ReplayedChoices(found.schedule));
  const before = costOf(run);
  const begunAt = cpuSeconds();
  const deadline = new Deadline(performance.now() + SHRINK_MS);
  const shrunk = await shrinkFound(scenario, found.schedule, found.failure, { stop: deadline });
  if (shrunk === null) throw new Error(`${scenario.id}: the machine was too busy to repeat a run`);
  const seconds = cpuSeconds() - begunAt;
  const stop = new Deadline(performance.now() + mostMs);
  const maxSteps = Number.POSITIVE_INFINITY;
  const smallest =
    shrunk.cutShort === null
      ? shrunk
      : await shrink(scenario, shrunk.schedule, shrunk.failure, { maxSteps, signal: stop });
  const { smaller, tried, of } = await tryMoves(scenario, smallest, stop);
  return {
    ...{ id, before, after: shrunk.cost, seconds, cutShort: shrunk.cutShort },
    ...{ smallest: smallest.cost, stillCutShort: smallest.cutShort, smaller, tried, of },
  };
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
