/** Runs that follow the log of a recorded violation in a scenario that may have changed since: as far as they can, then around it. */
import { emptySchedule, ReplayedChoices } from '../run/recorded-choices.ts';
import { Run } from '../run/run.ts';
import type { Scenario } from '../scenario/options.ts';
import type { NamedLog } from '../schedule/named-log.ts';
import { nearbyLog } from '../schedule/nearby-logs.ts';
import { Stream } from '../schedule/random.ts';
import { renamedLog } from '../schedule/renamed-log.ts';
import { type AskedStarts, SteeredChoices, type Tolerance } from '../schedule/steered-choices.ts';
import type { Choices } from '../sim/index.ts';

/** Chosen by hand, like the length of the search: more is the job of `check`. */
const NEARBY_RUNS = 500;
/** The ways to follow a log, the most faithful first. Chosen by hand. */
const TOLERANCES: readonly Tolerance[] = [
  { missing: 4, extra: 8, waits: true },
  { missing: 4, extra: 8, waits: false },
  { missing: 4, extra: 2, waits: true },
  { missing: 1, extra: 1, waits: false },
  { missing: 0, extra: 0, waits: false },
  { missing: 20, extra: 40, waits: true },
];

export interface Followers {
  /** How many of the first runs follow the log itself, not one that differs from it. */
  readonly faithful: number;
  readonly attempts: Iterable<Choices>;
}

/** The choices of runs that follow a log, the most faithful first. Can be iterated once. */
export function followersOf(scenario: Scenario, log: NamedLog): Followers {
  const starts = askedStarts(scenario);
  const logs = adapted(log, starts);
  return { faithful: logs.length * TOLERANCES.length, attempts: followers(logs, starts) };
}

/** The log, and logs for a scenario that does not have all of its processes, or does not let them be idle for so long. */
function adapted(log: NamedLog, { absent, optional }: AskedStarts): readonly NamedLog[] {
  const renamed = renamedLog(log, [...absent, ...optional]);
  const logs = renamed === log ? [log] : [log, renamed];
  return [...logs, ...logs.filter(({ idle }) => idle.length > 0).map((each) => ({ ...each, idle: [] }))];
}

function* followers(logs: readonly NamedLog[], starts: AskedStarts): Iterable<Choices> {
  for (const log of logs) {
    for (const tolerance of TOLERANCES) yield new SteeredChoices(log, tolerance, starts);
  }
  for (let seed = 0; seed < NEARBY_RUNS; seed++) {
    const stream = new Stream(seed);
    const tolerance = TOLERANCES[stream.below(TOLERANCES.length)]!;
    const log = logs[stream.below(logs.length)]!;
    yield new SteeredChoices(nearbyLog(log, stream), tolerance, starts);
  }
}

/** Which processes a run asks about, found by runs in which the answer is yes to one question. They are not executed. */
function askedStarts(scenario: Scenario): AskedStarts {
  const named = { absent: [] as string[], optional: [] as string[] };
  for (const concern of ['absent', 'optional'] as const) {
    for (let number = 0; ; number++) {
      const schedule = { ...emptySchedule(), [concern]: [...Array<number>(number).fill(0), 1] };
      const { idle, leftOut } = new Run(scenario, new ReplayedChoices(schedule));
      const [name] = concern === 'absent' ? idle : leftOut;
      if (name === undefined) break;
      named[concern].push(name);
    }
  }
  return named;
}
