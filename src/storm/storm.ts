/** A storm: finds out how a command is when nothing disturbs it, then runs the rounds of a plan, each in processes and namespaces of its own. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { commonOwner, endpointOfOwner, type KnownOwner } from '../judge/index.ts';
import { cleanUp, endAll, openFolder } from '../real/leftovers.ts';
import { canDelayHere, pathsToDelay } from './delays.ts';
import { type Means, OF_FILES, type StormFault, whyNot } from './faults.ts';
import { type Isolated, isolationHere } from './isolation.ts';
import type { Namespace } from './namespaces.ts';
import type { BaselineResult, EpisodeResult, Expected, Setting } from './order.ts';
import { describeRound, planOf, type RoundPlan } from './plan.ts';
import { emptyFolder } from './round.ts';
import { runRound } from './round-process.ts';
import { expandHome, MARKER, makeSurroundings } from './surroundings.ts';
import { hasTool, libfaketime } from './tools.ts';

export interface StormOptions {
  /** The command. */
  readonly words: readonly string[];
  readonly cwd: string;
  readonly seed: number;
  readonly rounds: number;
  readonly starts: number;
  readonly faults: readonly StormFault[];
  /** How an owner is known; undefined: as seen in the baseline. A path may begin with `~/`, the HOME of the round. */
  readonly owner: KnownOwner | undefined;
  readonly stateDir: string | undefined;
  readonly settleMs: number;
  readonly expect: number | undefined;
  /** Which namespaces a round has if they are permitted. */
  readonly isolate: readonly Namespace[];
  /** What starts a round: `node storm-process.js`. */
  readonly roundCommand: readonly string[];
  readonly signal: AbortSignal;
  /** Called with what happens next. */
  readonly onProgress: (text: string) => void;
}

/** What came of a round. */
export interface RoundResult {
  readonly plan: RoundPlan;
  readonly episodes: readonly EpisodeResult[];
  readonly seconds: number;
}

export interface StormResult {
  readonly isolated: Isolated;
  /** Folders in which files are not the round's own although they were to be. */
  readonly shared: readonly string[];
  readonly directory: string;
  readonly baseline: BaselineResult | null;
  readonly expected: Expected | null;
  readonly plan: readonly RoundPlan[];
  readonly rounds: readonly RoundResult[];
  /** Faults that cannot strike here, and why. */
  readonly impossible: readonly { readonly fault: StormFault; readonly why: string }[];
  /** Whether calls on files could be delayed. */
  readonly canDelay: boolean;
  /** What an earlier storm had left, and was removed. */
  readonly cleaned: { readonly processes: number; readonly folders: number };
}

const FOLDERS = { prefix: 'os-storm-', marker: MARKER };
/** After a violation it is known how it looks: later rounds wait no longer than this for what does not come. */
const AFTER_VIOLATION_MS = 8_000;
/** A start may take longer, but then moments within it are no longer chosen well. */
const LONGEST_STARTUP_MS = 10_000;
const LEAST_STARTUP_MS = 30;

/** The state directory is not empty, so that what the command writes could not be told from what was there. */
export class StateDirError extends Error {
  override readonly name = 'StateDirError';
}

