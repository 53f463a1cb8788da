import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Timing } from '../../model/index.ts';
import { freePort, type Race, type Racer, race, type Verdict } from '../../real/index.ts';
import { printable } from '../../report/escape.ts';
import { EXIT } from '../../report/exit-codes.ts';
import { toJson } from '../../report/json.ts';
import { tokensRise } from '../../scenario/invariants.ts';
import { count, hundredths } from '../../scenario/wording.ts';
import { refuseOthers } from '../linux-only.ts';
import { print } from '../terminal.ts';

/** As given on the command line. */
export interface RaceOptions {
  starts: number;
  tcpPort?: number;
  json?: boolean;
}

const DAEMON = fileURLToPath(new URL('../daemon-process.js', import.meta.url));

/** Probes and tidies more often than by default, for a quick result; the timeouts are the defaults, for busy machines. */
const TIMING: Partial<Timing> = { probeEveryMs: 100, tidyEveryMs: 1_000 };
/** Much longer than necessary, because a busy machine may need seconds to start a process. */
const LEAST_TO_SETTLE_MS = 30_000;
const TO_SETTLE_EACH_MS = 1_000;
const STOP_WITHIN_MS = 15_000;
const MOST_IN_ROW = 64;
/** What the invariants about fencing tokens require. */
const TWO_OWNERS = tokensRise.requires?.what;
const ONE_OWNER = 'which is as it should be: the first owner lived, so none had to follow it';

/**
 * Races real daemons, and prints the result.
 *
 * @param platform for tests
 * @returns the exit code
 * @throws UsageError elsewhere than on Linux
 */
export async function raceAndPrint(
  { starts, tcpPort, json }: RaceOptions,
  signal: AbortSignal,
  platform: NodeJS.Platform = process.platform,
): Promise<number> {
  refuseOthers(platform);
  const root = mkdtempSync(join(tmpdir(), 'one-survivor-race-'));
  const remove = (): void => rmSync(root, { recursive: true, force: true });
  // Also after an interruption.
  process.once('exit', remove);
  try {
    const traceDirectory = join(root, 'traces');
    mkdirSync(traceDirectory);
    const settleWithinMs = Math.max(LEAST_TO_SETTLE_MS, starts * TO_SETTLE_EACH_MS);
    const port = tcpPort ?? (await freePort());
    const result = await race({
      command: commandOf(join(root, 'state'), port),
      leash: true,
      starts,
      traceDirectory,
      settleWithinMs,
      stopWithinMs: STOP_WITHIN_MS,
      signal,
    });
    print(process.stdout, json ? raceJson(result, port) : describe(result, port));
    if (result.interrupted) return EXIT.interrupted;
    return isGood(result) ? EXIT.ok : EXIT.violated;
  } finally {
    remove();
    process.off('exit', remove);
  }
}

function commandOf(directory: string, tcpPort: number): string[] {
  const options = ['--directory', directory, '--tcp-port', `${tcpPort}`, '--timing', JSON.stringify(TIMING)];
  return [process.execPath, DAEMON, ...options, '--helper', '--leash'];
}

/** Exactly one process survived, the others exited without an error, and the survivor and its helper stopped when asked. */
function isGood({ interrupted, survivors, settledMs, left, stopped, judgement, leftBehind }: Race): boolean {
  if (interrupted) return false;
  const well = (racer: Racer | null): boolean => racer?.ending?.code === 0;
  const ended = left.every(well) && stopped.every(well) && leftBehind.length === 0;
  return survivors.length === 1 && settledMs !== null && ended && judgement.holds;
}

function describe(result: Race, tcpPort: number): string {
  if (result.interrupted) return describeInterrupted(result, tcpPort);
  const { starts, settledMs, survivors, left, stopped, judgement, leftBehind } = result;
  const facts: [string, string][] = [
    ['started', `${count(starts, 'process', 'processes')} at once, for TCP port ${tcpPort}`],
    ['settled', settledMs === null ? 'not in time' : `after ${hundredths(settledMs / 1_000)} s`],
    [survivors.length === 1 ? 'survivor' : 'survivors', survivorsOf(result)],
    ...tally(left).map((line): [string, string] => ['left', line]),
    ...wordsOf(left).map((line): [string, string] => ['said', line]),
    ...judgement.verdicts.filter(({ exercised, complaint }) => exercised || complaint !== null).map(factOf),
    ...notExercised(judgement.verdicts, isGood(result)),
    ['judged', `${count(judgement.lines, 'line')} of real traces`],
    ...stopped.map((racer, at): [string, string] => [
      'stopped',
      racer === null
        ? `not: PID ${survivors[at]?.pid} had to be killed`
        : `the survivor, when asked: ${how(racer)}`,
    ]),
    ['left over', `${count(leftBehind.length, 'process', 'processes')}`],
  ];
  return linesOf(facts);
}

