/** Pages of the viewer: self-contained, with the script and the style that the build has made. */
import { readFileSync } from 'node:fs';
import type { Replay } from '../check/index.ts';
import type { Evidence } from '../report/index.ts';
import { type HowToReplay, type PageAssets, pageData, pageHtml } from '../report/page/index.ts';
import { VERSION } from './version.ts';

/** The script or the style is missing. The message says what to do. */
export class ViewerError extends Error {
  override readonly name = 'ViewerError';
}

/**
 * A page to step through a run, next to the run in which the critical events are swapped, if it is known.
 *
 * @throws ViewerError
 */
export async function viewerPage(
  again: Replay,
  evidence: Evidence,
  how: Omit<HowToReplay, 'readSource'>,
): Promise<string> {
  const assets = viewerAssets();
  return pageHtml(await pageData(again, evidence, { ...how, readSource }, VERSION), assets);
}

/** @throws ViewerError */
export function viewerAssets(): PageAssets {
  return { script: asset('viewer.js'), style: asset('viewer.css') };
}

/** A file of the programs. It may be gone, or be no file of this machine. */
export function readSource(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function asset(name: string): string {
  const url = new URL(`../../dist/viewer/${name}`, import.meta.url);
  try {
    return readFileSync(url, 'utf8');
  } catch {
    throw new ViewerError(
      `the viewer is not built: there is no ${url.pathname}. In a clone, run npm run build`,
    );
  }
}
