/** The JSON of `simulate` and `storm`. */
import { z } from 'zod';
import { counted } from './parts.ts';

const range = z.object({ min: counted, max: counted });
const storm = z.object({
  isolation: z.string().describe('What each round has of its own.'),
  notIsolated: z.array(z.string()).describe('What it does not have, and why.'),
  plan: z
    .array(z.array(z.string()))
    .describe(
      'What was to happen, for each round in its parts. The same seed gives the same plan, not the same moments.',
    ),
  rounds: z.array(
    z.object({
      round: counted,
      survivors: range.nullable(),
      faults: z.record(z.string(), counted),
      violated: z.array(z.string()),
      recoveredMs: z
        .number()
        .nullable()
        .describe('How long it took at most until there was an owner again after a fault.'),
      seconds: z.number().min(0),
    }),
  ),
  worst: z.object({ round: counted, timeline: z.array(z.string()) }).nullable(),
});

export const daemonDocument = z.object({
  by: z.enum(['simulate', 'storm']),
  version: z.string().describe('The version of one-survivor.'),
  node: z.string(),
  seed: counted,
  command: z.array(z.string()),
  ok: z.boolean().describe('Whether the exit code is 0.'),
  verdict: z.enum(['passed', 'violated', 'inconclusive', 'nondeterministic', 'refused']),
  reason: z.string().nullable().describe('Why it is neither passed nor violated.'),
  interrupted: z.boolean(),
  rounds: counted.describe('A round of simulate is a run.'),
  starts: counted.describe('How many are started at once.'),
  survivors: range
    .nullable()
    .describe('How many processes were left at the end of a round; null if no round came to its end.'),
  expect: counted.describe('How many were to be left.'),
  owner: z
    .object({ known: z.string(), from: z.string() })
    .nullable()
    .describe('How an owner is known, and how that was found out.'),
  violations: z.array(
    z.object({
      invariant: z.string(),
      round: counted.describe('Counted from 1.'),
      detail: z.string(),
      token: z.string().optional(),
    }),
  ),
  faults: z.record(z.string(), counted).describe('How often each fault struck.'),
  judged: z.array(
    z.object({ invariant: z.string(), requires: z.string(), rounds: counted, optional: z.boolean() }),
  ),
  notJudged: z.array(z.string()),
  assumed: z.array(z.string()).describe('Assumptions that could hide a violation.'),
  approximated: z
    .array(z.string())
    .describe('What the programs used that the simulation only approximates, and how.'),
  refused: z.array(z.string()).describe('What the programs asked for that the simulation does not have.'),
  notes: z.array(z.string()),
  seconds: z.number().min(0).describe('Real time.'),
  scenario: z.string().nullable(),
  written: z.string().nullable().describe('The file that --write has written.'),
  storm: storm.nullable().describe('What only a storm has; null for simulate.'),
});
