import type { Program } from '../../ports/index.ts';
import { NO_FAULTS, reconcile } from './reconcile.ts';
import { app } from './supervisor.ts';

/** The pull request after review: foreign, orphan or live, looked at again before the signal. */
export const AFTER: Program = (ports, argv) => {
  const consents = argv.includes('consents');
  return app({ reconcile: (of, { boot }) => reconcile(of, { boot, consents }, NO_FAULTS) })(ports, argv);
};
