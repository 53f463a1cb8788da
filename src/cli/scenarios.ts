import { existsSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Scenario } from '../scenario/index.ts';
import { importModule, ModuleError, scenariosIn } from '../scenario/modules.ts';
import { MISSING_PEERS, SCENARIOS } from '../systems/index.ts';
import type { Config } from './config.ts';
import { UsageError } from './errors.ts';
import { nearest } from './suggestions.ts';

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

/** What was named and cannot be checked, while other scenarios can. */
export type Unusable = BrokenFile | MissingScenario;

/** A file that cannot be loaded, or exports no scenario. */
export interface BrokenFile {
  /** As it was named on the command line, or as seen from here. */
  readonly file: string;
  readonly error: ModuleError | NoScenarioError;
}

/** A scenario of a published package that is not installed here. */
export interface MissingScenario {
  readonly scenario: Pick<Scenario, 'id' | 'expects'>;
  readonly error: UsageError;
}

export class NoScenarioError extends UsageError {}

const BUILT_IN_URL = new URL('../systems/index.js', import.meta.url).href;
const FILE = /\.(?:js|mjs|ts)$/;
const MOST_NAMED = 12;

/** Every scenario that can be called by its id: the config's, then the built-in ones. */
export async function namedScenarios(config: Config | null, unusable?: Unusable[]): Promise<Target[]> {
  return distinct([...(await configured(config, unusable)), ...builtIn()]);
}

/**
 * What to check: ids, globs of ids and files; without any, the config's scenarios, or else the built-in ones.
 *
 * @param unusable is given what cannot be checked, as long as anything else can; unless said, the first is thrown
 */
export async function selectScenarios(
  words: readonly string[],
  config: Config | null,
  unusable?: Unusable[],
): Promise<Target[]> {
  const targets: Target[] = [];
  if (words.length === 0) {
    const own = config !== null && config.scenarios.length > 0;
    targets.push(...(own ? await configured(config, unusable) : builtIn()));
  }
  const read = words.map((word) => ({ word, part: filePartOf(word) }));
  const named = read.every(({ part }) => part !== null) ? [] : await namedScenarios(config, unusable);
  for (const { word, part } of read) {
    if (part === null) targets.push(...matching(word, named, unusable));
    else {
      const all = await tolerate(part.file, unusable, () => loadFile(part.file));
      targets.push(...(part.id === null || all.length === 0 ? all : ofFile(part.id, all)));
    }
  }
  if (targets.length === 0 && unusable?.[0] !== undefined) throw unusable[0].error;
  return distinct(targets);
}

/** What cannot be loaded costs the others nothing. */
async function tolerate(
  file: string,
  unusable: Unusable[] | undefined,
  load: () => Promise<Target[]>,
): Promise<Target[]> {
  try {
    return await load();
  } catch (error) {
    if (unusable === undefined || !(error instanceof ModuleError || error instanceof NoScenarioError))
      throw error;
    if (!unusable.some((known) => 'file' in known && known.file === file)) unusable.push({ file, error });
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

async function configured(config: Config | null, unusable?: Unusable[]): Promise<Target[]> {
  if (config === null) return [];
  const targets: Target[] = [];
  for (const entry of config.scenarios) {
    if (typeof entry === 'string') {
      const path = resolve(dirname(config.path), entry);
      targets.push(...(await tolerate(relative(process.cwd(), path), unusable, () => load(path, null))));
    } else targets.push({ scenario: entry, url: config.url, from: null });
  }
  return targets;
}

function builtIn(): Target[] {
  return SCENARIOS.map((scenario) => ({ scenario, url: BUILT_IN_URL, from: null, builtIn: true }));
}

/**
 * @param unusable is given the scenarios of this name whose package is not installed
 * @throws UsageError when there is none. It may be in a file that cannot be loaded: then that is thrown
 */
function matching(glob: string, named: readonly Target[], unusable: Unusable[] | undefined): Target[] {
  const pattern = patternOf(glob);
  const targets = named.filter(({ scenario }) => pattern.test(scenario.id));
  if (targets.length > 0) return targets;
  const missing = missingOf((id) => pattern.test(id));
  if (missing.length > 0) {
    if (unusable === undefined) throw missing[0]!.error;
    unusable.push(...missing.filter(({ scenario }) => !isAmong(unusable, scenario.id)));
    return [];
  }
  const broken = unusable?.find((each) => 'file' in each);
  if (broken !== undefined) throw broken.error;
  const ids = named.map(({ scenario }) => scenario.id);
  const meant = nearest(glob, ids);
  if (meant.length > 0) {
    throw new UsageError(
      `no scenario is called ${JSON.stringify(glob)}; did you mean ${meant.join(' or ')}? Accepted: a .js, .mjs or .ts file, or an id, where * stands for anything (see one-survivor list)`,
    );
  }
  throw new UsageError(
    `no scenario is called ${JSON.stringify(glob)}; accepted: a .js, .mjs or .ts file, or an id, where * stands for anything: ${someOf(ids)} (see one-survivor list)`,
  );
}

function isAmong(unusable: readonly Unusable[], id: string): boolean {
  return unusable.some((each) => 'scenario' in each && each.scenario.id === id);
}

/** Of the scenarios of a file those that the part after `#` names. */
function ofFile(id: string, all: readonly Target[]): Target[] {
  const pattern = patternOf(id);
  const targets = all.filter(({ scenario }) => pattern.test(scenario.id));
  if (targets.length > 0) return targets;
  const wordOfId = new Map(all.map((target) => [target.scenario.id, wordOf(target)]));
  const meant = nearest(id, [...wordOfId.keys()]).map((known) => wordOfId.get(known));
  const hint = meant.length > 0 ? `did you mean ${meant.join(' or ')}? Accepted` : 'accepted';
  throw new UsageError(
    `${all[0]!.from} exports no scenario called ${JSON.stringify(id)}; ${hint}: ${someOf([...wordOfId.values()])}`,
  );
}

/** What names this scenario alone on the command line: its id, or FILE#ID. */
export function wordOf({ scenario: { id }, from }: Target): string {
  return from === null ? id : `${from}#${id}`;
}

/** A word that names a file, or FILE#ID; null: an id or a glob of ids. The file may contain `#`, an id neither `#` nor a dot. */
function filePartOf(word: string): { file: string; id: string | null } | null {
  if (FILE.test(word)) return { file: word, id: null };
  const at = word.lastIndexOf('#');
  const file = word.slice(0, Math.max(0, at));
  return FILE.test(file) ? { file, id: word.slice(at + 1) } : null;
}

function missingOf(wanted: (id: string) => boolean): MissingScenario[] {
  return MISSING_PEERS.flatMap(({ scenarios, why }) =>
    scenarios
      .filter(({ id }) => wanted(id))
      .map((scenario) => ({ scenario, error: new UsageError(`${scenario.id} cannot run here: ${why}`) })),
  );
}

/** Of published packages that are not installed here, says so. */
export function refuseMissing(wanted: (id: string) => boolean): void {
  const [missing] = missingOf(wanted);
  if (missing !== undefined) throw missing.error;
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

function patternOf(glob: string): RegExp {
  return new RegExp(`^${glob.split('*').map(literally).join('.*')}$`);
}

function someOf(names: readonly string[]): string {
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
  return `${names.slice(0, MOST_NAMED).join(', ')}${more}`;
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