/** After an interruption, the survivor is unknown, and all processes were ended by us. */
function describeInterrupted({ starts, judgement }: Race, tcpPort: number): string {
  return linesOf([
    ['started', `${count(starts, 'process', 'processes')} at once, for TCP port ${tcpPort}`],
    ...judgement.verdicts
      .filter(({ complaint }) => complaint !== null)
      .map(({ name, complaint }): [string, string] => ['VIOLATED', `${name}: ${complaint}`]),
    ['judged', `${count(judgement.lines, 'line')} of real traces`],
    ['result', 'interrupted: results so far; all processes were ended'],
  ]);
}

function linesOf(facts: readonly (readonly [string, string])[]): string {
  return facts.map(([what, fact]) => `${what.padEnd(15)}${fact}`).join('\n');
}

function factOf({ name, complaint }: Verdict): [string, string] {
  return complaint === null ? ['held', name] : ['VIOLATED', `${name}: ${complaint}`];
}

/** One line for each requirement that was not met, and why that is fine if the race went well. */
function notExercised(verdicts: readonly Verdict[], good: boolean): [string, string][] {
  const named = new Map<string, string[]>();
  for (const { name, complaint, exercised, requires } of verdicts)
    if (!exercised && complaint === null)
      named.set(requires ?? '', [...(named.get(requires ?? '') ?? []), name]);
  return [...named].flatMap(([requires, names]): [string, string][] => [
    ['not exercised', `${names.join(' · ')} (requires: ${requires})`],
    ...(good && requires === TWO_OWNERS ? [['', ONE_OWNER] as [string, string]] : []),
  ]);
}

/** `PID 4711 (daemon#3)`, and where it is among the processes. */
function survivorsOf({ starts, survivors }: Race): string {
  if (survivors.length === 0) return 'none';
  const numbers = new Set(survivors.map(({ name }) => Number(name.split('#')[1])));
  const row = Array.from({ length: starts }, (_, i) => (numbers.has(i + 1) ? '●' : '·')).join('');
  const list = survivors.map(({ name, pid }) => `PID ${pid} (${name})`).join(', ');
  return starts > MOST_IN_ROW ? list : `${list}  ${row}`;
}

/** `15 with exit code 0`. */
function tally(left: readonly Racer[]): string[] {
  const ways = new Map<string, number>();
  for (const racer of left) ways.set(how(racer), (ways.get(how(racer)) ?? 0) + 1);
  return [...ways].map(([way, times]) => `${times} ${way}`);
}

/** Without duplicates. */
function wordsOf(left: readonly Racer[]): string[] {
  const said = left.map(({ said: words = '' }) => printable(words)).filter((words) => words !== '');
  return [...new Set(said)];
}

function how({ ending }: Racer): string {
  return ending?.code === null ? `by ${ending.signal}` : `with exit code ${ending?.code}`;
}

function raceJson(result: Race, tcpPort: number): string {
  const { starts, settledMs, survivors, left, judgement, leftBehind } = result;
  const plain = ({ name, pid, ending, said }: Racer) => ({
    name,
    pid,
    code: ending?.code ?? null,
    signal: ending?.signal ?? null,
    ...(said && { said }),
  });
  return toJson({
    ok: isGood(result),
    interrupted: result.interrupted,
    starts,
    tcpPort,
    settledMs,
    survivors: survivors.map(({ name, pid }) => ({ name, pid })),
    left: left.map(plain),
    stopped: result.stopped.map((racer) => racer && plain(racer)),
    invariants: judgement.verdicts.map(({ name, complaint, exercised }) => ({
      name,
      holds: complaint === null,
      exercised,
      complaint,
    })),
    lines: judgement.lines,
    leftOver: leftBehind.map(({ pid }) => pid),
  });
}
