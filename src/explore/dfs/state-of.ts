/** Reads from a run what the search has to know of the state that it has reached. */
import { plannedFaults } from '../../scenario/index.ts';
import type { DfsRun } from './dfs-run.ts';
import type { ReachedState } from './state.ts';

/**
 * @param preemptions how often another process went on so far although the last could
 * @param isBounded whether the number of preemptions is limited: then states differ by it, and by the process that ran last
 */
export function stateOf(run: DfsRun, preemptions: number, isBounded: boolean): ReachedState {
  const { scheduler, table, busyTime } = run.machine;
  const candidates = candidatesOf(run);
  const { last } = scheduler;
  const mayGoOn = last !== null && candidates.has(last.index) ? last.index : null;
  return {
    candidates,
    undisturbed: undisturbedOf(run),
    processes: 1 + table.all().reduce((highest, { index }) => Math.max(highest, index), -1),
    isLeft: plannedFaults(run.scenario).map((_, i) => run.faultsLeft(i + 1) > 0),
    last: mayGoOn,
    preemptions,
    fingerprint: run.fingerprint(isBounded ? [preemptions, mayGoOn ?? -1] : []),
    mayBeBusyLater: busyTime.isLeft,
    restore: run.saveAll(),
  };
}

/** By process, the numbers of its operations among the candidates of the scheduler. */
function candidatesOf({ machine: { scheduler } }: DfsRun): Map<number, number[]> {
  const candidates = new Map<number, number[]>();
  for (let i = 0; i < scheduler.count(); i++) {
    const { index } = scheduler.candidate(i).process;
    const own = candidates.get(index);
    if (own === undefined) candidates.set(index, [i]);
    else own.push(i);
  }
  return candidates;
}

function undisturbedOf({ machine: { scheduler } }: DfsRun): Set<number> {
  const undisturbed = new Set<number>();
  for (const { index, runnable, pending } of scheduler.active) {
    // At the end of a stop, the answer to a request may be too late: see resumeSockets.
    if (pending === 1 && runnable.length === 1 && runnable[0]!.operation.op !== 'request')
      undisturbed.add(index);
  }
  return undisturbed;
}