/** @throws StateDirError */
export async function storm(options: StormOptions): Promise<StormResult> {
  const { signal, onProgress, words, cwd, settleMs, roundCommand } = options;
  const cleaned = cleanUp(FOLDERS);
  onProgress('looks which namespaces are permitted');
  const isolated = await isolationHere(options.isolate);
  const word = randomBytes(16).toString('hex');
  const directory = openFolder(FOLDERS, word);
  const stateDir = options.stateDir === undefined ? null : expandHome(options.stateDir, directory);
  const remove = (): void => {
    endAll(FOLDERS, word);
    rmSync(directory, { recursive: true, force: true });
  };
  process.on('exit', remove);
  const nothing = {
    isolated,
    shared: [],
    directory,
    baseline: null,
    expected: null,
    plan: [],
    rounds: [],
    impossible: [],
    cleaned,
    canDelay: true,
  };
  try {
    refuseUsed(stateDir, directory, isolated);
    const canDelay = await canDelayHere();
    const setting: Setting = {
      ...{ directory, word, words, cwd, settleMs, isolation: isolated, loopback: isolated.loopback },
      canPin: hasTool('taskset'),
      canDelay,
    };
    const run = (order: Parameters<typeof runRound>[0]) => {
      makeSurroundings(directory);
      return runRound(order, { command: roundCommand, isolated, signal }).finally(() => {
        if (!isolated.files && stateDir !== null) emptyFolder(stateDir);
      });
    };
    onProgress('one start without faults');
    const given = options.owner === undefined ? null : homely(options.owner, directory);
    const alone = await run({ ...setting, kind: 'baseline', owner: given });
    if (alone === null) return nothing;
    if (!('baseline' in alone)) throw new Error('failed' in alone ? alone.failed : 'no baseline');
    const { baseline } = alone;
    const expected = expectedOf(baseline, options, given, directory);
    const { shared } = baseline;
    if (baseline.first.survivors === 0 || (given !== null && !baseline.first.hasOwner))
      return { ...nothing, baseline, expected, shared };

    const faketime = libfaketime();
    const endpoint = expected.owner && endpointOfOwner(expected.owner);
    const means: Means = {
      isolation: isolated,
      faketime,
      knowsPort: endpoint !== null && 'tcpPort' in endpoint,
    };
    const impossible = options.faults.flatMap((fault) => {
      const why = whyNot(fault, means);
      return why === null ? [] : [{ fault, why }];
    });
    const faults = options.faults.filter((fault) => !impossible.some((each) => each.fault === fault));
    const plan = planOf({ ...options, faults });
    const rounds: RoundResult[] = [];
    for (const each of plan) {
      const beganMs = performance.now();
      const episodes: EpisodeResult[] = [];
      const isViolated = [...rounds.flatMap((round) => round.episodes)].some(hasViolation);
      const texts = describeRound(each);
      for (const [i, episode] of each.episodes.entries()) {
        if (signal.aborted) break;
        onProgress(`round ${each.round}/${plan.length}: ${texts[i]}`);
        const isLast = i === each.episodes.length - 1;
        const answer = await run({
          ...{ ...setting, ...expected, kind: 'episode', plan: episode, faketime, stateDir },
          settleMs: isViolated ? Math.min(settleMs, AFTER_VIOLATION_MS) : settleMs,
          faults: { any: faults.length > 0, ofFiles: faults.some((fault) => OF_FILES.includes(fault)) },
          asksToEnd: isLast && each.round === 1,
        });
        if (answer === null) break;
        if (!('episode' in answer)) throw new Error('failed' in answer ? answer.failed : 'no round');
        episodes.push(answer.episode);
        // What follows would show the same.
        if (hasViolation(answer.episode)) break;
      }
      if (episodes.length > 0)
        rounds.push({ plan: each, episodes, seconds: (performance.now() - beganMs) / 1000 });
      if (signal.aborted) break;
    }
    return {
      ...{ isolated, shared, directory, baseline, expected, plan, rounds, impossible, cleaned, canDelay },
    };
  } finally {
    remove();
    process.off('exit', remove);
  }
}

function hasViolation({ violations }: EpisodeResult): boolean {
  return violations.length > 0;
}

/** Without files of its own, a round leaves what it writes there to the next one, unless it is removed. */
function refuseUsed(stateDir: string | null, directory: string, { files }: Isolated): void {
  if (stateDir === null || files || stateDir.startsWith(`${directory}/`) || !existsSync(stateDir)) return;
  const [name] = readdirSync(stateDir);
  if (name !== undefined)
    throw new StateDirError(
      `--state-dir: ${stateDir} is not empty (it has ${name}): rounds have no files of their own here, so each empties it at its end. Name a folder that is empty or does not exist`,
    );
}

function expectedOf(
  { first, second }: BaselineResult,
  options: StormOptions,
  given: KnownOwner | null,
  directory: string,
): Expected {
  // If it does not start again, that is for the rounds to find.
  const again = second !== null && second.survivors > 0 ? second : first;
  const seen = commonOwner(first, again);
  const owner = given ?? seen.owner;
  const listens = owner !== null && endpointOfOwner(owner) !== null;
  return {
    owner,
    pidFile: listens ? seen.pidFile : null,
    expect: options.expect ?? Math.max(1, first.survivors),
    paths: pathsToDelay(directory, [first, again]),
    startupMs: Math.min(LONGEST_STARTUP_MS, Math.max(LEAST_STARTUP_MS, first.settledMs, again.settledMs)),
  };
}

function homely(owner: KnownOwner, directory: string): KnownOwner {
  if ('isNamedIn' in owner) return { isNamedIn: expandHome(owner.isNamedIn, directory) };
  if ('listensOn' in owner && 'path' in owner.listensOn)
    return { listensOn: { path: expandHome(owner.listensOn.path, directory) } };
  return owner;
}
