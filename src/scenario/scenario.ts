import { z } from 'zod';
import type { Program } from '../ports/index.ts';
import {
  FAULT_NAMES,
  type FaultName,
  type FaultPlan,
  type MachineOptions,
  OPERATION_NAMES,
} from '../sim/index.ts';
import { FileSystem } from '../sim/vfs/index.ts';
import { containersOf } from './containers.ts';
import { fnv1a } from './hash.ts';
import type { Invariant } from './invariant.ts';
import { describeIssues } from './option-issues.ts';

/** Who starts, and when. */
export interface Start {
  /** A program of the scenario. */
  program: string;
  argv?: readonly string[];
  /** How many of it. Default: 1. */
  count?: number;
  /** Whether a run may do without it: then some runs have it, and others do not. Default: false, every run has it. */
  optional?: boolean;
  /** Simulated, since the run began or, with `phase: 'settle'`, since the faults stopped. 0 unless said. */
  atMs?: number;
  /** `settle`: starts after the faults have stopped, as somebody who comes along later. */
  phase?: 'faults' | 'settle';
  uid?: number;
  /** Not of the system under test: no program of it may signal this process, and no fault strikes it. */
  foreign?: boolean;
  /** Starts again after each reboot, `atMs` after it. */
  atBoot?: boolean;
  /** How far its view of the wall clock is off. */
  wallOffsetMs?: number;
  /**
   * Names a container: who is in another sees other processes, though the same files. It has a host name and a network of its
   * own, see `hostname` and `network`. The machine's own unless said.
   */
  pidNamespace?: string;
  /** The host name that it sees. Of a container: the name of the container unless said; else the machine's. Children inherit it. */
  hostname?: string;
  /**
   * Names the network on whose TCP ports it listens and connects: two of one name share their ports. `host` is the machine's
   * own. Of a container: the container's own unless said. Children inherit it. Unix sockets are files and belong to no network.
   */
  network?: string;
  /**
   * Its PID, in a container of its own naming: in two of them the same PID may be borne. 1: the container's first process,
   * which adopts its orphans, is signalled only with what it handles, and ends the whole container when it ends.
   */
  pid?: number;
  /** Adopts orphans among its descendants, instead of PID 1, and reaps them: as `systemd --user` and `tini -s` do. */
  subreaper?: boolean;
  /**
   * Its parent: the oldest process of this program, which an earlier start names, that still lives when it starts.
   * If there is none it does not start. Unless said, PID 1.
   */
  parent?: string;
}

/** What a scenario is made of: programs, who starts when, the machine, the faults, what must hold. */
export interface ScenarioOptions {
  /** `system/variant/name`. */
  id: string;
  /** One line for the list. */
  about?: string;
  /** `violation`: a known bug; the check fails if it does not find it. */
  expects?: 'pass' | 'violation';
  /** Which invariant the known bug violates. Unless said, any of the scenario's. */
  violates?: string | undefined;
  /** Of a known bug: what would mend it. One sentence, for the list of findings. */
  remedy?: string;
  programs: Readonly<Record<string, Program>>;
  start: readonly Start[];
  /** Which faults may strike, and how often at most in one run. None unless named. */
  faults?: FaultPlan;
  machine?: MachineOptions;
  invariants: readonly Invariant[];
  /** Simulated: how long faults may strike. */
  faultsForMs?: number;
  /** Simulated: how long the dust may take to settle before `eventually` must be true. */
  settleMs?: number;
  /** A run that is not over after so many steps is a violation. */
  maxSteps?: number;
  /** Whether a program may end by an uncaught exception. */
  crashes?: 'forbidden' | 'allowed';
  /** Whether a program may reach the real machine's clocks, chance, files and the like behind the back of its ports. */
  ambient?: 'forbidden' | 'allowed';
}

/** A scenario with all that was left open filled in, as {@link scenario} makes it. */
export interface Scenario extends Required<Omit<ScenarioOptions, 'programs' | 'violates'>> {
  readonly violates?: string | undefined;
  readonly programs: ReadonlyMap<string, Program>;
  /** Names the definition: what a schedule means depends on it. Eight hexadecimal digits. */
  readonly hash: string;
}

/** Changes whenever the same schedule would mean another run. Part of every scenario's hash. */
const SIMULATION_VERSION = 4;

const DEFAULTS = {
  about: '',
  remedy: '',
  expects: 'pass',
  faults: {},
  machine: {},
  faultsForMs: 3_000,
  settleMs: 10_000,
  maxSteps: 50_000,
  crashes: 'forbidden',
  ambient: 'forbidden',
} as const;

/** No scenario may allow more: a token of a run must stay small enough to be read again. */
export const MAX_STEPS = 1_000_000;

/** With the bounds that it has been cut down to, see `bounded`. */
const ID = /^[a-z0-9_-]+(\/[a-z0-9_-]+){2}(\+[a-z-]+=\d+)*$/;

