/** The machine as invariants see it while accesses are logged. */
import { accesses, type SimMachine } from '../sim/index.ts';

/** The cell of all that does not log its accesses: each step counts as changing it. */
const MACHINE = 'machine';

/** What of a machine logs its accesses, or belongs to the step under way. */
const LOGGED: ReadonlySet<string | symbol> = new Set([
  ...['fs', 'clocks', 'table', 'listeners', 'identity', 'conditions', 'nowUs', 'current'],
]);

/** A machine of which each other access counts as one of all that each step changes. */
export function loggedMachine(machine: SimMachine): SimMachine {
  return new Proxy(machine, {
    get(target, key) {
      if (!LOGGED.has(key)) accesses?.read(accesses.cells.of(MACHINE));
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
