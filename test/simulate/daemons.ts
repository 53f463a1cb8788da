/** The small daemons of fixtures/guests/daemons, each with a bug, and the same fixed. */
import { fileURLToPath } from 'node:url';

/** The daemons, and by which file or socket their owners are known. */
export const DAEMONS = ['sync-pid-file', 'open-wx'] as const;

export function daemonFile(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/guests/daemons/${name}.cjs`, import.meta.url));
}
