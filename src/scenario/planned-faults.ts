/** The faults that a scenario enables. */
import { FAULT_NAMES, type FaultName } from '../sim/index.ts';
import type { Scenario } from './options.ts';

/** The faults that may strike. */
export function plannedFaults({ faults }: Pick<Scenario, 'faults'>): FaultName[] {
  return FAULT_NAMES.filter((name) => {
    const plan = faults[name] ?? 0;
    return typeof plan === 'number' ? plan > 0 : plan.max !== 0;
  });
}
