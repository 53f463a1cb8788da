/** For what only a clone of the repository can do. */
import { existsSync } from 'node:fs';
import { UsageError } from './errors.ts';

const THIS = new URL('./main.js', import.meta.url);
/** The same command line with a file for each module, which `npm run build` makes, and which is not published. */
const WITH_MODULES = new URL('../../build/cli/main.js', import.meta.url);

/**
 * Makes sure that each module is a file, as mutants require: a mutant replaces one module, and the published files contain many.
 * If it is not so, the whole command runs again where it is, and ends the process.
 *
 * @throws UsageError in an installed package
 */
export async function requireModules(): Promise<void> {
  if (THIS.href === WITH_MODULES.href) return;
  if (!existsSync(WITH_MODULES)) {
    throw new UsageError(
      'mutants replace single modules of one-survivor, which an installed package has only as a bundle: clone its repository, run "npm ci" there, and run the command in the clone',
    );
  }
  await import(WITH_MODULES.href);
}
