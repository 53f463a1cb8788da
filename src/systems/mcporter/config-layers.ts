import { isSystemError, type Ports } from '../../ports/index.ts';
import { CONFIG } from './setup.ts';

/** A file that the configuration is made of, and when it was changed; null: there is none. */
interface ConfigLayer {
  readonly path: string;
  readonly mtimeMs: number | null;
}

/**
 * How the layers are computed: `shared`, as host and client both do it now: where no file is found, the primary path
 * stands for it. `host`: as the host alone once did, without that.
 */
export type Layers = 'shared' | 'host';

/** Names the configuration as it is now. */
export async function collectLayers(
  ports: Pick<Ports, 'fs'>,
  how: Layers,
  path: string = CONFIG,
): Promise<string> {
  return formatLayers(await mtimeOf(ports, path), how, path);
}

export function formatLayers(mtimeMs: number | null, how: Layers, path: string = CONFIG): string {
  const layers: ConfigLayer[] = mtimeMs === null && how === 'host' ? [] : [{ path, mtimeMs }];
  return JSON.stringify(layers);
}

async function mtimeOf({ fs }: Pick<Ports, 'fs'>, path: string): Promise<number | null> {
  try {
    return (await fs.stat(path)).mtimeMs;
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}
