import type { Session } from 'node:inspector';
import { executeOne } from '../run/execute.ts';
import type { Schedule } from '../run/recorded-choices.ts';
import { ReplayedChoices } from '../run/recorded-choices.ts';
import { Run } from '../run/run.ts';
import type { Scenario } from '../scenario/options.ts';
import { placeIn } from '../scenario/source-location.ts';

/** For how long an endless loop is profiled, in real milliseconds. If the machine was too busy for a result, the next time is tried. */
const WATCHED_MS = [300, 1_000, 4_000];

interface Profile {
  readonly nodes: readonly ProfileNode[];
}

interface ProfileNode {
  readonly id: number;
  readonly hitCount?: number;
  readonly children?: readonly number[];
  /** Line numbers count from 0. */
  readonly callFrame: { readonly url: string; readonly lineNumber: number };
  /** Line numbers count from 1. */
  readonly positionTicks?: readonly { readonly line: number; readonly ticks: number }[];
}

/**
 * Where an interrupted run spends its time, according to V8's profiler.
 *
 * @returns `file:line`; `null` if unknown, for example if Node has no inspector
 */
export async function busyPlace(scenario: Scenario, schedule: Schedule): Promise<string | null> {
  for (const watchedMs of WATCHED_MS) {
    const place = await watch(scenario, schedule, watchedMs);
    if (place !== null) return place;
  }
  return null;
}

async function watch(scenario: Scenario, schedule: Schedule, watchedMs: number): Promise<string | null> {
  const session = await openSession();
  if (session === null) return null;
  try {
    session.connect();
    await post(session, 'Profiler.enable');
    // Discards optimized code, which the profiler cannot attribute to lines.
    await post(session, 'Profiler.startPreciseCoverage', { callCount: true });
    await post(session, 'Profiler.start');
    await executeOne(new Run(scenario, new ReplayedChoices(schedule)), watchedMs);
    const { profile } = (await post(session, 'Profiler.stop')) as { profile: Profile };
    return busiestOf(profile);
  } catch {
    return null;
  } finally {
    session.disconnect();
  }
}

/** The busiest line of the innermost user function, since most of the time may be spent in what it calls. */
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

function post(session: Session, method: string, parameters: object = {}): Promise<unknown> {
  return new Promise((resolve, reject) => {
    session.post(method, parameters, (error: Error | null, result?: object) =>
      error === null ? resolve(result) : reject(error),
    );
  });
}
