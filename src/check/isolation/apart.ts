// Repeats a run with a fresh module instance for each process, and compares: real processes do not share memory.
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
  /** The scenario was not loaded by Node's own loader, but by vitest's for example: messages of errors may differ. */
  readonly transformed?: boolean;
}

/** The result of a run in which processes do not share module instances. */
interface Apart {
  readonly failure: Failure | null;
  /** `null` if the runs are equal. */
  readonly unstable: Unstable | null;
}

/**
 * Repeats a run.
 *
 * @throws ModuleError if the module cannot be loaded again
 * @throws InstanceError if it now exports another definition of the scenario
 */
export async function runApart(
  scenario: Scenario,
  { url, transformed = false }: Origin,
  before: TracedRun,
  hangTimeoutMs: number | undefined,
  stop?: Stop,
): Promise<Apart> {
  const processes = before.events.filter(({ op }) => op === 'start').length;
  const instances = await instancesOf(scenario, url, processes);
  const again = async (programs: readonly Scenario[]): Promise<TracedRun> =>
    withoutTags(
      await tracedRun(
        withPrograms(scenario, programs),
        new ReplayedChoices(before.schedule),
        hangTimeoutMs,
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

/** A copy of the scenario, for one run, in which each process runs a program of the next instance. */
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

/** Removes instance numbers, because an instance may have recorded its own URL. */
function withoutTags(run: TracedRun): TracedRun {
  return { ...run, events: run.events.map(withoutTag) };
}

const TAGS = new RegExp(`[?&]${TAG}=\\d+`, 'g');

function withoutTag(event: TraceEvent): TraceEvent {
  const line = lineOf(event);
  return line.includes(TAG) ? (JSON.parse(line.replaceAll(TAGS, '')) as TraceEvent) : event;
}
