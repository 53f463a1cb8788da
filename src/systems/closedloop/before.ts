import type { Program } from '../../ports/index.ts';
import { type Faults, NO_FAULTS, reconcile } from './reconcile.ts';
import { app } from './supervisor.ts';

/** Before the pull request: nobody looks who holds the TCP port. */
export const BEFORE: Program = app({ reconcile: async () => 'go' });

/** Its first version, with one of the faults that review found. */
export function firstVersion(fault: keyof Faults): Program {
  return (ports, argv) => {
    const consents = argv.includes('consents');
    const rules = { ...NO_FAULTS, [fault]: true };
    return app({ reconcile: (of, { boot }) => reconcile(of, { boot, consents }, rules) })(ports, argv);
  };
}
