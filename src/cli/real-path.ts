import { readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** As Linux. */
const MOST_LINKS = 40;

/**
 * One spelling for all paths of a file, whether or not it exists: absolute, and without symbolic links, even those to a file that does not
 * exist yet.
 */
export function realPath(path: string, links = MOST_LINKS): string {
  const absolute = resolve(path);
  try {
    return realpathSync.native(absolute);
  } catch {
    const parent = dirname(absolute);
    if (parent === absolute) return absolute;
    const folder = realPath(parent, links);
    const linked = links > 0 ? linkedTo(absolute) : null;
    return linked === null ? join(folder, basename(absolute)) : realPath(resolve(folder, linked), links - 1);
  }
}

function linkedTo(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
