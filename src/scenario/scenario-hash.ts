/** Identifies the definition of a scenario: a schedule gives the same run only with the same definition. */
import { FAULT_NAMES, type FaultName, type FaultPlan } from '../sim/index.ts';
import { fnv1a } from './hash.ts';
import type { ScenarioOptions } from './options.ts';
import { MACHINE_FIELDS, SETTINGS_FIELDS, START_FIELDS } from './schema.ts';

/** Part of every scenario's hash. Incremented when a change of the simulation makes schedules give other runs. */
const SIMULATION_VERSION = 4;

function faultsInOrder(faults: FaultPlan): FaultPlan {
  const plan: Partial<Record<FaultName, unknown>> = {};
  for (const [name, settings] of Object.entries(inOrder(FAULT_NAMES, faults))) {
    plan[name as FaultName] = typeof settings === 'object' ? inOrder(SETTINGS_FIELDS, settings) : settings;
  }
  return plan as FaultPlan;
}

/** Hashes everything that is plain data. Programs are excluded, so that a recorded token still replays after a bug is fixed. */
export function hashOf(options: Required<Omit<ScenarioOptions, 'violates' | 'owner'>>): string {
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
      // Only if it is not the default, so that older tokens stay valid.
      ...(ambient === 'allowed' ? [ambient] : []),
    ]),
  );
}

/** Puts fields in the order of the interface, so that the order in the source does not matter. */
function inOrder<T extends object>(fields: readonly string[], value: T): T {
  const known = fields.filter((field) => Object.hasOwn(value, field));
  return Object.fromEntries(known.map((field) => [field, value[field as keyof T]])) as T;
}
