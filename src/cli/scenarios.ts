import { existsSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Scenario } from '../check/index.ts';
import { importModule, ModuleError, scenariosIn } from '../check/modules.ts';
import { MISSING_PEERS, SCENARIOS } from '../systems/index.ts';
import type { Config } from './config.ts';
import { UsageError } from './errors.ts';
import { nearest } from './nearest.ts';

/** A scenario, and where a thread finds it again. */
export interface Target {
  readonly scenario: Scenario;
  /** The module that exports it. */
  readonly url: string;
  /** The file as it was named on the command line; null: found without. */
  readonly from: string | null;
  /** Comes with this package. */
  readonly builtIn?: boolean;
}

/** A file that cannot be loaded, or exports no scenario. */
export interface BrokenFile {
  /** As it was named on the command line, or as seen from here. */
  readonly file: string;
  readonly error: ModuleError | NoScenarioError;
}

export class NoScenarioError extends UsageError {}

const BUILT_IN_URL = new URL('../systems/index.js', import.meta.url).href;
const FILE = /\.(?:js|mjs|ts)$/;
const MOST_NAMED = 12;

/** Every scenario that can be called by its id: the config's, then the built-in ones. */
export async function namedScenarios(config: Config | null, broken?: BrokenFile[]): Promise<Target[]> {
  return distinct([...(await configured(config, broken)), ...builtIn()]);
}

/**
 * What to check: ids, globs of ids and files; without any, the config's scenarios, or else the built-in ones.
 *
 * @param broken is given the files that cannot be loaded, as long as anything else can; unless said, the first is thrown
 */
export async function selectScenarios(
  words: readonly string[],
  config: Config | null,
  broken?: BrokenFile[],
): Promise<Target[]> {
  const targets: Target[] = [];
  if (words.length === 0) {
    const own = config !== null && config.scenarios.length > 0;
    targets.push(...(own ? await configured(config, broken) : builtIn()));
  }
  const named = words.every((word) => FILE.test(word)) ? [] : await namedScenarios(config, broken);
  for (const word of words) {
    if (FILE.test(word)) targets.push(...(await tolerate(word, broken, () => loadFile(word))));
    else targets.push(...matching(word, named, broken));
  }
  if (targets.length === 0 && broken?.[0] !== undefined) throw broken[0].error;
  return distinct(targets);
}

/** What cannot be loaded costs the others nothing. */
async function tolerate(
  file: string,
  broken: BrokenFile[] | undefined,
  load: () => Promise<Target[]>,
): Promise<Target[]> {
  try {
    return await load();
  } catch (error) {
    if (broken === undefined || !(error instanceof ModuleError || error instanceof NoScenarioError))
      throw error;
    if (!broken.some((known) => known.file === file)) broken.push({ file, error });
    return [];
  }
}

/** The scenarios of a file that the command line names. */
export async function loadFile(file: string): Promise<Target[]> {
  if (!FILE.test(file)) {
    throw new UsageError(`${JSON.stringify(file)} is no scenario file; accepted: a .js, .mjs or .ts file`);
  }
  return load(resolve(file), file);
}

async function load(path: string, from: string | null): Promise<Target[]> {
  if (!existsSync(path)) throw new UsageError(`there is no file ${path}`);
  const url = pathToFileURL(path).href;
  const module = await importModule(url);
  const scenarios = scenariosIn(module);
  if (scenarios.length > 0) return scenarios.map((scenario) => ({ scenario, url, from }));
  const names = Object.keys(module);
  const got =
    names.length === 0 ? 'nothing' : names.map((name) => `${name} (${kindOf(module[name])})`).join(', ');
  throw new NoScenarioError(
    `${path} exports no scenario; got ${got}. Accepted: an export that scenario({…}) of one-survivor has returned, or an array of them`,
  );
}

async function configured(config: Config | null, broken?: BrokenFile[]): Promise<Target[]> {
  if (config === null) return [];
  const targets: Target[] = [];
  for (const entry of config.scenarios) {
    if (typeof entry === 'string') {
      const path = resolve(dirname(config.path), entry);
      targets.push(...(await tolerate(relative(process.cwd(), path), broken, () => load(path, null))));
    } else targets.push({ scenario: entry, url: config.url, from: null });
  }
  return targets;
}

function builtIn(): Target[] {
  return SCENARIOS.map((scenario) => ({ scenario, url: BUILT_IN_URL, from: null, builtIn: true }));
}

/** @throws UsageError when there is none. It may be in a file that cannot be loaded: then that is thrown */
function matching(glob: string, named: readonly Target[], [broken]: readonly BrokenFile[] = []): Target[] {
  const pattern = new RegExp(`^${glob.split('*').map(literally).join('.*')}$`);
  const targets = named.filter(({ scenario }) => pattern.test(scenario.id));
  if (targets.length > 0) return targets;
  if (broken !== undefined) throw broken.error;
  refuseMissing((id) => pattern.test(id));
  const ids = named.map(({ scenario }) => scenario.id);
  const meant = nearest(glob, ids);
  if (meant.length > 0) {
    throw new UsageError(
      `no scenario is called ${JSON.stringify(glob)}; did you mean ${meant.join(' or ')}? Accepted: a .js, .mjs or .ts file, or an id, where * stands for anything (see one-survivor list)`,
    );
  }
  const shown = ids.slice(0, MOST_NAMED).join(', ');
  const more = ids.length > MOST_NAMED ? ` and ${ids.length - MOST_NAMED} more` : '';
  throw new UsageError(
    `no scenario is called ${JSON.stringify(glob)}; accepted: a .js, .mjs or .ts file, or an id, where * stands for anything: ${shown}${more} (see one-survivor list)`,
  );
}

/** Of published packages that are not installed here, says so. */
export function refuseMissing(wanted: (id: string) => boolean): void {
  const missing = MISSING_PEERS.find(({ ids }) => ids.some(wanted));
  if (missing === undefined) return;
  throw new UsageError(`${missing.ids.join(', ')} cannot run here: ${missing.why}`);
}

/** The same scenario named twice counts once; two of one id are a mistake. */
function distinct(targets: readonly Target[]): Target[] {
  const byId = new Map<string, Target>();
  for (const target of targets) {
    const other = byId.get(target.scenario.id);
    if (other === undefined) byId.set(target.scenario.id, target);
    else if (other.url !== target.url || other.scenario !== target.scenario) {
      throw new UsageError(
        `two scenarios have the id ${target.scenario.id}: one of ${other.url}, one of ${target.url}; give one of them another id`,
      );
    }
  }
  return [...byId.values()];
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function isDescription(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'id' in value && 'programs' in value;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) {
    return value.some(isDescription) ? 'an array of descriptions: give each to scenario()' : 'an array';
  }
  if (isDescription(value)) return 'a description: give it to scenario()';
  return value === null ? 'null' : `${/^[aeiou]/.test(typeof value) ? 'an' : 'a'} ${typeof value}`;
}
