// Loads a module, and all modules of the project that it imports, once more: each instance has memory of its own.
import module, { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { importModule, stripsTypes } from '../../scenario/modules.ts';
import { freshUrl, isProjects, type Loading, tagged } from './fresh-url.ts';

/** This package's compiled modules. */
const OWN = new URL('../../', import.meta.url).href;
const OWN_PATH = fileURLToPath(OWN);

const { cache } = createRequire(import.meta.url);
/** The instance that is being loaded, for hooks that may run in a thread of their own. */
const current = new Int32Array(new SharedArrayBuffer(4));
let instances = 0;
/** One at a time: {@link cache} is emptied meanwhile. */
let loading: Promise<unknown> = Promise.resolve();

/**
 * Imports a fresh instance of a module. ES modules, CommonJS and TypeScript of the project are loaded again; packages in
 * `node_modules`, JSON and this package are not. What the modules do when they are loaded happens again, but what they log.
 * An instance is never unloaded.
 *
 * @throws ModuleError when it cannot be imported
 */
export function importFresh(url: string): Promise<Record<string, unknown>> {
  const loaded = loading.then(() => load(url, ++instances));
  loading = loaded.catch(() => {});
  return loaded;
}

/** Whether a module is one of this package: its own tests check that its scenarios share no memory. */
export function isOwn(url: string): boolean {
  return url.startsWith(OWN);
}

async function load(url: string, instance: number): Promise<Record<string, unknown>> {
  const removeHooks = addHooks();
  const restoreCache = withoutProjectModules();
  const { console } = globalThis;
  globalThis.console = silent(console);
  Atomics.store(current, 0, instance);
  try {
    const byJiti = /\.[cm]?ts$/.test(url) && !stripsTypes();
    return await importModule(byJiti ? url : tagged(url, instance));
  } finally {
    Atomics.store(current, 0, 0);
    globalThis.console = console;
    restoreCache();
    removeHooks();
  }
}

/** CommonJS modules, and what jiti has compiled, are found by their paths in `require.cache`. */
function withoutProjectModules(): () => void {
  const take = (): Record<string, NodeJS.Module | undefined> => {
    const taken: Record<string, NodeJS.Module | undefined> = {};
    for (const path of Object.keys(cache)) {
      if (!isProjects(path, OWN_PATH)) continue;
      taken[path] = cache[path];
      delete cache[path];
    }
    return taken;
  };
  const before = take();
  return () => {
    take();
    Object.assign(cache, before);
  };
}

type Resolve = (
  specifier: string,
  context: { parentURL?: string; conditions: readonly string[] },
) => Resolved;
interface Resolved {
  readonly url: string;
}
/** Of Node 22.15 and later. */
interface SyncHooks {
  registerHooks?(hooks: {
    resolve(specifier: string, context: Parameters<Resolve>[1], next: Resolve): Resolved;
  }): { deregister(): void };
}

let inThread = false;

/**
 * To be called before the first run. On Node 20 the hooks change how long an `import()` lasts, and programs may call it: it
 * should be the same in all runs.
 */
export function prepareLoading(): void {
  if ((module as SyncHooks).registerHooks !== undefined) return;
  try {
    addHooks();
  } catch {
    // It is said when a module is to be loaded again.
  }
}

/** @returns removes them, where that is possible */
function addHooks(): () => void {
  const { registerHooks } = module as SyncHooks;
  if (registerHooks === undefined) {
    // Node 20: the hooks live in a thread of their own until the process ends, and let all but our instances through.
    if (!inThread) module.register('./loader-hooks.js', import.meta.url, { data: { current, own: OWN } });
    inThread = true;
    return () => {};
  }
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      // A require() finds its modules by their paths.
      if (!context.conditions.includes('import')) return resolved;
      const how: Loading = { current: Atomics.load(current, 0), own: OWN };
      return { ...resolved, url: freshUrl(resolved.url, context.parentURL, how) };
    },
  });
  return () => hooks.deregister();
}

/** What a module logs when it is loaded has been shown once. */
function silent(console: Console): Console {
  const nothing = (): void => {};
  return new Proxy(console, {
    get: (target, key) =>
      typeof Reflect.get(target, key) === 'function' ? nothing : Reflect.get(target, key),
  });
}
