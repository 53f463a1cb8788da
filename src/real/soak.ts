/**
 * Faults on real owners, for minutes: processes killed and stopped, files lost, torn and foreign, owners in containers. After each fault one
 * owner must serve again; every few rounds all stop, and the traces of all are judged by the invariants of simulated runs.
 */
import { execFileSync } from 'node:child_process';
import { monotonicMs } from '../node/clock.ts';
import { Episode, type EpisodeOptions, isContained } from './soak-episode.ts';
import { type Below, OUTSIDE, STRIKES } from './soak-faults.ts';

const ROUNDS_OF_AN_EPISODE = 8;
/** One in so many starts is in a container. */
const CONTAINED = 4;

export interface SoakOptions extends Omit<EpisodeOptions, 'isStopped'> {
  readonly forMs: number;
  readonly seed: number;
  /** Ends it early. */
  readonly signal?: AbortSignal;
  /** Called after each episode. */
  readonly progress?: (soak: Soak) => void;
}

export interface Soak {
  readonly rounds: number;
  readonly episodes: number;
  /** How often each fault struck. */
  readonly faults: Readonly<Record<string, number>>;
  /** How starts ended, by exit code or signal. */
  readonly ends: Readonly<Record<string, number>>;
  /** How many starts there were in containers; `null` if the system does not permit PID namespaces. */
  readonly contained: number | null;
  readonly slowest: { readonly ms: number; readonly after: string };
  /** Why starts were blocked: expected of one in a container, or of one that another has overtaken; each says what was in the way. */
  readonly blocked: readonly string[];
  readonly violations: readonly string[];
}

/** The same seed gives the same faults, but not the same moments: these are real processes. */
export async function soak(options: SoakOptions): Promise<Soak> {
  const below = random(options.seed);
  const faults: Record<string, number> = {};
  const ends: Record<string, number> = {};
  const violations: string[] = [];
  const blocked: string[] = [];
  let contained = canContain() ? 0 : null;
  let slowest = { ms: 0, after: 'nothing' };
  let rounds = 0;
  let episodes = 0;
  const untilMs = monotonicMs() + options.forMs;
  const isStopped = (): boolean => options.signal?.aborted === true;
  const result = (): Soak => ({ rounds, episodes, faults, ends, contained, slowest, blocked, violations });

  const starts = async (episode: Episode, mayContain = true): Promise<void> => {
    const inContainer = contained !== null && below(CONTAINED) === 0 && mayContain;
    const count = 1 + below(3);
    if (inContainer) contained! += count;
    await episode.start(count, inContainer);
  };
  const strike = async (episode: Episode): Promise<void> => {
    const [owner] = episode.processes.alive;
    const names = Object.keys(STRIKES);
    const name = names[below(names.length)]!;
    faults[name] = (faults[name] ?? 0) + 1;
    const after = await STRIKES[name]!(episode, owner!, below);
    // What is stopped for good must be replaced before it may go on. Across PID namespaces that is not possible: then it goes on.
    await starts(episode, after === undefined && !OUTSIDE.has(name));
    if (after !== undefined && !isContained(owner!)) await episode.replaces(owner!, name);
    after?.();
    const ms = await episode.recovers(name);
    if (ms !== null && ms > slowest.ms) slowest = { ms, after: name };
    rounds++;
  };
  while (monotonicMs() < untilMs && !isStopped()) {
    const episode = await Episode.open({ ...options, isStopped });
    try {
      await starts(episode);
      await episode.recovers('the first starts');
      for (let round = 0; round < ROUNDS_OF_AN_EPISODE; round++) {
        // One in any case, however late the first owner is.
        if ((round > 0 && monotonicMs() > untilMs) || isStopped() || episode.violations.length > 0) break;
        await strike(episode);
      }
    } finally {
      for (const [how, count] of await episode.close()) ends[how] = (ends[how] ?? 0) + count;
    }
    episodes++;
    blocked.push(...episode.blocked);
    violations.push(...episode.violations.map((what) => `episode ${episodes}: ${what}`));
    options.progress?.(result());
  }
  return result();
}

/** Whether this process may make a PID namespace. */
export function canContain(): boolean {
  try {
    execFileSync('unshare', ['--pid', '--fork', '--mount-proc', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** mulberry32. */
function random(seed: number): Below {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}
