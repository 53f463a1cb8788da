/** What a command does when it is started once and left alone: how its owner can be known, and which files it leaves. */
import { commonOwner, type Endpoint, type KnownOwner, pidIn } from '../judge/index.ts';
import { decodeText } from '../ports/index.ts';
import {
  emptySchedule,
  executeOne,
  isByRealTime,
  ReplayedChoices,
  Run,
  type TraceEvent,
} from '../run/index.ts';
import type { Scenario } from '../scenario/index.ts';
import { type CommandOptions, startedAgain, undisturbed } from './command-scenario.ts';

/** What was seen in a run with one start. */
export interface Baseline {
  /** How many processes are left in the end. */
  readonly survivors: number;
  /** How many processes there were in all. */
  readonly processes: number;
  /** Where the processes that are left listen, in the order in which they began to. Ports that the machine has chosen are left out. */
  readonly endpoints: readonly Endpoint[];
  /** The files that name a process that is left. */
  readonly pidFiles: readonly string[];
  /** All files and sockets that the run has created and that are left. */
  readonly files: readonly string[];
  /** What the processes printed, in order. */
  readonly printed: string;
  /** What is wrong: the simulation lacks something, or a process did not yield. `null` if nothing is. */
  readonly failure: { readonly invariant: string; readonly message: string } | null;
  /** The exit code of the process that was started; `null` if it runs, or a signal has ended it. */
  readonly exitCode: number | null;
}

/** For how long a process may go on in a second attempt, in milliseconds of real time: a large program is loaded in one step. */
const SECOND_HANG_MS = 40_000;

/** Linux chooses ports from here for those that ask for port 0. */
const FIRST_CHOSEN_PORT = 32_768;

/** Runs a command once, in the simulation, without faults. */
export function baselineOf(options: CommandOptions): Promise<Baseline> {
  return baselineIn(undisturbed(options));
}

/**
 * How the owner can be known: by a port, otherwise by a socket, otherwise by a file, that the processes have in common that are left of a
 * start, and of another start after the first one was killed. `null` if by nothing.
 *
 * @param first what was seen of the first start
 */
export async function ownerSeen(
  options: CommandOptions,
  first: Baseline,
): Promise<{ readonly owner: KnownOwner | null; readonly pidFile: string | null }> {
  const again = await baselineIn(startedAgain(options));
  // It does not start again, which is for the search to find.
  const second = again.survivors > 0 && again.failure === null ? again : first;
  return commonOwner(first, second);
}

async function baselineIn(scenario: Scenario): Promise<Baseline> {
  const first = await attemptIn(scenario);
  // The machine may have been busy.
  const again = first.failure !== null && isByRealTime(first.failure);
  return again ? attemptIn(scenario, SECOND_HANG_MS) : first;
}

async function attemptIn(scenario: Scenario, hangTimeoutMs?: number): Promise<Baseline> {
  const events: TraceEvent[] = [];
  const run = new Run(scenario, new ReplayedChoices(emptySchedule()), { trace: events });
  const failure = await executeOne(run, hangTimeoutMs);
  const { machine, world } = run;
  const left = world.processes.filter(({ alive, foreign }) => alive && !foreign);
  const listening = machine.listeners
    .all()
    .filter(({ holders }) => holders.some((holder) => left.includes(holder)));
  const before = scenario.machine.files ?? {};
  const files = Object.entries(world.files()).flatMap(([path, text]) =>
    // Folders are those of the program's package too.
    text === null || Object.hasOwn(before, path) ? [] : [path],
  );
  const pids = new Set(left.map(({ pid }) => pid));
  const pidFiles = files.filter((path) => {
    const pid = pidIn(decodeText(machine.fs.contentOf(path)));
    return pid !== null && pids.has(pid);
  });
  return {
    survivors: left.length,
    processes: world.processes.length,
    endpoints: listening.flatMap(({ address }): Endpoint[] => {
      if (address.kind === 'unix') return [{ path: address.path }];
      return address.tcpPort < FIRST_CHOSEN_PORT ? [{ tcpPort: address.tcpPort }] : [];
    }),
    pidFiles,
    files,
    printed: events
      .filter(({ op }) => op === 'log')
      .map(({ args }) => String(args.text))
      .join('\n'),
    failure,
    exitCode: world.processes[0]?.exitCode ?? null,
  };
}
