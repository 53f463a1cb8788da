/** The JSON of `simulate` and `storm`. */
import { z } from 'zod';
import { counted } from './parts.ts';

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
  survivors: z
    .object({ min: counted, max: counted })
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
});
