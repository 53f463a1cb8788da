/** `replay TOKEN --real`: the same run on real processes. */
import { fileURLToPath } from 'node:url';
import type { Replay } from '../../check/index.ts';
import type { RealReplay } from '../../lockstep/index.ts';
import { decodeToken } from '../../schedule/index.ts';
import { readConfig } from '../config.ts';
import { UsageError } from '../errors.ts';
import { refuseOthers } from '../linux-only.ts';
import { loadFile, namedScenarios } from '../scenarios.ts';

/** Starts the processes of a replay on real ones. */
const ENTRY = fileURLToPath(new URL('../lockstep-process.js', import.meta.url));

/** What else is given on the command line. */
interface Given {
  readonly from?: string;
  readonly config?: string;
  readonly mutant?: string;
  readonly html?: string;
  readonly breakAt?: unknown;
}

/** @throws UsageError for what does not go together */
export function refuseReal({ mutant, html, breakAt }: Given): void {
  refuseOthers(process.platform, 'replay --real');
  if (mutant !== undefined)
    throw new UsageError(
      '--real got a token of a mutant; accepted: tokens of scenarios. Use race --mutant NAME',
    );
  if (breakAt !== undefined) throw new UsageError('--break-at stops in the simulation: omit it, or --real');
  if (html !== undefined)
    throw new UsageError('--html has no page for real processes: omit it, or --real; --json has both traces');
}

/** @returns null if it was interrupted; all processes are ended then */
export async function replayOnProcesses(
  { scenario, token, verdict }: Replay,
  options: Given,
  signal: AbortSignal | undefined,
): Promise<RealReplay | null> {
  if (verdict === 'nondeterministic')
    throw new UsageError(
      '--real repeats one run, and two simulated ones of this token differ: omit it to see how',
    );
  const { replayReal } = await import('../../lockstep/index.ts');
  try {
    const url = await moduleOf(scenario.id, options);
    return await replayReal(scenario, decodeToken(token).schedule, { entry: ENTRY, url, signal });
  } catch (error) {
    if (signal?.aborted) return null;
    throw error;
  }
}

/** The module that exports a scenario; `null` for that of a command. */
async function moduleOf(id: string, { from, config }: Given): Promise<string | null> {
  const targets =
    from === undefined
      ? await namedScenarios(await readConfig(process.cwd(), { file: config, onNote: () => {} }), [])
      : await loadFile(from);
  // A token of `explore` has its bounds after the ID.
  const [plain = ''] = id.split('+');
  return targets.find(({ scenario }) => scenario.id === id || scenario.id === plain)?.url ?? null;
}
