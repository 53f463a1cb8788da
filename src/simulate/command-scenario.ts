/**
 * The scenario of a command: a daemon that is started several times, unmodified, is harassed by faults, and is started again. What
 * `one-survivor simulate` checks, and what it writes with `--write`.
 */
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeProgram } from '../guest/index.ts';
import { endpointOfOwner, judgementsOf, type KnownOwner } from '../judge/index.ts';
import type { Program } from '../ports/index.ts';
import { fnv1a } from '../scenario/hash.ts';
import {
  type Invariant,
  ifExercised,
  invariantOf,
  nothingForeignSignalled,
  type Scenario,
  type Start,
  scenario,
} from '../scenario/index.ts';
import { FAULT_NAMES, type FaultName, type FaultPlan } from '../sim/index.ts';
import { askedFor } from './asked.ts';
import { runsAsItIs } from './runs-as-it-is.ts';

/** A command, and what is done to it. */
export interface CommandOptions {
  /** The file that Node runs: its path or URL. */
  readonly file: string | URL;
  /** Its arguments. */
  readonly args?: readonly string[];
  /** Added to the environment of every simulated process. */
  readonly env?: Readonly<Record<string, string>>;
  /** The working directory, an absolute path. Default: the folder of the file. */
  readonly cwd?: string;
  /** How many are started at once. One more is started after a second, and two at once when the faults are over. Default: 3. */
  readonly starts?: number;
  /** Which faults may strike, each once in a run. Default: kill and stop. */
  readonly faults?: readonly FaultName[];
  /** How an owner is known. Default: not at all; then only the processes that are left are judged. */
  readonly owner?: KnownOwner | null;
  /** A file that names the owner. If the owner is known by where it listens, the two are compared. */
  readonly pidFile?: string | null;
  /** Where the faults of files strike: an absolute path. Default: `/`. */
  readonly stateDir?: string;
  /**
   * For how long the system settles after the faults, in simulated milliseconds. The last start is after half of it, so that a lock with a
   * lease has expired. Default: 30,000.
   */
  readonly settleMs?: number;
  /** For how long faults may strike, in simulated milliseconds. Default: 3,000. */
  readonly faultsForMs?: number;
  /** How many processes are to be left. Default: 1. */
  readonly expect?: number;
  /** Files that the machine has when it starts: path to content, or null for a folder. */
  readonly files?: Readonly<Record<string, string | null>>;
  /** The ID of the scenario. Default: made of the command and these options. */
  readonly id?: string;
}

export const DEFAULT_STARTS = 3;
export const DEFAULT_COMMAND_FAULTS: readonly FaultName[] = ['kill', 'stop'];
export const DEFAULT_SETTLE_MS = 30_000;
const DEFAULT_FAULTS_FOR_MS = 3_000;
const LATER_MS = 1_000;
/** Two at once, since what an ended owner left behind is mostly removed by the first start that finds it: that is a race of its own. */
const LAST_STARTS = 2;
/** Each comes to an end, so that a stopped owner goes on. */
const STOPS_MS = [50, 1_500, 20_000];
/** Faults of files: after them, a sound daemon may have no PID file. */
const OF_FILES: readonly FaultName[] = [
  'lose-state',
  'tear-state',
  'corrupt-state',
  'roll-back-state',
  'power-cut',
];
/** Folders that every machine has. */
const FOLDERS = ['/root', '/tmp', '/run', '/run/lock', '/var/run', '/var/lock', '/var/tmp', '/var/log'];

/**
 * Describes the scenario of a command. It checks, with the same verdict, what `one-survivor simulate` checks of that command.
 *
 * @throws TypeError if an option is invalid
 * @throws GuestError if there is no such file, or it cannot be run
 * @throws ScenarioError if a number among the options is invalid
 */
export function commandScenario(options: CommandOptions): Scenario {
  const { starts = DEFAULT_STARTS, settleMs = DEFAULT_SETTLE_MS } = options;
  const name = programNameOf(options.file);
  const start: Start[] = [
    { program: name, count: starts, optional: true },
    { program: name, atMs: LATER_MS, optional: true },
    {
      program: name,
      count: Math.min(starts, LAST_STARTS),
      phase: 'settle',
      atMs: settleMs / 2,
      optional: true,
    },
  ];
  const { owner = null } = options;
  const asked = owner !== null && 'answers' in owner ? askedFor(owner.answers, settleMs) : null;
  const invariants = invariantsOf(options);
  if (asked === null) return scenarioOf(options, start, invariants);
  return scenarioOf(options, [...start, ...asked.start], [...invariants, asked.invariant], asked.programs);
}

