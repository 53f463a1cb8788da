import type { Session } from 'node:inspector';
import type { Schedule } from './choices/recorded.ts';
import { ReplayedChoices } from './choices/recorded.ts';
import { executeOne } from './execute.ts';
import { placeIn } from './place.ts';
import { Run } from './run.ts';
import type { Scenario } from './scenario.ts';

/** Real time for which a loop without an end is watched: longer each time, since a busy machine may give it none of it. */
const WATCHED_MS = [300, 1_000, 4_000] as const;

interface Profile {
  readonly nodes: readonly ProfileNode[];
}

interface ProfileNode {
  readonly id: number;
  readonly hitCount?: number;
  readonly children?: readonly number[];
  /** Its lines are counted from 0. */
  readonly callFrame: { readonly url: string; readonly lineNumber: number };
  /** Counted from 1. */
  readonly positionTicks?: readonly { readonly line: number; readonly ticks: number }[];
}

/**
 * Where a run spends its time that had to be ended by force: V8's profiler says which lines are executed.
 *
 * @returns `file:line`; null: not known, as where Node has no inspector
 */
export async function busyPlace(scenario: Scenario, schedule: Schedule): Promise<string | null> {
  for (const watchedMs of WATCHED_MS) {
    const session = await openSession();
    if (session === null) return null;
    const place = await watch(session, new Run(scenario, new ReplayedChoices(schedule)), watchedMs);
    if (place !== null) return place;
  }
  return null;
}

async function watch(session: Session, run: Run, watchedMs: number): Promise<string | null> {
  try {
    session.connect();
    await post(session, 'Profiler.enable');
    await post(session, 'Profiler.start');
    await executeOne(run, watchedMs);
    const { profile } = (await post(session, 'Profiler.stop')) as { profile: Profile };
    return busiestOf(profile);
  } catch {
    return null;
  } finally {
    session.disconnect();
  }
}

/** Of the innermost function in people's code: most of the time may be spent in what it calls. */
function busiestOf({ nodes }: Profile): string | null {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const hitsOf = ({ hitCount = 0, children = [] }: ProfileNode): number =>
    children.reduce((sum, id) => sum + hitsOf(byId.get(id)!), hitCount);
  const isIn = (node: ProfileNode, wanted: ProfileNode): boolean =>
    (node.children ?? []).some((id) => byId.get(id) === wanted || isIn(byId.get(id)!, wanted));
  const own = nodes.filter((node) => placeOf(node, 1) !== null && hitsOf(node) > 0);
  const innermost = own.filter((node) => !own.some((other) => isIn(node, other)));
  const [busiest] = innermost.sort((a, b) => hitsOf(b) - hitsOf(a));
  if (busiest === undefined) return null;
  const [most] = [...(busiest.positionTicks ?? [])].sort((a, b) => b.ticks - a.ticks);
  return placeOf(busiest, most?.line ?? busiest.callFrame.lineNumber + 1);
}

function placeOf({ callFrame: { url } }: ProfileNode, line: number): string | null {
  if (url === '') return null;
  return placeIn(`    at ${url}:${line}:1`)?.replace(/:1$/, '') ?? null;
}

async function openSession(): Promise<Session | null> {
  try {
    const { Session } = await import('node:inspector');
    return new Session();
  } catch {
    return null;
  }
}

function post(session: Session, method: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    session.post(method, (error: Error | null, result?: object) =>
      error === null ? resolve(result) : reject(error),
    );
  });
}
