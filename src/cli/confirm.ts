/** What `npm run confirm` and the bench need to repeat built-in scenarios on real processes. */
import { fileURLToPath } from 'node:url';

export { replayReal } from '../lockstep/index.ts';

/** The bundle: its processes start sooner than those of single modules. */
export const lockstepEntry = fileURLToPath(new URL('../../dist/cli/lockstep-process.js', import.meta.url));
export const builtInUrl = new URL('../../dist/systems/index.js', import.meta.url).href;
