/** A race in which calls on files return late: the first one of each start returns when all have made one. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { callsFolder, delayed, firstCaller } from './delays.ts';
import type { Draws } from './draws.ts';
import type { RaceMeans } from './means.ts';
import type { Start } from './starter.ts';
import { waitUntil } from './wait.ts';
import type { Tracked, Watch } from './watch.ts';

/** Of each call: long enough to stop its process meanwhile, and no longer than stops, after which a sound daemon goes on. */
const DELAY_MS = [100, 300] as const;
/** How long it takes until all have made a call, and until it is over then, beside the time of a start. */
const TOGETHER_MS = 5_000;
const OVER_MS = 3_000;
const LOOK_MS = 5;
const TRACED_NO_MORE_WITHIN_MS = 5_000;

/** @returns when all were started and nothing is delayed any more */
export async function delayedRace(
  number: number,
  pinned: boolean,
  draws: Draws,
  means: RaceMeans,
): Promise<Start[]> {
  const { watch, starter, startupMs } = means;
  const { directory, paths } = means.delays!;
  const folder = callsFolder(directory);
  mkdirSync(folder, { recursive: true });
  const starts: (Start & { readonly file: string })[] = [];
  for (let i = 0; i < number; i++) {
    const file = join(folder, String(starter.starts.length + 1));
    // Without files of its own, a round finds those of the one before.
    rmSync(file, { force: true });
    const before = delayed(paths, draws.between(...DELAY_MS), file);
    starts.push(Object.assign(starter.start({ pinned, before }), { file }));
  }
  const waiting = new Map<Start, Tracked>();
  try {
    await waitUntil(
      () => {
        watch.look();
        for (const start of starts) {
          if (waiting.has(start)) continue;
          const pid = firstCaller(start.file);
          const caller = watch.living.find((each) => each.pid === pid);
          if (caller !== undefined && watch.signal(caller, 'SIGSTOP')) waiting.set(start, caller);
        }
        return (
          means.isStopped() || starts.every((each) => waiting.has(each) || each.process.state === 'ended')
        );
      },
      2 * startupMs + TOGETHER_MS,
      LOOK_MS,
    );
    for (const caller of waiting.values()) watch.signal(caller, 'SIGCONT');
    await waitUntil(() => means.isOver(starts) || means.isStopped(), startupMs + OVER_MS);
  } finally {
    for (const caller of waiting.values()) watch.signal(caller, 'SIGCONT');
    await endTracers(watch);
  }
  return starts;
}

/** What was delayed goes on undisturbed. */
async function endTracers(watch: Watch): Promise<void> {
  await waitUntil(
    () => {
      watch.look();
      const left = watch.livingTracers;
      for (const each of left) watch.signal(each, 'SIGTERM');
      return left.length === 0;
    },
    TRACED_NO_MORE_WITHIN_MS,
    50,
  );
}
