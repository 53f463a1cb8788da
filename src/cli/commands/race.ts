import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { Timing } from '../../model/index.ts';
import { freePort, type Race, type Racer, race, type Verdict } from '../../real/index.ts';
import { EXIT, printable } from '../../report/index.ts';
import { toJson } from '../../report/json.ts';
import { count, hundredths } from '../../report/numbers.ts';
import { interruptible } from '../interruption.ts';
import { parseWhole } from '../parse.ts';
import { print } from '../terminal.ts';

interface Options {
  starts: number;
  tcpPort?: number;
  json?: boolean;
}

const DAEMON = fileURLToPath(new URL('../daemon-process.js', import.meta.url));

/** Looks more often than by default, so that nobody has to wait; patient as by default, however busy the machine. */
const TIMING: Partial<Timing> = { probeEveryMs: 100, tidyEveryMs: 1_000 };
/** Far beyond what it takes: a machine that has other things to do may need seconds to start a process. */
const LEAST_TO_SETTLE_MS = 30_000;
const TO_SETTLE_EACH_MS = 1_000;
const STOP_WITHIN_MS = 15_000;

export function addRace(program: Command, exit: (code: number) => void): void {
  program
    .command('race')
    .description(
      'start our own daemon many times at once, as real processes; exit code 1 unless exactly one survives',
    )
    .option('--starts <N>', 'how many processes', (text) => parseWhole('--starts', text, 1, 256), 16)
    .option('--tcp-port <N>', 'the TCP port on which the survivor listens (default: a free one)', (text) =>
      parseWhole('--tcp-port', text, 1, 65_535),
    )
    .option('--json', 'one JSON document on stdout')
    .action(async (options: Options) => {
      exit(await interruptible((signal) => run(options, signal)));
    });
}

async function run({ starts, tcpPort, json }: Options, signal: AbortSignal): Promise<number> {
  const root = mkdtempSync(join(tmpdir(), 'one-survivor-race-'));
  const remove = (): void => rmSync(root, { recursive: true, force: true });
  // Also when we are interrupted.
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

/** One survivor; the others have left by themselves, and found all well; the survivor stopped when asked, its helper too. */
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
    [
      survivors.length === 1 ? 'survivor' : 'survivors',
      survivors.length === 0 ? 'none' : survivors.map(({ name, pid }) => `PID ${pid} (${name})`).join(', '),
    ],
    ...tally(left).map((line): [string, string] => ['left', line]),
    ...wordsOf(left).map((line): [string, string] => ['said', line]),
    ...judgement.verdicts.map(factOf),
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

/** Who survives is not known, and how the others ended was our doing. */
function describeInterrupted({ starts, judgement }: Race, tcpPort: number): string {
  return linesOf([
    ['started', `${count(starts, 'process', 'processes')} at once, for TCP port ${tcpPort}`],
    ...judgement.verdicts
      .filter(({ complaint }) => complaint !== null)
      .map(({ name, complaint }): [string, string] => ['VIOLATED', `${name}: ${complaint}`]),
    ['judged', `${count(judgement.lines, 'line')} of real traces`],
    ['result', 'interrupted: this is what is known so far; all processes are ended'],
  ]);
}

function linesOf(facts: readonly (readonly [string, string])[]): string {
  return facts.map(([what, fact]) => `${what.padEnd(15)}${fact}`).join('\n');
}

function factOf({ name, complaint, exercised, requires }: Verdict): [string, string] {
  if (complaint !== null) return ['VIOLATED', `${name}: ${complaint}`];
  return exercised ? ['held', name] : ['not exercised', `${name} (requires: ${requires})`];
}

/** `15 with exit code 0`. */
function tally(left: readonly Racer[]): string[] {
  const ways = new Map<string, number>();
  for (const racer of left) ways.set(how(racer), (ways.get(how(racer)) ?? 0) + 1);
  return [...ways].map(([way, times]) => `${times} ${way}`);
}

/** Each once. */
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
