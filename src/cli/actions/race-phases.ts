/** The race in phases: runs it, and prints what was found. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Timing } from '../../model/index.ts';
import { freePort, PHASES, type PhasedRace, type PhaseName, raceInPhases } from '../../real/index.ts';
import { printable } from '../../report/escape.ts';
import { EXIT } from '../../report/exit-codes.ts';
import { toJson } from '../../report/json.ts';
import { count } from '../../scenario/wording.ts';
import { refuseOthers } from '../linux-only.ts';
import { print } from '../terminal.ts';

/** As given on the command line. */
export interface PhasedOptions {
  starts: number;
  phases: readonly PhaseName[];
  mutant?: string;
  tcpPort?: number;
  json?: boolean;
  /** For tests: how long a phase may take, in milliseconds. */
  settleWithinMs?: number;
}

const DAEMON = fileURLToPath(new URL('../daemon-process.js', import.meta.url));

/** Short, so that a stopped owner is taken over within seconds; long enough that a busy machine stops no healthy one. */
const TIMING: Timing = {
  probeEveryMs: 100,
  probeTimeoutMs: 1_000,
  failedProbes: 3,
  bootGraceMs: 6_000,
  leaseMs: 2_000,
  hangMs: 8_000,
  challengeMs: 2_000,
  termGraceMs: 500,
  killGraceMs: 5_000,
  selfCheckMs: 200,
  // A loss must be noticed by the self-check: tidying up would come across it too.
  tidyEveryMs: 60_000,
  patienceMs: 20_000,
};
const SETTLE_WITHIN_MS = 30_000;

/**
 * Races real daemons in phases, and prints what was found.
 *
 * @returns the exit code
 * @throws UsageError elsewhere than on Linux
 */
export async function racePhasesAndPrint(options: PhasedOptions, signal: AbortSignal): Promise<number> {
  refuseOthers(process.platform);
  const root = mkdtempSync(join(tmpdir(), 'one-survivor-race-'));
  const remove = (): void => rmSync(root, { recursive: true, force: true });
  // Also after an interruption.
  process.once('exit', remove);
  try {
    const [directory, traceDirectory] = ['state', 'traces'].map((name) => join(root, name)) as [
      string,
      string,
    ];
    mkdirSync(directory, { mode: 0o700 });
    mkdirSync(traceDirectory);
    const { starts, phases, mutant, tcpPort, json, settleWithinMs = SETTLE_WITHIN_MS } = options;
    const race = await raceInPhases({
      ...{ starts, phases, directory, traceDirectory, settleWithinMs, signal },
      challengeMs: TIMING.challengeMs,
      tcpPorts: [tcpPort ?? (await freePort()), await freePort()],
      gate: { variable: 'ONE_SURVIVOR_GATE', path: join(root, 'gate') },
      command: (tcpPort) => [
        ...[process.execPath, DAEMON, '--directory', directory, '--tcp-port', `${tcpPort}`],
        ...['--timing', JSON.stringify(TIMING), '--helper', '--leash'],
        ...(mutant === undefined ? [] : ['--mutant', mutant]),
      ],
      onPhase: (name) => json || print(process.stderr, `${name.padEnd(12)}${PHASES[name]}`),
    });
    print(process.stdout, json ? phasesJson(race, mutant) : describe(race, mutant));
    if (race.interrupted) return EXIT.interrupted;
    return race.findings.violated ? EXIT.violated : EXIT.ok;
  } finally {
    remove();
    process.off('exit', remove);
  }
}

function describe({ phases, findings, traces, interrupted }: PhasedRace, mutant: string | undefined): string {
  const facts: [string, string][] = [
    ...(mutant === undefined ? [] : [['mutant', mutant] as [string, string]]),
    ...phases.map(({ name, survivors }): [string, string] => [
      'survivor',
      `of ${name}: ${survivors.length === 0 ? 'none' : survivors.join(', ')}`,
    ]),
    ...findings.verdicts.map(({ name, complaint, exercised, requires }): [string, string] => {
      if (complaint !== null) return ['VIOLATED', `${name}: ${printable(complaint)}`];
      return exercised ? ['held', name] : ['not exercised', `${name} (requires: ${requires})`];
    }),
    [
      'judged',
      `${count(findings.lines, 'line')} of real traces of ${count(traces.length, 'process', 'processes')}`,
    ],
    ...(interrupted
      ? [['result', 'interrupted: results so far; all processes were ended'] as [string, string]]
      : []),
  ];
  return facts.map(([what, fact]) => `${what.padEnd(15)}${fact}`).join('\n');
}

function phasesJson({ phases, findings, interrupted }: PhasedRace, mutant: string | undefined): string {
  return toJson({
    ok: !interrupted && !findings.violated,
    interrupted,
    mutant: mutant ?? null,
    phases,
    invariants: findings.verdicts.map(({ name, complaint, exercised }) => ({
      name,
      holds: complaint === null,
      exercised,
      complaint,
    })),
    lines: findings.lines,
  });
}
