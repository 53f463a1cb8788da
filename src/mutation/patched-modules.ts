/** Loads modules of this package with a patch in one of them, beside the same modules without it. */
import { importModule } from '../scenario/modules.ts';
import { compiledUrl, importersOf } from './importers.ts';
import { addToLoader } from './loader.ts';
import { type MutantModules, mutantUrl } from './module-hooks.ts';
import { applyPatch, MutantError, type Patch } from './patch.ts';
import { readSource, sourceUrl } from './sources.ts';

const prepared = new Map<string, Promise<MutantModules>>();

/**
 * Imports a module as it is with a patch. The patched module, and all that import it directly or through others, are loaded
 * once more, with memory of their own; all other modules are shared with the rest of this thread. Modules that are imported
 * with the same patch belong together. Threads that they start are not patched.
 *
 * @param entry the source of the module, below `src`: `check/index.ts`
 * @throws MutantError when the patch does not fit the source
 */
export async function importPatched(patch: Patch, entry: string): Promise<Record<string, unknown>> {
  const preparing = prepared.get(patch.name) ?? prepare(patch);
  prepared.set(patch.name, preparing);
  const { modules } = await preparing;
  const url = compiledUrl(entry);
  return importModule(modules.has(url) ? mutantUrl(url, patch.name) : url);
}

/** Whether a patch changes a module, because it imports the patched one, directly or through others. */
export function isChangedBy(patch: Patch, entry: string): boolean {
  return importersOf(compiledUrl(patch.module)).has(compiledUrl(entry));
}

/** @throws MutantError that names all patches that do not fit the sources */
export function checkPatches(patches: readonly Patch[]): void {
  const messages = patches.flatMap((patch) => {
    try {
      applyPatch(patch, readSource(patch.module));
      return [];
    } catch (error) {
      if (error instanceof MutantError) return [error.message];
      throw error;
    }
  });
  if (messages.length > 0) throw new MutantError(messages.join('\n\n'));
}

async function prepare(patch: Patch): Promise<MutantModules> {
  const patched = compiledUrl(patch.module);
  const code = await compile(patch, applyPatch(patch, readSource(patch.module)));
  const modules = { name: patch.name, modules: importersOf(patched), patched, code };
  await addToLoader(modules);
  return modules;
}

/** Types become blanks, so that errors show the place in the source. */
async function compile(patch: Patch, source: string): Promise<string> {
  const { transformSync } = await importTranspiler();
  try {
    const { code } = transformSync(source, { mode: 'strip-only', filename: patch.module });
    return `${code}\n//# sourceURL=${mutantUrl(sourceUrl(patch.module), patch.name)}\n`;
  } catch (error) {
    const reason = (error as { message?: string }).message ?? String(error);
    throw new MutantError(
      `with the mutant ${patch.name}, src/${patch.module} is no TypeScript: ${reason} Change it in ${patch.writtenIn}.`,
    );
  }
}

async function importTranspiler(): Promise<typeof import('@swc/wasm-typescript')> {
  try {
    return await import('@swc/wasm-typescript');
  } catch (cause) {
    throw new MutantError('mutants need the package @swc/wasm-typescript: run "npm ci"', { cause });
  }
}
