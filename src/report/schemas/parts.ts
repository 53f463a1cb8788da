/** The parts that several JSON documents have in common. */
import { z } from 'zod';

export const counted = z.number().int().min(0);
const criticalEvent = z.object({ step: counted, kind: z.enum(['step', 'fault']) });
export const critical = z.object({ first: criticalEvent, second: criticalEvent, passing: z.string() });
export const violation = z.object({
  invariant: z.string(),
  message: z.string(),
  at: z.string().optional(),
  token: z.string(),
  faults: counted,
  contenders: counted,
  switches: counted,
  steps: counted,
  starts: z.object({ of: counted, idle: z.array(z.string()), leftOut: z.array(z.string()) }),
  critical: critical.nullable(),
  cutShort: z.string().optional(),
});
export const event = z.object({
  step: counted.describe('The number of operations in the run so far, including this one.'),
  atMs: z.number().min(0).describe('Milliseconds since the run began, simulated.'),
  process: z.string().describe('For example daemon#2; nemesis for faults.'),
  op: z.string().describe('An operation, or start, end, fault, log.'),
  args: z.record(z.string(), z.unknown()),
  result: z.unknown().describe('{ error: code } if the operation failed.'),
  at: z.string().optional().describe('Where the program asked for it, as file:line:column.'),
  sent: z
    .object({ step: counted, atMs: z.number().min(0) })
    .optional()
    .describe('If it has waited for others, such as a request for its answer: when it was sent.'),
});
export const runBounds = z.object({
  faultsForMs: z.number(),
  endsAtMs: z.number(),
  maxSteps: counted,
  operationUs: z.number(),
  busyMs: z.number(),
  busyUntilMs: z.number(),
  faults: z.record(z.string(), counted),
  unawaitedSleepMs: z.number().optional(),
});
export const exercise = z.object({
  invariant: z.string(),
  requires: z.string(),
  optional: z.boolean(),
  runs: counted,
});
export const beginning = z.object({ start: z.string(), processes: counted, otherwise: z.string() });
export const thrown = z.object({
  name: z.string(),
  message: z.string(),
  file: z.string().nullable(),
  line: z.number().int().min(1).nullable(),
  stack: z.array(z.string()).optional(),
});
export const recorded = z.object({
  outdated: counted.describe('How many recorded tokens were not replayed as they were recorded.'),
  strict: z.boolean().describe('Whether that is a failure.'),
});
export const shard = z.object({ index: z.number().int().min(1), of: z.number().int().min(1) });
