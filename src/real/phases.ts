/**
 * A race in phases. Each begins with what the one before has left, and does something to it: kills the owner, stops it, loses its
 * claim, gives its PID to another process, holds its TCP port. The processes that then start contend for what remains.
 */
import { EXIT } from '../model/index.ts';
import type { Findings } from './findings.ts';
import type { ProcessTrace } from './trace-events.ts';
import { Trial, type TrialOptions } from './trial.ts';

/** How many contend in each phase after the first. */
const CONTENDERS = 3;
/** Much longer than a self-check takes, even on a busy machine, in milliseconds. */
const NOTICES_LOSS_WITHIN_MS = 10_000;

/** In the order in which they run. */
export const PHASES = {
  'cold-start': 'many start at once; one has looked before, and is slow to publish its claim',
  lose: 'the claims of the owner are lost',
  kill: 'the owner is killed, and its helper is left behind',
  reuse: 'the owner stops, and the newest claim has the PID of another process',
  stop: 'the owner is stopped, and others start with another TCP port',
  occupy: 'the owner stops, and a foreign process holds the TCP port',
} as const satisfies Record<string, string>;
export type PhaseName = keyof typeof PHASES;

/** What a race in phases needs. */
export interface PhasedRaceOptions extends TrialOptions {
  /** How many start at once in the first phase, at least 2. */
  readonly starts: number;
  /** Which phases; those before them are run too, as they begin with what is left. */
  readonly phases: readonly PhaseName[];
  /** How long a challenge stands, in milliseconds. */
  readonly challengeMs: number;
  /** Called before each phase. */
  readonly onPhase?: (name: PhaseName) => void;
}

/** What was observed. */
export interface PhasedRace {
  readonly phases: readonly { readonly name: PhaseName; readonly survivors: readonly string[] }[];
  readonly findings: Findings;
  readonly traces: readonly ProcessTrace[];
  readonly interrupted: boolean;
}

/** Runs the phases, judges each, and ends all processes. A phase that is violated is the last one. */
export async function raceInPhases(options: PhasedRaceOptions): Promise<PhasedRace> {
  const trial = new Trial(options);
  const wanted = Object.keys(PHASES) as PhaseName[];
  const last = Math.max(...options.phases.map((name) => wanted.indexOf(name)));
  const done: { name: PhaseName; survivors: readonly string[] }[] = [];
  const { findings } = trial;
  try {
    for (const name of wanted.slice(0, last + 1)) {
      if (options.signal?.aborted || findings.violated) break;
      options.onPhase?.(name);
      await RUN[name](trial, options.starts);
      done.push({ name, survivors: trial.survivors.map(({ name: survivor }) => survivor) });
    }
    if (!options.signal?.aborted && !findings.violated) await trial.stopOwner();
    const left = await trial.processes.end();
    if (!options.signal?.aborted && !findings.violated) {
      const strangers = new Set(trial.strangers.map(({ pid }) => pid));
      const orphans = left.filter(({ pid }) => !strangers.has(pid));
      findings.look(
        'nothing is left over',
        orphans.length === 0 ? null : `PIDs ${orphans.map(({ pid }) => pid).join(', ')}`,
      );
    }
    const traces = trial.traces();
    findings.lookAtTraces(traces, options.challengeMs);
    return { phases: done, findings, traces, interrupted: options.signal?.aborted ?? false };
  } finally {
    await trial.processes.end();
  }
}

const RUN: Record<PhaseName, (trial: Trial, starts: number) => Promise<void>> = {
  async 'cold-start'(trial, starts) {
    const late = await trial.contendLate();
    const others = await trial.contend(starts - 1);
    await trial.openGate();
    trial.oneSurvivor('cold-start', [late, ...others]);
  },

  async lose(trial) {
    const [owner] = trial.survivors;
    trial.loseClaims();
    const again = await trial.until(() => trial.head()?.claim?.pid === owner!.pid, NOTICES_LOSS_WITHIN_MS);
    trial.findings.look(
      'an owner whose claim is lost publishes it again',
      again ? null : `${owner!.name} has not`,
    );
    if (!again) return;
    const survivor = trial.oneSurvivor('lose', await trial.contend(CONTENDERS));
    trial.findings.look(
      'a healthy owner stays',
      survivor === owner ? null : `${owner!.name} does not own any more`,
    );
  },

  async kill(trial) {
    const [owner] = trial.survivors;
    owner!.signal('SIGKILL');
    await owner!.exited;
    trial.oneSurvivor('kill', await trial.contend(CONTENDERS));
  },

  async reuse(trial) {
    await trial.stopOwner();
    const { pid, startTicks } = await trial.stranger('setInterval(() => {}, 1000); console.log("up")');
    const head = trial.head();
    if (head?.claim == null || trial.findings.violated) return;
    // As an earlier process with this PID would have left it, which started before.
    trial.publish(head.generation + 1, { ...head.claim, kind: 'owner', pid, startTicks: startTicks - 1 });
    trial.oneSurvivor('reuse', await trial.contend(CONTENDERS));
    trial.strangersLive();
  },

  async stop(trial) {
    const [owner] = trial.survivors;
    owner!.signal('SIGSTOP');
    trial.changePort();
    const survivor = trial.oneSurvivor('stop', await trial.contend(CONTENDERS));
    trial.findings.look(
      'a stopped owner is replaced',
      survivor === owner ? `${owner!.name} is still there` : null,
    );
  },

  async occupy(trial) {
    await trial.stopOwner();
    if (trial.findings.violated) return;
    const listen = `require("node:net").createServer().listen(${trial.tcpPort}, "127.0.0.1", () => console.log("up"))`;
    await trial.stranger(listen);
    const contenders = await trial.contend(CONTENDERS);
    const owner = trial.survivors[0]?.name;
    trial.findings.look(
      'no process owns while the TCP port is held',
      owner === undefined ? null : `${owner} runs`,
    );
    trial.othersLeft('occupy', contenders, EXIT.blocked);
    trial.strangersLive();
  },
};
