/** Asks the violated invariant again, of the files, listeners and processes that are really there. */
import type { Run } from '../run/index.ts';
import type { World } from '../scenario/index.ts';
import type { RealEnd } from './coordinate/plan.ts';

/**
 * What the invariant says of the real end; undefined if it cannot be asked: it is no invariant of the scenario's own, or it compares with
 * what it has seen before, so that it does not even say the same again of the simulated end. Declarations (marks) of the real programs were
 * compared one by one, and are those of the run.
 */
export function askAgain(run: Run, end: RealEnd): string | null | undefined {
  const { failure, scenario, world } = run;
  const invariant = scenario.invariants.find(({ name }) => name === failure?.invariant);
  if (invariant === undefined || invariant.kind === 'sometimes') return undefined;
  const says = (of: World): string | null => {
    try {
      return invariant.check(of) ?? null;
    } catch (error) {
      return `it throws ${String(error)}`;
    }
  };
  if (says(world) !== messageOf(run)) return undefined;
  const { processes } = world;
  const states = processes.map((process) => [process, process.state] as const);
  for (const [process] of states) process.state = end.states[process.name] ?? 'gone';
  const complaint = says(seenAs(world, end));
  for (const [process, state] of states) process.state = state;
  return complaint;
}

/** What the violated invariant said of the simulated machine, without where it was violated. */
export function messageOf({ failure }: Run): string | null {
  return failure?.message.replace(/, at \S+$/, '') ?? null;
}

/** The world of the run, with what is real in place of the simulated. */
function seenAs(world: World, end: RealEnd): World {
  const real: Partial<World> = {
    files: () => ({ ...end.files }),
    listenersOn: (tcpPort) => {
      const names = new Set(
        end.listening.flatMap((each) => (each.tcpPort === tcpPort ? [each.process] : [])),
      );
      return world.processes.filter(({ name }) => names.has(name));
    },
  };
  return new Proxy(world, {
    get: (target, name) => {
      const value: unknown = Object.hasOwn(real, name)
        ? real[name as keyof World]
        : Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
