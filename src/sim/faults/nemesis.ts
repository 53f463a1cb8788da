import type { StateHasher } from '../kernel/digest.ts';
import type { SimMachine } from '../kernel/machine.ts';
import { type Restore, saveMap } from '../kernel/snapshot.ts';
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
import { FAULTS } from './faults.ts';

/** For the settings that a fault does not have. */
const NO_SETTINGS: Omit<FaultSettings, 'max'> = { forMs: [], under: '/', tcpPort: 0 };

interface Enabled {
  readonly fault: Fault;
  readonly settings: FaultSettings;
  readonly memory: Memory;
  left: number;
}

/** Injects the faults of a plan, each by a choice of the schedule. */
export class PlannedNemesis {
  readonly #machine: SimMachine;
  readonly #struck: (strike: Strike) => void;
  readonly #enabled: readonly Enabled[];
  /** How many have struck so far. */
  strikes = 0;

  constructor(machine: SimMachine, plan: FaultPlan, struck: (strike: Strike) => void) {
    this.#machine = machine;
    this.#struck = struck;
    this.#enabled = settingsOf(plan).map(([fault, settings]) => ({
      fault,
      settings,
      memory: new Map(),
      left: settings.max,
    }));
  }

  /** Whether any fault is named in the plan at all. */
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
    enabled.left--;
    this.strikes++;
    if (strike.process !== null) machine.takesPart(strike.process);
    this.#struck(strike);
    if (this.#enabled.every(({ left }) => left === 0)) machine.nemesis = null;
    return true;
  }

  /** How often the fault of a choice may still strike; choice 1 is the first. */
  leftOf(choice: number): number {
    return this.#enabled[choice - 1]?.left ?? 0;
  }

  /** By fault, how often it has struck. */
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

  digest(digest: StateHasher): void {
    for (const { left, memory } of this.#enabled) {
      digest.number(left);
      for (const [key, kept] of memory) {
        digest.text(key);
        digest.data(kept instanceof Map ? [...kept] : null);
      }
    }
  }

  /** The faults are over. */
  heal(): void {
    const machine = this.#machine;
    machine.nemesis = null;
    for (const { fault, memory } of this.#enabled) fault.heal?.(machine, memory);
  }
}

type FaultWithSettings = readonly [Fault, FaultSettings];

/** Of each plan: each run asks for them. */
const known = new WeakMap<FaultPlan, readonly FaultWithSettings[]>();

/** The faults of a plan that may strike. */
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