const whole = z.number().int().min(0);
const absolute = z.string().startsWith('/', 'expected an absolute path');
/** What the lengths of a fault may be: a clock jumps both ways, and an error that lasts no time strikes once. */
const LEAST_MS: Partial<Record<FaultName, number>> = {
  'clock-jump': Number.NEGATIVE_INFINITY,
  eio: 0,
  enospc: 0,
  emfile: 0,
  eacces: 0,
};

function planOf(name: FaultName) {
  const least = LEAST_MS[name];
  const fits = (value: unknown): boolean => {
    if (typeof value !== 'number' || Number.isNaN(value)) return false;
    return least === undefined ? value > 0 : value >= least;
  };
  const lengths = least === undefined ? 'more than 0, or Infinity' : least === 0 ? '0 or more' : 'numbers';
  const milliseconds = z.custom<number>(fits, `expected milliseconds (${lengths})`);
  const tcpPort = z.number().int().min(1).max(65_535);
  const grabs = name === 'port-grab';
  const settings = z.strictObject({
    max: whole.optional(),
    forMs: z.array(milliseconds).min(1).optional(),
    under: absolute.optional(),
    tcpPort: grabs ? tcpPort : tcpPort.optional(),
  });
  const accepted = grabs
    ? '{ max, tcpPort }: which TCP port (1 to 65535) has no default'
    : `how often at most in a run (a whole number), or { max, forMs (milliseconds: ${lengths}), under (an absolute path) }`;
  return { settings, plan: z.union([grabs ? z.literal(0) : whole, settings], `expected ${accepted}`) };
}

