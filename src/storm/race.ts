/** Several starts at once, and what widens their races: slices, stops at random moments, one processor, load. */
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { monotonicMs } from '../node/clock.ts';
import { pauseFor } from '../real/pause.ts';
import { delayedRace } from './delayed-race.ts';
import { Draws } from './draws.ts';
import type { RaceMeans } from './means.ts';
import type { RacePlan } from './plan.ts';
import type { Start } from './starter.ts';
import { waitUntil } from './wait.ts';
import { type Tracked, topOf } from './watch.ts';

/** How long slices are, in milliseconds; and if all are kept in step. */
const SLICE_MS = [0.05, 2] as const;
const STEP_MS = [0.03, 0.2] as const;
/** How often they are kept in step, and how often then the one goes on that lags behind. */
const IN_STEP_SHARE = 0.75;
const LAGGARD_SHARE = 0.97;
const BURST_MS = 15;
/** A process that can run is given a processor within this time. */
const GIVEN_WITHIN_MS = 4;
const OWN_PRIORITY = -15;
const TARGET_PRIORITY = -10;
/** For how long one process at a time goes on, whatever a start takes. */
const SLICED_MS = [400, 5_000] as const;
const STOPS = [2, 5] as const;
const STOPPED_MS = [1, 400] as const;
/** Beside the time of its starts, load lasts. */
const LOADED_MS = 1_000;

/** @returns when all were started and the widening is over */
export async function race(plan: RacePlan, means: RaceMeans): Promise<Start[]> {
  const { starter, startupMs, watch } = means;
  const draws = new Draws(plan.seed);
  const pinned = plan.pinned && means.canPin;
  const begin = (stopped: boolean): Start => starter.start({ pinned, stopped });
  const atOnce = (): Start[] => {
    const starts = Array.from({ length: plan.starts }, () => begin(true));
    for (const { process } of starts) watch.signal(process, 'SIGCONT');
    return starts;
  };
  const kind = plan.kind === 'delays' && means.delays === null ? 'stops' : plan.kind;
  switch (kind) {
    case 'delays':
      return delayedRace(plan.starts, pinned, draws, means);
    case 'at once':
      return atOnce();
    case 'staggered': {
      const moments = Array.from({ length: plan.starts }, () => draws.unit() * 1.2 * startupMs).sort(
        (a, b) => a - b,
      );
      const beganMs = monotonicMs();
      const starts: Start[] = [];
      for (const moment of moments) {
        await pauseFor(Math.max(0, beganMs + moment - monotonicMs()));
        starts.push(begin(false));
      }
      return starts;
    }
    case 'stops': {
      const starts = atOnce();
      await stopSome(starts, draws, means);
      return starts;
    }
    case 'load': {
      const endLoad = starter.load();
      try {
        const starts = atOnce();
        await waitUntil(() => means.isOver(starts) || means.isStopped(), startupMs * plan.starts + LOADED_MS);
        return starts;
      } finally {
        endLoad();
      }
    }
    case 'slices': {
      const starts = Array.from({ length: plan.starts }, () => begin(true));
      await slice(starts, draws, means);
      return starts;
    }
  }
}

/** Some starts, or what they have started, are stopped at random moments for a random time. */
async function stopSome(starts: readonly Start[], draws: Draws, means: RaceMeans): Promise<void> {
  const { watch, startupMs } = means;
  const stops = Array.from({ length: draws.between(...STOPS) }, () => ({
    atMs: draws.unit() * 1.5 * startupMs,
    start: draws.pick(starts),
    forMs: draws.between(...STOPPED_MS),
    share: draws.unit(),
  }));
  const beganMs = monotonicMs();
  await Promise.all(
    stops.map(async ({ atMs, start, forMs, share }) => {
      await pauseFor(Math.max(0, beganMs + atMs - monotonicMs()));
      watch.look();
      const all = watch.living.filter((each) => topOf(each) === start.process);
      const target = all[Math.floor(share * all.length)];
      if (target === undefined || means.isStopped()) return;
      watch.signal(target, 'SIGSTOP');
      await pauseFor(forMs);
      watch.signal(target, 'SIGCONT');
    }),
  );
}

