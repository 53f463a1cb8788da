/** The modules of one simulated process: each has its own instances, and its own globals. */
import { builtinModules, isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { completed, refuse } from '../not-simulated.ts';
import { EsmModules } from './esm/esm-modules.ts';
import { DYNAMIC_IMPORT } from './esm/transform.ts';
import { GuestError } from './guest-error.ts';
import { isFile, resolveFrom } from './resolve.ts';
import { GLOBAL_PARAMETERS, MODULE_PARAMETERS, sourceOf } from './source.ts';

/** `require` of CommonJS. Packages loaded by it use `fs`, timers and `process` of the simulated machine. */
export interface GuestRequire {
  // biome-ignore lint/suspicious/noExplicitAny: as in Node.
  (name: string): any;
  resolve(name: string): string;
}

/** A CommonJS module, with the members that programs use. */
export interface GuestModule {
  id: string;
  readonly path: string;
  readonly filename: string;
  exports: unknown;
  loaded: boolean;
  readonly children: GuestModule[];
  readonly paths: string[];
  parent: GuestModule | null | undefined;
  require: GuestRequire;
}

/** What the modules of a process need of it. */
export interface ModulesOptions {
  /** Makes a built-in module of the process, by its name without `node:`. */
  readonly builtin: (name: string) => unknown;
  readonly globals: Readonly<Record<string, unknown>>;
  /** One turn of the event loop, which keeps the process alive. */
  readonly turn: (then: () => void) => void;
}

export class Modules {
  readonly #builtin: (name: string) => unknown;
  readonly #globals: readonly unknown[];
  readonly #esm: EsmModules;
  /** `require.cache`: by file. */
  readonly #cache: Record<string, GuestModule> = Object.create(null);
  readonly #builtins = new Map<string, unknown>();
  #main: GuestModule | undefined;

  constructor({ builtin, globals, turn }: ModulesOptions) {
    this.#builtin = builtin;
    this.#globals = GLOBAL_PARAMETERS.map((name) => globals[name]);
    this.#esm = new EsmModules({
      globals: this.#globals,
      builtin: (name) => this.#ofNode(name),
      requireFile: (file) => this.#load(file, undefined, false).exports,
      turn,
    });
  }

  /** Runs a file as `node FILE` does. @returns a promise if it, or a module that it imports, awaits at its top */
  runMain(filename: string): Promise<void> | undefined {
    if (sourceOf(filename).kind === 'module') return this.#esm.run(filename);
    this.#load(filename, null, true);
    return undefined;
  }

  /** `import()` in a file. */
  importFrom(filename: string, specifier: string): Promise<Record<string, unknown>> {
    return this.#esm.import(filename, specifier);
  }

  get main(): GuestModule | undefined {
    return this.#main;
  }

  requireFrom(filename: string, parent: GuestModule | null = null): GuestRequire {
    const resolve = (name: string) => {
      const id = resolveFrom(filename, name);
      // As in Node: a built-in module is named as it was asked for.
      return isFile(id) ? id : name;
    };
    const paths = (name: string) => (isBuiltin(name) ? null : nodeModulesAbove(dirname(filename)));
    return Object.assign((name: string) => this.#require(filename, name, parent), {
      resolve: Object.assign(resolve, { paths }),
      cache: this.#cache,
      main: this.#main,
      extensions: EXTENSIONS,
    });
  }

  #require(filename: string, name: string, parent: GuestModule | null): unknown {
    const id = resolveFrom(filename, name);
    if (!isFile(id)) return this.#ofNode(id);
    if (this.#cache[id] === undefined && sourceOf(id).kind === 'module')
      return this.#esm.require(id, filename);
    return this.#load(id, parent, false).exports;
  }

  #ofNode(name: string): unknown {
    let exports = this.#builtins.get(name);
    if (exports === undefined) {
      exports = name === 'module' ? this.#moduleModule() : this.#builtin(name);
      this.#builtins.set(name, exports);
    }
    return exports;
  }

  #load(filename: string, parent: GuestModule | null | undefined, isMain: boolean): GuestModule {
    const loaded = this.#cache[filename];
    if (loaded !== undefined) return loaded;
    const module = newModule(filename, parent, isMain);
    if (isMain) this.#main = module;
    module.require = this.requireFrom(filename, module);
    parent?.children.push(module);
    this.#cache[filename] = module;
    try {
      this.#run(module);
    } catch (error) {
      delete this.#cache[filename];
      throw error;
    }
    module.loaded = true;
    return module;
  }

  #run(module: GuestModule): void {
    const { filename } = module;
    const source = sourceOf(filename);
    if (source.kind === 'json') {
      module.exports = JSON.parse(source.text);
      return;
    }
    if (source.kind === 'module')
      throw new GuestError(`${filename} is an ES module: it cannot run as CommonJS`);
    const values: Record<string, unknown> = {
      exports: module.exports,
      require: module.require,
      module,
      __filename: filename,
      __dirname: module.path,
      [DYNAMIC_IMPORT]: (specifier: unknown, options: unknown) =>
        this.#esm.import(filename, specifier, options),
    };
    source.run(...this.#globals).apply(
      module.exports,
      MODULE_PARAMETERS.map((name) => values[name]),
    );
  }

  #moduleModule(): unknown {
    const createRequire = (from: unknown): GuestRequire => this.requireFrom(fileOf(from as string | URL));
    const module = function Module() {};
    const fileFor = (parent: unknown): string =>
      (parent as GuestModule | null | undefined)?.filename ?? join('/', 'main.js');
    const own = {
      ...{
        createRequire,
        isBuiltin,
        builtinModules,
        Module: module,
        globalPaths: [],
        _extensions: EXTENSIONS,
      },
      _cache: this.#cache,
      _load: (name: string, parent?: unknown) => this.#require(fileFor(parent), name, null),
      _resolveFilename: (name: string, parent?: unknown) => this.requireFrom(fileFor(parent)).resolve(name),
      _nodeModulePaths: (from: string) => nodeModulesAbove(from),
      wrap: (text: string) => `(function (exports, require, module, __filename, __dirname) { ${text}\n});`,
      // Caches of compiled code, and source maps: they change nothing that a program does.
      ...{ enableCompileCache: () => ({ status: 3 }), flushCompileCache: () => {} },
      ...{ findSourceMap: () => undefined, syncBuiltinESMExports: () => {} },
    };
    return completed('module', Object.assign(module, own));
  }
}

/** Programs look at it; another loader of theirs is not used, so it is refused. */
const EXTENSIONS: object = new Proxy(
  Object.freeze({ '.js': () => {}, '.json': () => {}, '.node': () => {} }),
  { set: (_, name) => refuse(`another loader of ${String(name)} files`) },
);

function newModule(filename: string, parent: GuestModule | null | undefined, isMain: boolean): GuestModule {
  return {
    id: isMain ? '.' : filename,
    path: dirname(filename),
    filename,
    exports: {},
    loaded: false,
    children: [],
    paths: nodeModulesAbove(dirname(filename)),
    parent,
    require: undefined as unknown as GuestRequire,
  };
}

function nodeModulesAbove(folder: string): string[] {
  const here = folder.endsWith('node_modules') ? [] : [join(folder, 'node_modules')];
  const above = dirname(folder);
  return above === folder ? here : [...here, ...nodeModulesAbove(above)];
}

/** A path or URL as a path. A folder is resolved to a file in it, so that packages are searched in the folder itself. */
export function fileOf(from: string | URL): string {
  const path = from instanceof URL || from.startsWith('file:') ? fileURLToPath(from) : from;
  return path.endsWith('/') ? join(path, 'main.js') : path;
}
