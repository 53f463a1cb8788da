/** What `simulate` finds out about a command before it searches: how its owner is known, and whether it can be checked at all. */
import { randomInt } from 'node:crypto';
import { posix } from 'node:path';
import { describeOwner, endpointOfOwner } from '../../judge/index.ts';
import type { KnownCommand } from '../../project/commands.ts';
import type { DaemonReport } from '../../report/daemon/index.ts';
import {
  type Baseline,
  baselineOf,
  commandScenario,
  DEFAULT_COMMAND_FAULTS,
  DEFAULT_SETTLE_MS,
  DEFAULT_STARTS,
  ownerSeen,
  RUNS_AS_IT_IS,
} from '../../simulate/index.ts';
import { type HarassmentOptions, harassmentOf } from '../harassment.ts';
import { nodeCommandOf } from '../node-command.ts';
import { startFilesOf } from '../start-files.ts';
import { VERSION } from '../version.ts';

/** That of simulated processes. */
const HOME = '/root';

/** What `simulate` takes besides. */
export interface CommandFilesOptions {
  /** Each as PATH=FILE. */
  file?: readonly string[];
}

/** What is known before the search. */
export interface Prepared {
  readonly command: KnownCommand;
  readonly baseline: Baseline;
  /** The words of the command, after `--`. */
  readonly words: readonly string[];
  readonly facts: Pick<
    DaemonReport,
    'by' | 'version' | 'node' | 'seed' | 'command' | 'starts' | 'expect' | 'owner' | 'interrupted'
  >;
}

/**
 * Runs the command alone, and finds out what is known.
 *
 * @throws UsageError if it is no command of Node, or an option is invalid
 */
export async function prepare(
  words: readonly string[],
  options: HarassmentOptions & CommandFilesOptions,
  signal: AbortSignal,
): Promise<Prepared> {
  const cwd = process.cwd();
  const { file, args } = nodeCommandOf(words, cwd);
  const { starts, faults, owner: given, stateDir, settleMs, expect } = harassmentOf(options, HOME);
  const { file: startFiles = [] } = options;
  const files = startFiles.length === 0 ? {} : { files: startFilesOf(startFiles, cwd) };
  const bare = { file, args, cwd, ...files, ...(settleMs !== undefined && { settleMs }) };
  const baseline = await baselineOf(bare);
  const { owner: seen, pidFile } = await ownerSeen(bare, baseline);
  const owner = given ?? seen;
  const whole = {
    ...{ file, args, cwd, owner, ...files },
    starts: starts ?? DEFAULT_STARTS,
    faults: faults ?? DEFAULT_COMMAND_FAULTS,
    settleMs: settleMs ?? DEFAULT_SETTLE_MS,
    expect: expect ?? Math.max(1, baseline.survivors),
    ...(owner !== null && endpointOfOwner(owner) !== null && { pidFile }),
    stateDir: stateDir ?? folderOf(baseline.files),
  };
  const { id } = commandScenario(whole);
  const how = given === undefined ? 'as seen in runs with one start' : 'as --owner says';
  return {
    command: { ...whole, id },
    baseline,
    words,
    facts: {
      ...{ by: 'simulate', version: VERSION, node: process.version },
      seed: options.seed ?? randomInt(2 ** 32),
      command: words,
      starts: whole.starts,
      expect: whole.expect,
      owner: owner === null ? null : { known: describeOwner(owner), from: how },
      interrupted: signal.aborted,
    },
  };
}

/** Why a command is not checked; `null` if it can be. */
export function whyUnfit({
  failure,
  survivors,
  exitCode,
  printed,
}: Baseline): Pick<DaemonReport, 'verdict' | 'reason'> | null {
  if (failure !== null)
    return failure.invariant === RUNS_AS_IT_IS
      ? { verdict: 'refused', reason: failure.message }
      : { verdict: 'inconclusive', reason: `a run with one start: ${failure.invariant}: ${failure.message}` };
  if (survivors > 0) return null;
  const said = printed === '' ? 'and printed nothing' : `and printed: ${printed.slice(-500)}`;
  return {
    verdict: 'inconclusive',
    reason: `a run with one start left no process, so there is no daemon to judge. It ended with exit code ${exitCode ?? 'none'}, ${said}`,
  };
}

/** The folder that has all of these files. */
function folderOf(files: readonly string[]): string {
  const [first, ...others] = files.map((file) => posix.dirname(file));
  if (first === undefined) return '/';
  let folder = first;
  while (!others.every((other) => other === folder || other.startsWith(`${folder === '/' ? '' : folder}/`)))
    folder = posix.dirname(folder);
  return folder;
}