/** The command, started once and left alone. */
export function undisturbed(options: CommandOptions): Scenario {
  const start = [{ program: programNameOf(options.file) }];
  return scenarioOf({ ...options, faults: [], owner: null }, start, [runsAsItIs()]);
}

/** The command, started once, killed when it has come to rest, and started again. */
export function startedAgain(options: CommandOptions): Scenario {
  const { settleMs = DEFAULT_SETTLE_MS } = options;
  const program = programNameOf(options.file);
  const start: Start[] = [
    { program },
    { program: KILLER, foreign: true, atMs: LATER_MS },
    { program, phase: 'settle', atMs: settleMs / 2 },
  ];
  return scenarioOf({ ...options, faults: [], owner: null }, start, [runsAsItIs()], { [KILLER]: killsAll });
}

const KILLER = 'killer of all';

/** Ends all other processes by SIGKILL. */
const killsAll: Program = async ({ process: processes }) => {
  const self = await processes.self();
  for (const pid of await processes.list())
    if (pid !== self.pid && pid > 1) await processes.kill(pid, 'SIGKILL').catch(() => {});
};

function scenarioOf(
  options: CommandOptions,
  start: Start[],
  invariants: Invariant[],
  others: Readonly<Record<string, Program>> = {},
): Scenario {
  const { file, args = [], env = {}, settleMs = DEFAULT_SETTLE_MS, owner = null, files = {} } = options;
  const name = programNameOf(file);
  const folder = dirname(pathOf(file));
  const cwd = options.cwd ?? folder;
  const program: Program = nodeProgram(file, { args, cwd, env: { TMPDIR: '/tmp', ...env } });
  const made = scenario({
    id: options.id ?? idOf(options),
    about: ['node', basename(pathOf(file)), ...args].join(' '),
    programs: { [name]: program, ...others },
    start,
    faults: planOf(options),
    machine: { files: { ...Object.fromEntries(FOLDERS.map((path) => [path, null])), ...files } },
    invariants,
    ...(owner !== null && { owner }),
    faultsForMs: options.faultsForMs ?? DEFAULT_FAULTS_FOR_MS,
    settleMs,
    crashes: 'allowed',
  });
  // Not part of the hash: a token is valid wherever the project is.
  const machine = { files: { ...made.machine.files, [folder]: null, [cwd]: null } };
  return Object.freeze({ ...made, machine });
}

/** The name of the program in the simulation: that of the file. */
export function programNameOf(file: string | URL): string {
  const name = basename(pathOf(file)).replace(/\.[cm]?[jt]s$/, '');
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9_-]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'program'
  );
}

function pathOf(file: string | URL): string {
  return file instanceof URL || file.startsWith('file:') ? fileURLToPath(file) : file;
}

/** The same wherever the project is, if no option has a path of the project. */
function idOf(options: CommandOptions): string {
  const { file, cwd: _, id: __, ...facts } = options;
  return `simulate/${programNameOf(file)}/${fnv1a(JSON.stringify(facts))}`;
}

function planOf({ faults = DEFAULT_COMMAND_FAULTS, stateDir = '/', owner }: CommandOptions): FaultPlan {
  const endpoint = owner ? endpointOfOwner(owner) : null;
  const settingsOf = (name: FaultName) => {
    if (name === 'stop') return { max: 1, forMs: STOPS_MS };
    if (OF_FILES.includes(name) && name !== 'power-cut')
      return { max: name === 'roll-back-state' ? 2 : 1, under: stateDir };
    if (name === 'port-grab' && endpoint !== null && 'tcpPort' in endpoint)
      return { max: 1, tcpPort: endpoint.tcpPort };
    return 1;
  };
  const wanted = FAULT_NAMES.filter((name) => faults.includes(name));
  return Object.fromEntries(wanted.map((name) => [name, settingsOf(name)])) as FaultPlan;
}

function invariantsOf({
  faults = DEFAULT_COMMAND_FAULTS,
  owner = null,
  pidFile = null,
  settleMs = DEFAULT_SETTLE_MS,
  expect = 1,
}: CommandOptions): Invariant[] {
  const judged = judgementsOf({
    ...{ owner, pidFile, expect, settleMs, countHelpers: true, endsEarly: false },
    faults: { any: faults.length > 0, ofFiles: faults.some((name) => OF_FILES.includes(name)) },
  });
  return [
    runsAsItIs(),
    ...judged.map(({ judgement, optional }) => {
      const invariant = invariantOf(judgement);
      return optional ? ifExercised(invariant) : invariant;
    }),
    ifExercised(nothingForeignSignalled),
  ];
}
