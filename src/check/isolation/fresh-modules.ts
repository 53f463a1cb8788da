// Loads a module again, with all modules of the project that it imports, so that the instance shares no variables with others.
import module, { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { ignore } from '../../ports/ignore.ts';
import { importModule, stripsTypes } from '../../scenario/modules.ts';
import { freshUrl, isProjects, type Loading, tagged } from './fresh-url.ts';

/** This package's compiled modules. */
const OWN = new URL('../../', import.meta.url).href;
const OWN_PATH = fileURLToPath(OWN);

const { cache } = createRequire(import.meta.url);
/** The number of the instance that is being loaded, for hooks that may run in another thread. */
const current = new Int32Array(new SharedArrayBuffer(4));
let instances = 0;
/** Instances are loaded one at a time, because {@link cache} is emptied meanwhile. */
let loading: Promise<unknown> = Promise.resolve();

/**
 * Imports a fresh instance of a module. ES modules, CommonJS and TypeScript of the project are loaded again, but not packages in
 * `node_modules`, JSON, and this package. Side effects of loading happen again, except logging. Instances are never unloaded.
 *
 * @throws ModuleError if it cannot be imported
 */
export function importFresh(url: string): Promise<Record<string, unknown>> {
  const loaded = loading.then(() => load(url, ++instances));
  loading = loaded.catch(() => {});
  return loaded;
}

/** Whether a module belongs to this package, whose own tests check that its scenarios share no memory. */
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

/** Removes CommonJS modules, and those compiled by jiti, from `require.cache`. Returns a function that restores them. */
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
/** In Node 22.15 and later. */
interface SyncHooks {
  registerHooks?(hooks: {
    resolve(specifier: string, context: Parameters<Resolve>[1], next: Resolve): Resolved;
  }): { deregister(): void };
}

let inThread = false;

/**
 * Call it before the first run. On Node 20, the hooks change how long an `import()` takes, which should be the same in all
 * runs, because programs may call it.
 */
export function prepareLoading(): void {
  if ((module as SyncHooks).registerHooks !== undefined) return;
  try {
    addHooks();
  } catch {
    // The error is reported when a module must be loaded again.
  }
}

/** @returns a function that removes them, if that is possible */
function addHooks(): () => void {
  const { registerHooks } = module as SyncHooks;
  if (registerHooks === undefined) {
    // On Node 20, the hooks run in another thread until the process ends, and ignore everything except our instances.
    if (!inThread) module.register('./loader-hooks.js', import.meta.url, { data: { current, own: OWN } });
    inThread = true;
    return () => {};
  }
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      // require() finds modules by path, so it cannot use URLs with a query.
      if (!context.conditions.includes('import')) return resolved;
      const how: Loading = { current: Atomics.load(current, 0), own: OWN };
      return { ...resolved, url: freshUrl(resolved.url, context.parentURL, how) };
    },
  });
  return () => hooks.deregister();
}

/** What a module logs while loading was already shown for its first instance. */
function silent(console: Console): Console {
  return new Proxy(console, {
    get: (target, key) =>
      typeof Reflect.get(target, key) === 'function' ? ignore : Reflect.get(target, key),
  });
}
