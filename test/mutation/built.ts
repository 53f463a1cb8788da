import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as mutation from '../../src/mutation/index.ts';
import { builtPackage } from '../cli/build.ts';

/** What src/mutation exports, compiled: mutants are made of compiled modules, and of one source. */
export async function builtMutation(): Promise<typeof mutation> {
  return import(/* @vite-ignore */ pathToFileURL(join(await builtPackage(), 'build/mutation/index.js')).href);
}
