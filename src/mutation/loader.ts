/** Tells the loader of this thread about mutants. The hooks stay, and let all other modules through. */
import { once } from 'node:events';
import module from 'node:module';
import { MessageChannel } from 'node:worker_threads';
import {
  addModules,
  compiledSpecifier,
  type MutantModules,
  patchedCode,
  sharedOrMutantUrl,
} from './module-hooks.ts';

type Add = (modules: MutantModules) => void | Promise<void>;

/** Of Node 22.15 and later. */
interface SyncHooks {
  registerHooks?(hooks: {
    resolve(
      specifier: string,
      context: { parentURL?: string },
      next: (specifier: string, context: object) => { url: string },
    ): { url: string };
    load(url: string, context: object, next: (url: string, context: object) => object): object;
  }): void;
}

let add: Add | undefined;

/** From now on this thread can import the modules of a mutant. */
export async function addToLoader(modules: MutantModules): Promise<void> {
  add ??= (module as SyncHooks).registerHooks === undefined ? inLoaderThread() : inThisThread();
  await add(modules);
}

function inThisThread(): Add {
  (module as SyncHooks).registerHooks!({
    resolve(specifier, context, next) {
      const resolved = next(compiledSpecifier(specifier, context.parentURL), context);
      return { ...resolved, url: sharedOrMutantUrl(resolved.url, context.parentURL) };
    },
    load(url, context, next) {
      const source = patchedCode(url);
      return source === null ? next(url, context) : { format: 'module', source, shortCircuit: true };
    },
  });
  return addModules;
}

/** For Node 20, whose hooks live in a thread of their own. Newer Nodes deprecate it. */
function inLoaderThread(): Add {
  const { port1: ours, port2: port } = new MessageChannel();
  module.register('./loader-thread.js', import.meta.url, { data: { port }, transferList: [port] });
  let last: Promise<unknown> = Promise.resolve();
  return async (modules) => {
    last = last.then(() => {
      ours.postMessage(modules);
      return once(ours, 'message');
    });
    await last;
  };
}
