/** The JSON of `check`, `merge-reports` and `explore`. */
import { z } from 'zod';
import { beginning, counted, exercise, recorded, runBounds, shard, thrown, violation } from './parts.ts';

const checkedScenario = z.object({
  id: z.string(),
  from: z.string().nullable().describe('The file that replay needs with --from; null if it needs none.'),
  expects: z.enum(['pass', 'violation']),
  verdict: z.enum(['passed', 'violated', 'inconclusive', 'nondeterministic']),
  ok: z.boolean().describe('Whether the verdict is what the scenario expects.'),
  reason: z.string().nullable().describe('Why the verdict is inconclusive or nondeterministic.'),
  runs: counted,
  steps: counted,
  seconds: z.number().min(0).describe('Real time.'),
  firstViolationAtRun: z.number().int().min(1).nullable().describe('Counted from 1.'),
  foundBy: z.string().nullable().optional().describe('The strategy that found the violation.'),
  strategies: z.record(z.string(), counted).optional().describe('How many runs each strategy has made.'),
  abstractStates: counted.optional(),
  violations: z
    .array(violation.extend({ traceHash: z.string().nullable() }))
    .describe('Each is minimised, with the token that replays it.'),
  sometimes: z.record(z.string(), counted).describe('How many runs reached each.'),
  exercised: z.array(exercise).describe('How many runs met the requirement of each invariant.'),
  started: z.array(beginning).describe('How many processes each entry of start has started.'),
  struck: z.record(z.string(), counted).describe('How often each fault struck.'),
  omitted: z.array(z.string()).describe('Parts of the scenario that were in no run.'),
  assumed: z.array(z.string()).describe('Assumptions that could hide a violation.'),
  bounds: runBounds.nullable().describe('The bounds of the runs; null if nothing could be run.'),
  error: thrown.optional().describe('The exception that ended the check of this scenario.'),
  unstable: z.string().optional().describe('A token of a schedule that gave two different runs.'),
  skipped: z
    .array(z.string())
    .optional()
    .describe('Recorded tokens that were not replayed as they were recorded, and why.'),
  changed: z.array(z.string()).optional().describe('Recorded tokens of a known bug that no longer show it.'),
  notes: z.array(z.string()).optional(),
});

export const checkDocument = z.object({
  version: z.string().describe('The version of one-survivor.'),
  node: z.string(),
  seed: counted,
  strategy: z.string(),
  shard: shard.nullable(),
  ok: z.boolean().describe('Whether the exit code is 0.'),
  interrupted: z.boolean(),
  left: z.array(z.string()).describe('Scenarios that were not run.'),
  recorded: recorded.optional(),
  scenarios: z.array(checkedScenario),
});

const faults = z.record(z.string(), counted).describe('The maximum of each fault in a run.');
const extent = { contenders: counted, faults };
const level = z.object({
  ...extent,
  faultsInAll: counted,
  preemptions: counted.nullable().describe('null for any number.'),
  busyMs: z.number().min(0),
  complete: z.boolean(),
  states: counted,
  edges: counted,
  executions: counted,
  seconds: z.number().min(0),
});
const explored = {
  complete: z.boolean().describe('Whether every schedule within the bounds was tried.'),
  executions: counted,
  states: counted,
  edges: counted,
  stateBytes: counted,
  histories: counted,
  bounds: runBounds.extend({
    contenders: counted,
    faultsInAll: counted.nullable().describe('null if only limited by the maximum of each fault.'),
    preemptions: counted.nullable().describe('null for any number.'),
    ...{ crashes: counted, stops: counted, losses: counted },
  }),
  has: z.object(extent).describe('What the scenario has, for comparison with the bounds.'),
  levels: z.array(level),
  omitted: z.array(z.string()),
  assumed: z.array(z.string()),
};

export const exploreDocument = checkDocument.extend({
  ...explored,
  seed: z.null(),
  scenarios: z.array(checkedScenario.extend(explored)),
});
