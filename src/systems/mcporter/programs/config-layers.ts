/** How the layers of a configuration are named, so that hosts and clients know whether it has changed. */
import type { Ports, Stat } from '../../../ports/index.ts';
import { orElse } from '../../vocabulary/index.ts';
import { CONFIG } from '../setup.ts';

/**
 * `shared`, as host and client both do it now: by the times of modification; where no file is found, the primary path stands
 * for it. `host`: as the host alone once did, without that. `changes`: by the times of change, which cannot be set.
 */
export type Layers = 'shared' | 'host' | 'changes';

/** Names the configuration as it is now. */
export async function collectLayers(
  { fs }: Pick<Ports, 'fs'>,
  how: Layers,
  path: string = CONFIG,
): Promise<string> {
  return formatLayers(await orElse(fs.stat(path), null), how, path);
}

/** @param stat null: there is no such file */
export function formatLayers(stat: Stat | null, how: Layers, path: string = CONFIG): string {
  if (stat === null && how === 'host') return '[]';
  const time = how === 'changes' ? { ctimeMs: stat?.ctimeMs ?? null } : { mtimeMs: stat?.mtimeMs ?? null };
  return JSON.stringify([{ path, ...time }]);
}
