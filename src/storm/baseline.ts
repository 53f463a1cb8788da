/** How a command is when nothing disturbs it: it is started alone, is killed when it has settled, and is started again. */
import { pauseFor } from '../real/pause.ts';
import { pidFilesOf } from './files.ts';
import { Idle } from './idle.ts';
import type { Alone, BaselineOrder, BaselineResult } from './order.ts';
import { Round } from './round.ts';
import { survivorsOf } from './survivors.ts';
import { waitUntil } from './wait.ts';

/** Nothing has changed for so long, once it listens, and before; without the time in which it ran or waited for a processor. */
const QUIET_MS = { listening: 1_000, otherwise: 3_000 };
const UNKNOWN_MS = 8_000;
const LOOK_MS = 20;
const GONE_WITHIN_MS = 10_000;

export async function baseline(
  order: BaselineOrder,
  onRound: (round: Round) => void,
): Promise<BaselineResult> {
  const round = new Round(order, order.owner);
  onRound(round);
  try {
    const first = await alone(round, order);
    const { hasFiles, shared } = round;
    if (first.survivors === 0 || round.isStopped) return { first, second: null, hasFiles, shared };
    for (const each of round.watch.living) round.watch.signal(each, 'SIGKILL');
    await waitUntil(() => {
      round.view.refresh();
      return round.watch.living.length === 0;
    }, GONE_WITHIN_MS);
    const second = await alone(round, order);
    return { first, second, hasFiles, shared };
  } finally {
    await round.end();
  }
}

async function alone(round: Round, { owner, settleMs }: BaselineOrder): Promise<Alone> {
  const { watch, view, starter } = round;
  const beganMs = watch.nowMs;
  const start = starter.start();
  let signature = '';
  let changedMs = beganMs;
  const idle = new Idle();
  idle.begin([], beganMs);
  while (!round.isStopped) {
    view.refresh();
    if (view.signature !== signature) {
      changedMs = watch.nowMs;
      idle.begin(watch.living, changedMs);
    }
    signature = view.signature;
    const quietMs = idle.forMs(watch.living, watch.nowMs);
    // If it is said how the owner is known, one comes, however long it takes to start.
    const isKnown = owner === null || view.owners.length > 0;
    if (isKnown && quietMs >= QUIET_MS[view.listeners.length > 0 ? 'listening' : 'otherwise'])
      if (view.listeners.length > 0 || quietMs >= UNKNOWN_MS || pidFilesNow(round).length > 0)
        // What it writes last, and by which it is known, may come later than its last process.
        break;
    // Nothing can change any more.
    if (watch.living.length === 0 && start.process.state === 'ended' && quietMs > 300) break;
    if (watch.nowMs - beganMs > settleMs) break;
    await pauseFor(LOOK_MS);
  }
  return {
    survivors: survivorsOf(view.observation({ struck: 0, overAtMs: 0 })).length,
    hasOwner: view.owners.length > 0,
    endpoints: view.listeners.map(({ endpoint }) => endpoint),
    pidFiles: pidFilesNow(round),
    files: round.files().map(({ path }) => path),
    ...{ printed: start.printed, exitCode: start.exitCode, signal: start.signal },
    settledMs: changedMs - beganMs,
  };
}

/** Where it listens, a file that names another process says something else. */
function pidFilesNow(round: Round): string[] {
  const [listener] = round.view.listeners;
  const living = round.watch.living.map(({ pid }) => pid);
  return pidFilesOf(round.files(), new Set(listener === undefined ? living : [listener.holder.pid]));
}
