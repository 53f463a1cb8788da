import { isSystemError, type Ports, type Stat } from '../../ports/index.ts';
import { CONFIG } from './setup.ts';

/**
 * How the layers of a configuration are named: `shared`, as host and client both do it now, by the times of modification;
 * where no file is found, the primary path stands for it. `host`: as the host alone once did, without that. `changes`: by
 * the times of change, which nobody can set.
 */
export type Layers = 'shared' | 'host' | 'changes';

/** Names the configuration as it is now. */
export async function collectLayers(
  { fs }: Pick<Ports, 'fs'>,
  how: Layers,
  path: string = CONFIG,
): Promise<string> {
  let stat: Stat | null = null;
  try {
    stat = await fs.stat(path);
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
  return formatLayers(stat, how, path);
}

/** @param stat null: there is no such file */
export function formatLayers(stat: Stat | null, how: Layers, path: string = CONFIG): string {
  if (stat === null && how === 'host') return '[]';
  const time = how === 'changes' ? { ctimeMs: stat?.ctimeMs ?? null } : { mtimeMs: stat?.mtimeMs ?? null };
  return JSON.stringify([{ path, ...time }]);
}