const faults = z.strictObject(
  Object.fromEntries(FAULT_NAMES.map((name) => [name, planOf(name).plan.optional()])),
);
const TWO_PHASE = OPERATION_NAMES.filter((name) => name !== 'mark' && name !== 'exit');
const machine = z.strictObject({
  files: z
    .record(absolute, z.string().nullable(), 'expected an object of paths and texts (null: a directory)')
    .optional(),
  wallMs: z.number().optional(),
  uptimeMs: z.number().min(0).optional(),
  operationUs: z.number().min(0).optional(),
  busyMs: z.number().min(0).optional(),
  wallDrift: z.number().optional(),
  durable: z.boolean().optional(),
  timeGranularityMs: z.number().min(1).optional(),
  capacityBytes: whole.optional(),
  readdirBatch: z.number().min(1).or(z.literal(Number.POSITIVE_INFINITY)).optional(),
  inodes: z.enum(['reused', 'unique', 'by-creator']).optional(),
  firstPid: z.number().int().min(2).optional(),
  // Linux hands out no PID below 300 after the first round: there must be some left.
  pidMax: z.number().int().min(400).max(4_194_304).optional(),
  hostname: z.string().min(1).optional(),
  lingerMs: z.number().min(0).optional(),
  twoPhase: z.array(z.enum(TWO_PHASE)).readonly().optional(),
});
const question = z.custom<() => unknown>((value) => typeof value === 'function', 'expected a function');
const invariant = z.strictObject({
  kind: z.enum(['always', 'eventually', 'sometimes']),
  name: z.string().min(1, 'expected a text that is not empty'),
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
/** By kind, what an invariant must have besides its name. */
const PARTS = { always: ['check', 'when'], eventually: ['check'], sometimes: ['happened'] } as const;

const shape = z.strictObject({
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
  faultsForMs: z.number().min(0),
  settleMs: z.number().min(0),
  maxSteps: whole.max(MAX_STEPS),
  crashes: z.enum(['forbidden', 'allowed']),
  ambient: z.enum(['forbidden', 'allowed']),
});

/** A scenario is described wrongly: says where, what was got, and what is accepted. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}

/**
 * Describes a scenario.
 *
 * @throws ScenarioError
 */
export function scenario(options: ScenarioOptions): Scenario {
  const whole = { ...DEFAULTS, ...options };
  const checked = shape.safeParse(whole);
  if (!checked.success) {
    const issues = describeIssues(checked.error.issues, whole, acceptedAt);
    const name = options?.id === undefined ? 'scenario' : `scenario ${JSON.stringify(options.id)}`;
    throw new ScenarioError(`${name}: ${issues}`);
  }
  for (const { program } of whole.start) {
    if (Object.hasOwn(whole.programs, program)) continue;
    const known = Object.keys(whole.programs).join(', ');
    throw new ScenarioError(
      `scenario ${whole.id}: start names the program ${JSON.stringify(program)}; its programs are ${known}`,
    );
  }
  checkProcesses(whole);
  checkInvariants(whole);
  checkFiles(whole);
  return Object.freeze({
    ...whole,
    programs: new Map(Object.entries(whole.programs)),
    hash: hashOf(whole),
  });
}

/** PIDs and parents that a script cannot mean. */
function checkProcesses({ id, start }: Pick<ScenarioOptions, 'id' | 'start'>): void {
  const named = new Set<string>();
  const pids = new Set<string>();
  const containers = containersOf(start);
  for (const { program, pidNamespace, hostname, network, pid, count = 1, parent } of start) {
    const wrong = (what: string): ScenarioError =>
      new ScenarioError(`scenario ${id}: start of ${JSON.stringify(program)}: ${what}`);
    if (parent !== undefined && !named.has(parent)) {
      throw wrong(`its parent is ${JSON.stringify(parent)}: expected a program that an earlier start names`);
    }
    named.add(program);
    const container = containers.get(pidNamespace ?? '');
    if (container !== undefined) {
      const other = (what: string, got: string, first: string): ScenarioError =>
        wrong(
          `its ${what} is ${JSON.stringify(got)}: another start of ${pidNamespace} says ${JSON.stringify(first)}; expected the same in all of them`,
        );
      if (hostname !== undefined && hostname !== container.hostname)
        throw other('hostname', hostname, container.hostname);
      if (network !== undefined && network !== container.network)
        throw other('network', network, container.network);
    }
    if (pid === undefined) continue;
    if (pidNamespace === undefined) throw wrong(`pid ${pid} needs a pidNamespace in which it is borne`);
    const whose = `${pidNamespace} ${pid}`;
    if (count > 1 || pids.has(whose))
      throw wrong(
        `pid ${pid} of ${pidNamespace} would be that of several processes: expected count 1, and another pid for each start`,
      );
    pids.add(whose);
  }
}

function checkInvariants({ id, invariants }: Pick<ScenarioOptions, 'id' | 'invariants'>): void {
  const names = new Set<string>();
  for (const each of invariants) {
    const { kind, name } = each;
    for (const part of PARTS[kind]) {
      if ((each as unknown as Record<string, unknown>)[part] !== undefined) continue;
      throw new ScenarioError(
        `scenario ${id}: the invariant ${JSON.stringify(name)} has no ${part}: make it with ${kind}(…)`,
      );
    }
    if (names.has(name)) {
      throw new ScenarioError(`scenario ${id}: two invariants have the name ${JSON.stringify(name)}`);
    }
    names.add(name);
  }
}

function checkFiles({ id, machine }: Required<Pick<ScenarioOptions, 'id' | 'machine'>>): void {
  try {
    new FileSystem({ wallMs: () => 0 }).load(machine.files ?? {});
  } catch (error) {
    throw new ScenarioError(`scenario ${id}: machine.files: ${(error as Error).message}`);
  }
}

/** In the order of the interface: who writes the same in another order means the same. */
function inOrder<T extends object>(fields: readonly string[], value: T): T {
  const known = fields.filter((field) => Object.hasOwn(value, field));
  return Object.fromEntries(known.map((field) => [field, value[field as keyof T]])) as T;
}

const START_FIELDS = Object.keys(shape.shape.start.element.shape);
/** Those that a scenario's author writes. */
const INVARIANT_FIELDS = ['when', 'requires'];
const REQUIRES_FIELDS = ['what', 'met', 'optional'];
const MACHINE_FIELDS = Object.keys(machine.shape);
const SETTINGS_FIELDS = Object.keys(planOf('kill').settings.shape);

function acceptedAt([field, fault, part]: readonly PropertyKey[]): readonly string[] | null {
  if (field === undefined) return Object.keys(shape.shape);
  if (field === 'machine') return MACHINE_FIELDS;
  if (field === 'start') return START_FIELDS;
  if (field === 'invariants') return part === undefined ? INVARIANT_FIELDS : REQUIRES_FIELDS;
  if (field !== 'faults') return null;
  return fault === undefined ? FAULT_NAMES : SETTINGS_FIELDS;
}

function faultsInOrder(faults: FaultPlan): FaultPlan {
  const plan: Partial<Record<FaultName, unknown>> = {};
  for (const [name, settings] of Object.entries(inOrder(FAULT_NAMES, faults))) {
    plan[name as FaultName] = typeof settings === 'object' ? inOrder(SETTINGS_FIELDS, settings) : settings;
  }
  return plan as FaultPlan;
}

/** Of all that is plain data. Programs are left out: a recorded token must still run once a bug in them is mended. */
function hashOf(options: Required<Omit<ScenarioOptions, 'violates'>>): string {
  const { id, start, faults, machine, faultsForMs, settleMs, maxSteps, crashes, ambient, programs } = options;
  const names = Object.keys(programs).sort();
  return fnv1a(
    JSON.stringify([
      SIMULATION_VERSION,
      id,
      names,
      start.map((who) => inOrder(START_FIELDS, who)),
      faultsInOrder(faults),
      inOrder(MACHINE_FIELDS, machine),
      faultsForMs,
      settleMs,
      maxSteps,
      crashes,
      // Only where it is said, so that older tokens stay good.
      ...(ambient === 'allowed' ? [ambient] : []),
    ]),
  );
}