/** One process at a time goes on for a moment, the others are stopped: as if they shared a processor with a very short quantum. */
async function slice(starts: readonly Start[], draws: Draws, means: RaceMeans): Promise<void> {
  const { watch, startupMs } = means;
  const untilMs =
    monotonicMs() + Math.min(SLICED_MS[1], Math.max(SLICED_MS[0], 2 * startupMs * starts.length));
  const inStep = draws.unit() < IN_STEP_SHARE;
  const [least, most] = inStep ? STEP_MS : SLICE_MS;
  const tops = new Set(starts.map(({ process }) => process));
  const stopped = new Set<Tracked>();
  const undo = goFirst(starts.map(({ process }) => process));
  const signal = (target: Tracked, name: 'SIGSTOP' | 'SIGCONT'): void => {
    try {
      process.kill(target.pid, name);
    } catch {
      stopped.delete(target);
    }
  };
  try {
    while (monotonicMs() < untilMs && !means.isStopped()) {
      watch.look();
      if (means.isOver(starts)) break;
      const targets = watch.living.filter((each) => tops.has(topOf(each)!));
      if (targets.length === 0) break;
      for (const each of stopped) if (!targets.includes(each)) stopped.delete(each);
      for (const each of targets) {
        signal(each, 'SIGSTOP');
        stopped.add(each);
      }
      const waiting = new Set<Tracked>();
      for (const burstMs = monotonicMs() + BURST_MS; monotonicMs() < burstMs; ) {
        const able = targets.filter((each) => !waiting.has(each));
        // All of them wait for something: time has to pass.
        if (able.length === 0) break;
        const target = inStep && draws.unit() < LAGGARD_SHARE ? laggardOf(able) : draws.pick(able);
        const before = turnsOf(target.pid);
        signal(target, 'SIGCONT');
        if (runs(target.pid, before)) busyFor(draws.between(least * 1000, most * 1000) / 1000);
        else waiting.add(target);
        signal(target, 'SIGSTOP');
      }
      if (waiting.size === targets.length) {
        for (const each of targets) signal(each, 'SIGCONT');
        busyFor(1);
      }
      // Ends of starts are seen.
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    for (const each of stopped) watch.signal(each, 'SIGCONT');
    undo();
  }
}

/** Timers of Node are too coarse. */
function busyFor(ms: number): void {
  for (const untilMs = monotonicMs() + ms; monotonicMs() < untilMs; );
}

/**
 * The one that has come least far: by the bytes that it has read and written, then by its page faults. Runs of one program have nearly the same
 * of both, much more so than time on a processor.
 */
function laggardOf(targets: readonly Tracked[]): Tracked {
  let [laggard] = targets;
  let least: readonly [number, number] = [Number.POSITIVE_INFINITY, 0];
  for (const each of targets) {
    const [bytes, faults] = progressOf(each.pid);
    if (bytes > least[0] || (bytes === least[0] && faults >= least[1])) continue;
    laggard = each;
    least = [bytes, faults];
  }
  return laggard!;
}

function progressOf(pid: number): readonly [bytes: number, faults: number] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const faults = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[7]);
    const [, read, written] = /^rchar: (\d+)\nwchar: (\d+)/.exec(readIo(pid)) ?? [];
    return [Number(read ?? 0) + Number(written ?? 0), faults];
  } catch {
    return [Number.POSITIVE_INFINITY, 0];
  }
}

/** Empty if this kernel does not count it. */
function readIo(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/io`, 'latin1');
  } catch {
    return '';
  }
}

/** How often it was given a processor; `null` if it has ended. */
function turnsOf(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')[2] ?? null;
  } catch {
    return null;
  }
}

/** Whether it is given a processor soon: otherwise it waits for something, or all processors are busy. */
function runs(pid: number, before: string | null): boolean {
  for (const untilMs = monotonicMs() + GIVEN_WITHIN_MS; monotonicMs() < untilMs; ) {
    const now = turnsOf(pid);
    if (now === null) return false;
    if (now !== before) return true;
  }
  return false;
}

/** Before processes that do not belong to the storm; only root may. @returns what undoes it for this process */
function goFirst(targets: readonly Tracked[]): () => void {
  const before = os.getPriority();
  const set = (pid: number, priority: number): void => {
    try {
      os.setPriority(pid, priority);
    } catch {
      // Without the permission, or it has ended.
    }
  };
  for (const { pid } of targets) set(pid, TARGET_PRIORITY);
  set(process.pid, OWN_PRIORITY);
  return () => set(process.pid, before);
}
