/** The TypeScript of this package, beside the compiled modules of a clone. */
import { existsSync, readFileSync } from 'node:fs';
import { MutantError } from './patch.ts';

const SRC = new URL('../../src/', import.meta.url);

/** @param path below `src`, as everywhere here: `model/contend.ts` */
export function sourceUrl(path: string): string {
  return new URL(path, SRC).href;
}

/** @throws MutantError when there is no such file */
export function readSource(path: string): string {
  const url = new URL(path, SRC);
  if (existsSync(url)) return readFileSync(url, 'utf8');
  throw new MutantError(`there is no file src/${path}`);
}
