/** The schema of the options of a scenario, and the names that are accepted at each place. */
import { z } from 'zod';
import { endpointOf } from '../judge/index.ts';
import type { Program } from '../ports/index.ts';
import { FAULT_NAMES, type FaultName } from '../sim/index.ts';
import { LEAST_MS, TWO_PHASE } from './accepted-values.ts';
import type { Owner } from './observed/owner-spec.ts';

/** The limit of `maxSteps`, so that the token of a run stays small enough to be decoded. */
export const MAX_STEPS = 1_000_000;

/** An ID, optionally with bounds, see `bounded`. */
const ID = /^[a-z0-9_-]+(\/[a-z0-9_-]+){2}(\+[a-z-]+=\d+)*$/;

const whole = z.number().int().min(0);
const absolute = z.string().startsWith('/', 'expected an absolute path');
function planOf(name: FaultName) {
  const least = LEAST_MS[name];
  const fits = (value: unknown): boolean => {
    if (typeof value !== 'number' || Number.isNaN(value)) return false;
    return least === undefined ? value > 0 : value >= least;
  };
  const milliseconds = z.custom<number>(fits);
  const tcpPort = z.number().int().min(1).max(65_535);
  const grabs = name === 'port-grab';
  const settings = z.strictObject({
    max: whole.optional(),
    forMs: z.array(milliseconds).min(1).optional(),
    under: absolute.optional(),
    tcpPort: grabs ? tcpPort : tcpPort.optional(),
  });
  return { settings, plan: z.union([grabs ? z.literal(0) : whole, settings]) };
}

const faults = z.strictObject(
  Object.fromEntries(FAULT_NAMES.map((name) => [name, planOf(name).plan.optional()])),
);
const machine = z.strictObject({
  files: z
    .record(absolute, z.string().nullable(), 'expected an object of paths and texts (null for a directory)')
    .optional(),
  wallMs: z.number().optional(),
  uptimeMs: z.number().min(0).optional(),
  operationUs: z.number().min(0).optional(),
  busyMs: z.number().min(0).optional(),
  wallDrift: z.number().optional(),
  durable: z.boolean().optional(),
  timeGranularityMs: z.number().min(1).optional(),
  capacityBytes: whole.optional(),
  filesystemType: whole.optional(),
  readdirBatch: z.number().min(1).or(z.literal(Number.POSITIVE_INFINITY)).optional(),
  inodes: z.enum(['reused', 'unique', 'by-creator']).optional(),
  firstPid: z.number().int().min(2).optional(),
  maxProcesses: z.number().int().min(1).optional(),
  // After wrapping around, Linux assigns no PIDs below 300, so the maximum must leave some above that.
  pidMax: z.number().int().min(400).max(4_194_304).optional(),
  hostname: z.string().min(1).optional(),
  lingerMs: z.number().min(0).optional(),
  hidepid: z.boolean().optional(),
  twoPhase: z.array(z.enum(TWO_PHASE)).readonly().optional(),
});
const question = z.custom<() => unknown>((value) => typeof value === 'function', 'expected a function');
const invariant = z.strictObject({
  kind: z.enum(['always', 'eventually', 'sometimes']),
  name: z.string().min(1, 'expected a non-empty string'),
  check: question.optional(),
  when: z.enum(['step', 'change']).optional(),
  requires: z
    .strictObject(
      { what: z.string(), met: question, optional: z.boolean().optional() },
      'expected the name of a mark, or { what, met }',
    )
    .nullish(),
  happened: question.optional(),
});
const endpoint = z.union([
  z.strictObject({ tcpPort: z.number().int().min(1).max(65_535) }),
  z.strictObject({ path: z.string().min(1) }),
]);
const owner: z.ZodType<Owner> = z.lazy(() =>
  z.union([
    z.strictObject({ listensOn: endpoint }),
    z.strictObject({ answers: z.string().refine((url) => endpointOf(url) !== null) }),
    z.strictObject({ isNamedIn: absolute }),
    z.strictObject({ matches: z.custom<() => []>((value) => typeof value === 'function') }),
    z.strictObject({ all: z.array(owner).min(1) }),
  ]),
);
/** The required fields of each kind of invariant besides its name. */
export const PARTS = { always: ['check', 'when'], eventually: ['check'], sometimes: ['happened'] } as const;

export const shape = z.strictObject({
  id: z.string().regex(ID, 'expected system/variant/name in lower case letters, digits, - and _'),
  about: z.string(),
  expects: z.enum(['pass', 'violation']),
  violates: z.string().optional(),
  remedy: z.string(),
  programs: z.record(
    z.string(),
    z.custom<Program>((value) => typeof value === 'function', 'expected a function'),
    'expected an object of programs, each a function',
  ),
  start: z
    .array(
      z.strictObject({
        program: z.string(),
        argv: z.array(z.string()).readonly().optional(),
        count: z.number().int().min(1).max(64).optional(),
        optional: z.boolean().optional(),
        atMs: z.number().min(0).optional(),
        phase: z.enum(['faults', 'settle']).optional(),
        uid: whole.optional(),
        foreign: z.boolean().optional(),
        atBoot: z.boolean().optional(),
        wallOffsetMs: z.number().optional(),
        pidNamespace: z.string().min(1).optional(),
        hostname: z.string().min(1).optional(),
        network: z.string().min(1).optional(),
        pid: z.number().int().min(1).max(4_194_304).optional(),
        subreaper: z.boolean().optional(),
        parent: z.string().optional(),
      }),
    )
    .min(1),
  faults,
  machine,
  invariants: z.array(invariant).readonly(),
  owner: owner.optional(),
  faultsForMs: z.number().min(0),
  settleMs: z.number().min(0),
  maxSteps: whole.max(MAX_STEPS),
  crashes: z.enum(['forbidden', 'allowed']),
  ambient: z.enum(['forbidden', 'allowed']),
});

export const START_FIELDS = Object.keys(shape.shape.start.element.shape);
/** The options of an invariant that an author sets. */
const INVARIANT_FIELDS = ['when', 'requires'];
const REQUIRES_FIELDS = ['what', 'met', 'optional'];
export const MACHINE_FIELDS = Object.keys(machine.shape);
export const SETTINGS_FIELDS = Object.keys(planOf('kill').settings.shape);

/** The names that are accepted at a place of the options; `null` if any name is. */
export function acceptedAt([field, fault, part]: readonly PropertyKey[]): readonly string[] | null {
  if (field === undefined) return Object.keys(shape.shape);
  if (field === 'machine') return MACHINE_FIELDS;
  if (field === 'start') return START_FIELDS;
  if (field === 'invariants') return part === undefined ? INVARIANT_FIELDS : REQUIRES_FIELDS;
  if (field !== 'faults') return null;
  return fault === undefined ? FAULT_NAMES : SETTINGS_FIELDS;
}
