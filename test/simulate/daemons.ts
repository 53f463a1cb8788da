/** The small daemons of fixtures/guests/daemons, each with a bug, and the same fixed. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { baselineOf, type CommandOptions, ownerSeen } from '../../src/simulate/index.ts';

/** Those that have only files. */
export const FILE_DAEMONS = ['sync-pid-file', 'open-wx'] as const;

/** Those that listen, and how the owner is known of what is seen of them. */
export const LISTENING_DAEMONS = [
  ['port-check', { listensOn: { tcpPort: 7420 } }],
  ['unix-socket', { listensOn: { path: '/tmp/daemon.sock' } }],
  ['lock-around-listen', { listensOn: { path: '/tmp/locked-daemon/daemon.sock' } }],
  ['http-health', { listensOn: { tcpPort: 7430 } }],
] as const;

export const DAEMONS: readonly string[] = [...FILE_DAEMONS, ...LISTENING_DAEMONS.map(([name]) => name)];

export function daemonFile(name: string): string {
  const [common, module] = ['cjs', 'mjs'].map((end) =>
    fileURLToPath(new URL(`../../fixtures/guests/daemons/${name}.${end}`, import.meta.url)),
  );
  return existsSync(common!) ? common! : module!;
}

/** What `simulate` checks of a file. */
export async function commandOf(file: string): Promise<CommandOptions> {
  const { owner, pidFile } = await ownerSeen({ file }, await baselineOf({ file }));
  return { file, owner, pidFile };
}
