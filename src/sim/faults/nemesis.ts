import { accesses } from '../base/accesses.ts';
import { type Restore, saveMap } from '../base/snapshot.ts';
import type { StateVisitor } from '../base/state-hasher.ts';
import {
  defaultsOf,
  FAULT_NAMES,
  type Fault,
  type FaultName,
  type FaultPlan,
  type FaultSettings,
  type Memory,
  type Strike,
} from './fault.ts';
import type { FaultTarget } from './fault-target.ts';
import { FAULTS } from './faults.ts';

/** The values of settings that a fault does not have. */
const NO_SETTINGS: Omit<FaultSettings, 'max'> = { forMs: [], under: '/', tcpPort: 0 };

interface Enabled {
  readonly fault: Fault;
  readonly settings: FaultSettings;
  readonly memory: Memory;
  left: number;
}

/** Injects the faults of a plan when the schedule chooses them. */
export class PlannedNemesis {
  readonly #machine: FaultTarget;
  readonly #struck: (strike: Strike) => void;
  readonly #enabled: readonly Enabled[];
  /** How many faults have struck so far. */
  strikes = 0;

  constructor(machine: FaultTarget, plan: FaultPlan, struck: (strike: Strike) => void) {
    this.#machine = machine;
    this.#struck = struck;
    this.#enabled = settingsOf(plan).map(([fault, settings]) => ({
      fault,
      settings,
      memory: new Map(),
      left: settings.max,
    }));
  }

  /** Whether a plan has any faults. */
  static plans(plan: FaultPlan): boolean {
    return settingsOf(plan).length > 0;
  }

  strike(): boolean {
    const machine = this.#machine;
    const choice = machine.choices.choose(this.#enabled.length + 1, 'fault', machine.scheduler);
    if (choice === 0) return false;
    const enabled = this.#enabled[choice - 1]!;
    if (enabled.left === 0) return false;
    const strike = enabled.fault.strike(machine, enabled.settings, enabled.memory);
    if (strike === null) return false;
    if (accesses !== null) accesses.update(accesses.cells.of(`fault ${enabled.fault.name}`));
    enabled.left--;
    this.strikes++;
    if (strike.process !== null) machine.takesPart(strike.process);
    this.#struck(strike);
    if (this.#enabled.every(({ left }) => left === 0)) machine.nemesis = null;
    return true;
  }

  /** How often the fault of a choice may still strike. Choice 1 is the first fault. */
  leftOf(choice: number): number {
    return this.#enabled[choice - 1]?.left ?? 0;
  }

  /** How often each fault has struck. */
  strikesByFault(): [FaultName, number][] {
    return this.#enabled.map(({ fault, settings, left }) => [fault.name, settings.max - left]);
  }

  save(): Restore {
    const { strikes } = this;
    const left = this.#enabled.map((enabled) => enabled.left);
    const memories = this.#enabled.map(({ memory }) => saveMap(memory));
    return () => {
      this.strikes = strikes;
      for (const [i, enabled] of this.#enabled.entries()) {
        enabled.left = left[i]!;
        memories[i]!();
      }
    };
  }

  visit(into: StateVisitor): void {
    for (const { fault, left, memory } of this.#enabled) {
      into.part(into.cells.of(`fault ${fault.name}`));
      into.number(left);
      for (const [key, kept] of memory) {
        into.text(key);
        into.data(kept instanceof Map ? [...kept] : typeof kept === 'number' ? kept : null);
      }
    }
  }

  /** Ends the faults. */
  heal(): void {
    const machine = this.#machine;
    machine.nemesis = null;
    for (const { fault, memory } of this.#enabled) fault.heal?.(machine, memory);
  }
}

type FaultWithSettings = readonly [Fault, FaultSettings];

/** The settings of each plan, cached because each run needs them. */
const known = new WeakMap<FaultPlan, readonly FaultWithSettings[]>();

/** The enabled faults of a plan. */
function settingsOf(plan: FaultPlan): readonly FaultWithSettings[] {
  let settings = known.get(plan);
  if (settings === undefined) {
    settings = FAULT_NAMES.flatMap((name): FaultWithSettings[] => {
      const wanted = plan[name];
      if (wanted === undefined) return [];
      const fault = FAULTS[name];
      const said = typeof wanted === 'number' ? { max: wanted } : wanted;
      const all: FaultSettings = { max: 1, ...NO_SETTINGS, ...defaultsOf(fault), ...said };
      return all.max > 0 ? [[fault, all]] : [];
    });
    known.set(plan, settings);
  }
  return settings;
}
