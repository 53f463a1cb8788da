import type { SimMachine } from '../machine.ts';
import type { SimProcess } from '../process.ts';
import { FAULT_NAMES, type FaultName, type FaultPlan, type FaultSettings, type Strike } from './fault.ts';
import { FAULTS } from './faults.ts';

const DEFAULT_SETTINGS: FaultSettings = {
  max: 1,
  // A moment, longer than any heartbeat, longer than any lease.
  forMs: [50, 1_500, 20_000],
  under: '/',
};

interface Enabled {
  readonly name: FaultName;
  readonly settings: FaultSettings;
  left: number;
}

/** Injects the faults of a plan, each by a choice of the schedule. */
export class PlannedNemesis {
  readonly #machine: SimMachine;
  readonly #struck: (strike: Strike) => void;
  readonly #enabled: Enabled[];
  readonly #stoppedForGood = new Set<SimProcess>();
  /** How many have struck so far. */
  strikes = 0;

  constructor(machine: SimMachine, plan: FaultPlan, struck: (strike: Strike) => void) {
    this.#machine = machine;
    this.#struck = struck;
    this.#enabled = FAULT_NAMES.flatMap((name) => {
      const wanted = plan[name];
      if (wanted === undefined) return [];
      const settings = { ...DEFAULT_SETTINGS, ...(typeof wanted === 'number' ? { max: wanted } : wanted) };
      return settings.max > 0 ? [{ name, settings, left: settings.max }] : [];
    });
  }

  /** Whether any fault is named in the plan at all. */
  static plans(plan: FaultPlan): boolean {
    return Object.values(plan).some(
      (wanted) => (typeof wanted === 'number' ? wanted : (wanted.max ?? 1)) > 0,
    );
  }

  strike(): boolean {
    const machine = this.#machine;
    const choice = machine.choices.choose(this.#enabled.length + 1, 'fault');
    if (choice === 0) return false;
    const fault = this.#enabled[choice - 1]!;
    if (fault.left === 0) return false;
    const strike = FAULTS[fault.name].strike(machine, fault.settings);
    if (strike === null) return false;
    fault.left--;
    this.strikes++;
    if (strike.detail.forMs === 'ever' && strike.process !== null) this.#stoppedForGood.add(strike.process);
    this.#struck(strike);
    if (this.#enabled.every(({ left }) => left === 0)) machine.nemesis = null;
    return true;
  }

  /** The faults are over: whoever was stopped for a while goes on. */
  heal(): void {
    const machine = this.#machine;
    machine.nemesis = null;
    for (const process of machine.scheduler.active) {
      if (process.state !== 'stopped' || this.#stoppedForGood.has(process)) continue;
      machine.signal(null, process, 'SIGCONT', true);
    }
  }
}
