import type { Program } from '../../src/ports/index.ts';
import { executeOne } from '../../src/run/execute.ts';
import type { TraceEvent } from '../../src/run/index.ts';
import { type Failure, ReplayedChoices, Run, type Schedule } from '../../src/run/index.ts';
import { emptySchedule } from '../../src/run/recorded-choices.ts';
import type { Scenario, ScenarioOptions } from '../../src/scenario/index.ts';
import { scenario } from '../../src/scenario/index.ts';

/** A scenario that starts each of the programs once, unless said otherwise. */
export function scenarioOf(
  programs: Readonly<Record<string, Program>>,
  options: Partial<ScenarioOptions> = {},
): Scenario {
  return scenario({
    id: 'test/test/test',
    programs,
    start: Object.keys(programs).map((program) => ({ program })),
    invariants: [],
    faultsForMs: 200,
    settleMs: 200,
    ...options,
  });
}

export interface Ran {
  readonly run: Run;
  readonly failure: Failure | null;
  readonly events: readonly TraceEvent[];
}

/** The same without a trace, for what makes many runs. */
export async function runUntraced(of: Scenario, hangTimeoutMs?: number): Promise<Omit<Ran, 'events'>> {
  const run = new Run(of, new ReplayedChoices(emptySchedule()));
  return { run, failure: await executeOne(run, hangTimeoutMs) };
}

/** One traced run, dull unless a schedule is given. */
export async function runOnce(
  of: Scenario,
  schedule: Partial<Schedule> = {},
  hangTimeoutMs?: number,
): Promise<Ran> {
  const events: TraceEvent[] = [];
  const run = new Run(of, new ReplayedChoices({ ...emptySchedule(), ...schedule }), { trace: events });
  const failure = await executeOne(run, hangTimeoutMs);
  return { run, failure, events };
}
