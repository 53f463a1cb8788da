/** What all runs of a scenario share, computed once. */
import { type Container, containersOf } from '../scenario/containers.ts';
import type { Scenario } from '../scenario/options.ts';
import type { MachineOptions } from '../sim/index.ts';

export interface RunParts {
  readonly containers: ReadonlyMap<string, Container>;
  readonly options: MachineOptions;
}

const known = new WeakMap<Scenario, RunParts>();

export function partsOf(scenario: Scenario): RunParts {
  let parts = known.get(scenario);
  if (parts === undefined) {
    parts = {
      containers: containersOf(scenario.start),
      options: { durable: Object.hasOwn(scenario.faults, 'power-cut'), ...scenario.machine },
    };
    known.set(scenario, parts);
  }
  return parts;
}
