/** `storm`: starts a real command several times, harasses it, and prints what was seen. */
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { daemonJson, daemonText, exitCodeOfDaemon } from '../../report/daemon/index.ts';
import { suggesting } from '../../scenario/suggestions.ts';
import {
  commandFile,
  DEFAULT_STORM_FAULTS,
  isStormFault,
  NAMESPACES,
  type Namespace,
  STORM_FAULTS,
  StateDirError,
  type StormFault,
  storm,
} from '../../storm/index.ts';
import { UsageError } from '../errors.ts';
import { harassmentOf } from '../harassment.ts';
import { refuseOthers } from '../linux-only.ts';
import { wrong } from '../parse.ts';
import { ProgressLine } from '../progress.ts';
import { print, printText, styleOf } from '../terminal.ts';
import { type StormCommandOptions, stormAgain, stormReport } from './storm-report.ts';

const DEFAULT_STARTS = 3;
const DEFAULT_ROUNDS = 5;
const DEFAULT_SETTLE_MS = 30_000;

/** Harasses a command, and prints the report. @returns the exit code */
export async function stormAndPrint(
  words: readonly string[],
  options: StormCommandOptions,
  signal: AbortSignal,
): Promise<number> {
  refuseOthers(process.platform, 'storm');
  const { starts, faults, owner, stateDir, settleMs, expect } = harassmentOf(options, null);
  const cwd = process.cwd();
  refuseUnusable(words, cwd);
  const known = faults === undefined ? DEFAULT_STORM_FAULTS : stormFaultsOf(faults);
  const isolate = isolateOf(options.isolate);
  const seed = options.seed ?? randomInt(2 ** 32);
  const beganMs = performance.now();
  const progress = new ProgressLine(process.stderr, { of: 1, quiet: options.quiet ?? false });
  progress.begin(`storm · seed ${seed}`);
  try {
    const wanted = {
      ...{ words, cwd, seed, owner, stateDir, expect, isolate, signal, faults: known },
      rounds: options.rounds ?? DEFAULT_ROUNDS,
      starts: starts ?? DEFAULT_STARTS,
      settleMs: settleMs ?? DEFAULT_SETTLE_MS,
    };
    const result = await storm({
      ...wanted,
      roundCommand: [process.execPath, roundProcess()],
      onProgress: (text) => progress.now(text),
    });
    progress.clear();
    const seconds = (performance.now() - beganMs) / 1000;
    const report = stormReport(result, { ...wanted, isOwnerGiven: owner !== undefined, seconds });
    const details = { evidence: null, size: null, again: stormAgain(report, options) };
    if (options.json) print(process.stdout, daemonJson(report));
    else if (!options.quiet || report.verdict !== 'passed')
      printText(process.stdout, daemonText(report, details, styleOf(process.stdout)));
    return exitCodeOfDaemon(report);
  } catch (error) {
    if (error instanceof StateDirError) throw new UsageError(error.message);
    throw error;
  } finally {
    progress.clear();
  }
}

/** What runs a round; in a clone, before the build, there is none. */
function roundProcess(): string {
  const path = fileURLToPath(new URL('../storm-process.js', import.meta.url));
  if (!existsSync(path)) throw new UsageError(`storm needs ${path}, which npm run build makes`);
  return path;
}

/** @throws UsageError if there is nothing that can be started */
function refuseUnusable(words: readonly string[], cwd: string): void {
  const [first] = words;
  if (first === undefined || first === '')
    throw new UsageError('storm needs a command after --, such as -- node cli.js start');
  const file = commandFile(first, cwd);
  if ('found' in file) return;
  const where = first.includes('/') ? `from ${cwd}` : 'in PATH';
  const why = { missing: 'is not there', 'not executable': 'is not executable', 'a folder': 'is a folder' };
  throw new UsageError(
    `storm cannot start ${JSON.stringify(first)}: it ${why[file.error]} (looked for it ${where}); accepted: a program and its arguments after --, such as -- python3 daemon.py`,
  );
}

/** @throws UsageError for faults that only a simulation has */
function stormFaultsOf(names: readonly string[]): StormFault[] {
  return [...new Set(names)].map((name) => {
    if (isStormFault(name)) return name;
    throw new UsageError(
      `--faults got ${JSON.stringify(name)}, which cannot strike real processes; storm accepts: none, or some of ${STORM_FAULTS.join(', ')}. simulate has all faults`,
    );
  });
}

/** @throws UsageError for what cannot be isolated */
function isolateOf(list: string | undefined): Namespace[] {
  if (list === undefined) return [...NAMESPACES];
  if (list === 'none' || list === '') return [];
  return list.split(',').map((word) => {
    const name = NAMESPACES.find((known) => known === word);
    if (name !== undefined) return name;
    throw wrong(
      '--isolate',
      word,
      `none, or some of ${NAMESPACES.join(', ')}${suggesting(word, NAMESPACES, '')}`,
    );
  });
}
