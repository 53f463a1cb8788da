/** The JSON document of each command, as the package publishes it in `schemas/`. */
import { z } from 'zod';
import { checkDocument, exploreDocument } from './check.ts';
import { daemonDocument } from './daemon.ts';
import { counted, critical, event, violation } from './parts.ts';

const replay = z.object({
  token: z.string(),
  scenario: z.string(),
  verdict: z.enum(['passed', 'violated', 'inconclusive', 'nondeterministic']),
  invariant: z.string().nullable(),
  message: z.string().nullable(),
  at: z.string().optional().describe('Where in the program, as file:line:column.'),
  traceHash: z
    .string()
    .describe('The same for the same run, with every version of Node and on every system.'),
  critical: critical
    .nullable()
    .describe('The two events whose order decides, with a token of the run in which they are swapped.'),
  notes: z.array(z.string()),
  events: z.array(event),
  real: z
    .lazy(() => realReplay)
    .optional()
    .describe('With --real: the same on real processes.'),
});

const realReplay = z.object({
  verdict: z
    .enum(['violated', 'passed', 'differs', 'refused', 'inconclusive'])
    .describe('violated, passed: every step came out as in the simulation.'),
  agrees: z.boolean().nullable().describe('Whether real processes did the same; null if that is not known.'),
  firstDifference: z
    .object({
      step: counted,
      process: z.string().nullable(),
      what: z.string(),
      simulated: z.unknown(),
      real: z.unknown(),
    })
    .nullable(),
  reason: z.string().nullable().describe('Why it was refused or is inconclusive.'),
  answersOnly: z.array(z.string()).describe('Faults that existed only in the answers to programs.'),
  asked: z
    .boolean()
    .nullable()
    .describe('Whether the invariant says the same of the real files, listeners and process states.'),
  processes: counted,
  comparisons: counted,
  allowances: z.record(z.string(), counted).describe('What was done in another way, and how often.'),
  lacks: z.string().nullable().describe('What of this machine the processes shared.'),
  seconds: z.number().min(0),
  events: z.array(event).describe('What was really done: real milliseconds, and results with real PIDs.'),
});

const racer = z.object({
  name: z.string(),
  pid: counted,
  code: z.number().int().nullable(),
  signal: z.string().nullable(),
  said: z.string().optional().describe('Its output.'),
});
const race = z.object({
  ok: z.boolean(),
  interrupted: z.boolean(),
  starts: counted,
  tcpPort: counted,
  settledMs: z.number().min(0).nullable().describe('Real milliseconds; null if not in time.'),
  survivors: z.array(racer.pick({ name: true, pid: true })),
  left: z.array(racer),
  stopped: z.array(racer.nullable()),
  invariants: z.array(
    z.object({
      name: z.string(),
      holds: z.boolean(),
      exercised: z.boolean(),
      complaint: z.string().nullable(),
    }),
  ),
  lines: counted.describe('How many lines of traces were judged.'),
  leftOver: z.array(counted).describe('The PIDs of processes that had to be killed.'),
});

const racePhases = z.object({
  ok: z.boolean(),
  interrupted: z.boolean(),
  mutant: z.string().nullable().describe('The mutant whose protocol was raced.'),
  phases: z.array(z.object({ name: z.string(), survivors: z.array(z.string()) })),
  invariants: race.shape.invariants,
  lines: race.shape.lines,
});

const many = counted.nullable().describe('Null if the row does not measure it.');
const raceSystem = z.object({
  ok: z.boolean(),
  interrupted: z.boolean(),
  system: z.string(),
  platform: z.string(),
  cpus: counted,
  trials: counted.describe('How many were wanted of each row and variant.'),
  rows: z.array(
    z.object({
      row: z.string(),
      about: z.string(),
      variant: z.enum(['before', 'after', 'ours']),
      starts: counted
        .nullable()
        .describe('How many processes started at once; null if the row has no such number.'),
      document: z.string().nullable().describe('What the document of the system says.'),
      agrees: z
        .boolean()
        .nullable()
        .describe('Whether each trial gave what the document says; null if that cannot be compared.'),
      expects: z
        .enum(['fault', 'none', 'any'])
        .describe('fault: in at least one trial; none: in no trial; any: it depends on chance.'),
      asExpected: z.boolean().nullable().describe('Null without a trial.'),
      trials: z.array(
        z.object({
          value: z.string().describe('What was measured, in words.'),
          fault: z.string().nullable().describe('The bug that was seen.'),
          failed: z.boolean().describe('The trial could not be measured.'),
          survivors: many,
          refused: many,
          orphans: many,
          exitCodes: z
            .record(z.string(), counted)
            .describe('How many processes ended so: by code, or killed.'),
          numbers: z
            .record(z.string(), z.number())
            .describe('More numbers, with their units in their names.'),
          seconds: z.number().min(0),
        }),
      ),
    }),
  ),
  notes: z.array(z.string()).describe('What is not measured, and where a real machine differs.'),
});

