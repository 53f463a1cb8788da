/** Names the definition of a scenario: the same schedule means the same run only with the same definition. */
import { FAULT_NAMES, type FaultName, type FaultPlan } from '../sim/index.ts';
import { fnv1a } from './hash.ts';
import type { ScenarioOptions } from './options.ts';
import { MACHINE_FIELDS, SETTINGS_FIELDS, START_FIELDS } from './schema.ts';

/** Changes whenever the same schedule would mean another run. Part of every scenario's hash. */
const SIMULATION_VERSION = 4;

function faultsInOrder(faults: FaultPlan): FaultPlan {
  const plan: Partial<Record<FaultName, unknown>> = {};
  for (const [name, settings] of Object.entries(inOrder(FAULT_NAMES, faults))) {
    plan[name as FaultName] = typeof settings === 'object' ? inOrder(SETTINGS_FIELDS, settings) : settings;
  }
  return plan as FaultPlan;
}

/** Of all that is plain data. Programs are left out: a recorded token must still run once a bug in them is fixed. */
export function hashOf(options: Required<Omit<ScenarioOptions, 'violates'>>): string {
  const { id, start, faults, machine, faultsForMs, settleMs, maxSteps, crashes, ambient, programs } = options;
  const names = Object.keys(programs).sort();
  return fnv1a(
    JSON.stringify([
      SIMULATION_VERSION,
      id,
      names,
      start.map((who) => inOrder(START_FIELDS, who)),
      faultsInOrder(faults),
      inOrder(MACHINE_FIELDS, machine),
      faultsForMs,
      settleMs,
      maxSteps,
      crashes,
      // Only where it is said, so that older tokens stay good.
      ...(ambient === 'allowed' ? [ambient] : []),
    ]),
  );
}

/** In the order of the interface: who writes the same in another order means the same. */
function inOrder<T extends object>(fields: readonly string[], value: T): T {
  const known = fields.filter((field) => Object.hasOwn(value, field));
  return Object.fromEntries(known.map((field) => [field, value[field as keyof T]])) as T;
}
