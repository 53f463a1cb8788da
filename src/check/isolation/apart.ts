// Makes a run again with a fresh module instance for each process, and compares: a real process has memory of its own.
import type { Program } from '../../ports/index.ts';
import type { Stop } from '../../run/deadline.ts';
import type { Failure } from '../../run/failure.ts';
import { ReplayedChoices } from '../../run/recorded-choices.ts';
import { lineOf, type TraceEvent } from '../../run/trace.ts';
import type { Scenario } from '../../scenario/options.ts';
import { TAG } from './fresh-url.ts';
import { instancesOf } from './instances.ts';
import { compare, type TracedRun, tracedRun, type Unstable } from './traced-run.ts';

/** The module that exports a scenario. */
export interface Origin {
  readonly url: string;
  /** The scenario was loaded by another loader than Node's own, such as vitest's: its errors may have other texts. */
  readonly transformed?: boolean;
}

/** How a run went when no two processes shared a module instance. */
interface Apart {
  readonly failure: Failure | null;
  /** Null: it went the same way. */
  readonly unstable: Unstable | null;
}

/**
 * Makes a run again.
 *
 * @throws ModuleError when the module cannot be loaded again
 * @throws InstanceError when it exports another definition of the scenario by then
 */
export async function runApart(
  scenario: Scenario,
  { url, transformed = false }: Origin,
  before: TracedRun,
  patienceMs: number | undefined,
  stop?: Stop,
): Promise<Apart> {
  const processes = before.events.filter(({ op }) => op === 'start').length;
  const instances = await instancesOf(scenario, url, processes);
  const again = async (programs: readonly Scenario[]): Promise<TracedRun> =>
    withoutTags(
      await tracedRun(
        withPrograms(scenario, programs),
        new ReplayedChoices(before.schedule),
        patienceMs,
        stop,
      ),
    );
  const apart = await again(instances);
  const { failure } = apart;
  const unstable = compare(before, apart);
  if (unstable === null || !transformed) return { failure, unstable };
  const together = await again(instances.slice(0, 1));
  return { failure, unstable: compare(together, apart) };
}

/** Each process runs a program of the next instance. For one run. */
function withPrograms(scenario: Scenario, instances: readonly Scenario[]): Scenario {
  let started = 0;
  const programs = new Map<string, Program>();
  for (const name of scenario.programs.keys()) {
    programs.set(name, (ports, argv) => {
      const instance = instances[started++ % instances.length]!;
      return instance.programs.get(name)!(ports, argv);
    });
  }
  return { ...scenario, programs };
}

/** An instance may have written down its own URL. */
function withoutTags(run: TracedRun): TracedRun {
  return { ...run, events: run.events.map(withoutTag) };
}

const TAGS = new RegExp(`[?&]${TAG}=\\d+`, 'g');

function withoutTag(event: TraceEvent): TraceEvent {
  const line = lineOf(event);
  return line.includes(TAG) ? (JSON.parse(line.replaceAll(TAGS, '')) as TraceEvent) : event;
}
