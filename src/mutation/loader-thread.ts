// The hooks in Node's loader thread, for a Node without `module.registerHooks`: see patched-modules.ts.
import type { MessagePort } from 'node:worker_threads';
import {
  addModules,
  compiledSpecifier,
  type MutantModules,
  patchedCode,
  sharedOrMutantUrl,
} from './module-hooks.ts';

/** Adds what comes through the port, and answers when it has. */
export function initialize({ port }: { port: MessagePort }): void {
  port.on('message', (modules: MutantModules) => {
    addModules(modules);
    port.postMessage('added');
  });
}

export async function resolve(
  specifier: string,
  context: { parentURL?: string },
  next: (specifier: string, context: object) => Promise<{ url: string }>,
): Promise<{ url: string }> {
  const resolved = await next(compiledSpecifier(specifier, context.parentURL), context);
  return { ...resolved, url: sharedOrMutantUrl(resolved.url, context.parentURL) };
}

export async function load(
  url: string,
  context: object,
  next: (url: string, context: object) => Promise<object>,
): Promise<object> {
  const source = patchedCode(url);
  return source === null ? next(url, context) : { format: 'module', source, shortCircuit: true };
}