const guard = z.string().describe('The name of the mutant.');
const mutants = z.array(
  z.union([
    z.object({
      guard,
      about: z.string(),
      killed: z.boolean(),
      by: z
        .object({ scenario: z.string(), invariant: z.string(), message: z.string(), token: z.string() })
        .nullable(),
      runs: counted,
    }),
    z
      .object({
        guard,
        about: z.string(),
        file: z.string(),
        killed: z.boolean(),
        by: z.object({ test: z.string(), message: z.string() }).nullable(),
        survives: z.object({ test: z.string(), why: z.string() }).nullable(),
        seconds: z.number().min(0),
      })
      .describe('With --of checker.'),
  ]),
);

const lengths = z.array(z.union([z.number(), z.enum(['Infinity', '-Infinity'])]));
const unusable = z
  .array(
    z.object({ id: z.string().describe('The path of a file, or the id of a scenario.'), reason: z.string() }),
  )
  .describe('What was selected but cannot be loaded.');
const list = z.object({
  scenarios: z.array(
    z.object({
      id: z.string(),
      file: z
        .string()
        .nullable()
        .describe('The file that exports it, relative to the working directory; null if built in.'),
      about: z.string(),
      expects: z.enum(['pass', 'violation']),
      invariants: z.array(
        z.object({ kind: z.enum(['always', 'eventually', 'sometimes']), name: z.string() }),
      ),
      faults: z.array(z.string()),
    }),
  ),
  faults: z.array(
    z.object({
      name: z.string(),
      about: z.string(),
      defaults: z.object({
        max: counted,
        forMs: lengths.optional().describe('Simulated milliseconds.'),
        under: z.string().optional(),
        tcpPort: counted.optional(),
      }),
    }),
  ),
  strategies: z.array(z.object({ name: z.string(), about: z.string() })),
  unusable,
});

const listByInvariant = z.object({
  groups: z.array(
    z.object({
      title: z.string(),
      invariants: z.array(
        z.object({
          name: z.string(),
          kind: z.enum(['always', 'eventually', 'sometimes']),
          scenarios: z.array(z.string()).describe('All that check it.'),
          violatedIn: z.array(z.string()).describe('Those that expect its violation.'),
        }),
      ),
    }),
  ),
  unusable,
});

const init = z.object({
  dryRun: z.boolean(),
  language: z.enum(['mjs', 'ts', 'mts']).describe('How the names of the files end.'),
  files: z.array(
    z.object({
      path: z.string(),
      about: z.string(),
      written: z.boolean().describe('Whether it is new.'),
      changed: z.boolean().optional().describe('Whether something was added to an existing file.'),
      instead: z.string().optional().describe('An existing file that serves the same purpose.'),
    }),
  ),
  missing: z.array(z.string()).describe('Packages to install.'),
  notes: z.array(z.string()).describe('What does not work in CI as it is, and what to do.'),
});

const tokens = z.object({
  version: z.string().describe('The version of one-survivor.'),
  command: z.enum(['update', 'prune']),
  dryRun: z.boolean(),
  ok: z.boolean().describe('Whether the exit code is 0.'),
  interrupted: z.boolean(),
  tokens: z.array(
    z.object({
      file: z.string(),
      scenario: z.string().nullable().describe('null, as the next two, if the file cannot be read.'),
      invariant: z.string().nullable(),
      token: z.string().nullable(),
      status: z.enum([
        ...(['kept', 'updated', 'outdated', 'removed'] as const),
        ...(['not found', 'undecided', 'not loaded', 'unreadable'] as const),
      ]),
      by: z.enum(['token', 'log', 'search']).nullable().describe('What led to the violation.'),
      newToken: z
        .string()
        .nullable()
        .describe('The token that shows the violation now, if it is another one.'),
      newFile: z.string().nullable(),
      otherToken: z
        .string()
        .nullable()
        .describe('Another violation of the same invariant that was found instead.'),
      otherFile: z.string().nullable().describe('Where it was recorded in addition.'),
      cost: violation
        .pick({ faults: true, contenders: true, switches: true, steps: true })
        .nullable()
        .describe('The size of the run that shows the violation.'),
      reason: z.string().nullable(),
    }),
  ),
});

/** By the name of the command. */
export const DOCUMENT_SHAPES = {
  check: checkDocument,
  explore: exploreDocument,
  init,
  list: z.union([list, listByInvariant]),
  'merge-reports': checkDocument,
  mutants,
  race: z.union([race, racePhases, raceSystem]),
  replay,
  simulate: daemonDocument,
  storm: daemonDocument,
  tokens,
} as const satisfies Record<string, z.ZodType>;
