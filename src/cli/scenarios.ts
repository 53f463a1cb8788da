/** Which scenarios a command is about: those of the project, the built-in ones, and those of files. */
import { dirname } from 'node:path';
import type { Scenario } from '../scenario/index.ts';
import { globPattern } from '../scenario/pattern.ts';
import { nearest } from '../scenario/suggestions.ts';
import { count, firstOf } from '../scenario/wording.ts';
import type { Config } from './config.ts';
import { UsageError } from './errors.ts';
import { FILE_KINDS } from './file-kinds.ts';
import { BUILT_IN_URL } from './load-scenario.ts';
import {
  filePartOf,
  loadFile,
  loadFiles,
  loadGlob,
  refuseOtherFile,
  scenarioFiles,
} from './scenario-files.ts';
import { distinct, type MissingScenario, type Target, type Unusable } from './target.ts';

export { loadFile } from './scenario-files.ts';
export { type BrokenFile, type MissingScenario, type Target, type Unusable, wordOf } from './target.ts';

export interface SelectOptions {
  /** Receives what cannot be checked, if anything else can. Default: the first such error is thrown. */
  readonly unusable?: Unusable[] | undefined;
  /** Only the built-in scenarios; without words, all of them. */
  readonly builtin?: boolean | undefined;
  /** Only IDs that match. */
  readonly grep?: RegExp | undefined;
  /** Whether a project may have no scenarios. Default: false, an error. */
  readonly allowNone?: boolean;
  /** Receives what the user should know, such as where the scenarios come from. */
  readonly onNote?: (note: string) => void;
}

const RACES = 'races/**';
const MOST_NAMED = 12;

/**
 * Every scenario that can be selected by its ID: those of the project, then the built-in ones. Of two with the same ID, the project's.
 */
export async function namedScenarios(config: Config | null, unusable?: Unusable[]): Promise<Target[]> {
  const own = await projectScenarios(config, { unusable });
  const ids = new Set(own.map(({ scenario }) => scenario.id));
  return [...own, ...(await builtIn()).filter(({ scenario }) => !ids.has(scenario.id))];
}

/**
 * Selects scenarios by IDs, globs of IDs, files, globs of files and folders. Default: the scenarios of the project. An ID or a glob of IDs is looked up in the
 * project first, then among the built-in ones.
 *
 * @throws UsageError if there is none
 */
export async function selectScenarios(
  words: readonly string[],
  config: Config | null,
  options: SelectOptions = {},
): Promise<Target[]> {
  const { unusable, grep, allowNone = false } = options;
  const targets = words.length === 0 ? await allOf(config, options) : await named(words, config, options);
  if (targets.length === 0 && !allowNone && unusable?.[0] !== undefined) throw unusable[0].error;
  const selected = distinct(targets);
  return grep === undefined ? selected : grepped(selected, grep);
}

/** All scenarios of the project, or all built-in ones. */
async function allOf(config: Config | null, options: SelectOptions): Promise<Target[]> {
  if (options.builtin) return builtIn();
  const targets = await projectScenarios(config, options);
  if (targets.length > 0 || options.allowNone || (options.unusable?.length ?? 0) > 0) return targets;
  throw new UsageError(
    `there are no scenarios here: ${config === null ? 'no config' : `${config.path} names none`}, and no file in races/. Accepted: an id, ${FILE_KINDS}, or --builtin for the built-in scenarios; npx one-survivor init writes a first one`,
  );
}

async function named(
  words: readonly string[],
  config: Config | null,
  options: SelectOptions,
): Promise<Target[]> {
  const { unusable } = options;
  const targets: Target[] = [];
  let own: Target[] | null = options.builtin ? [] : null;
  for (const word of words) {
    if (filePartOf(word) !== null) targets.push(...(await loadFile(word, { unusable })));
    else {
      own ??= await projectScenarios(config, options);
      targets.push(...(await matching(word, own, unusable)));
    }
  }
  return targets;
}

/** The scenarios of the config; without any, those of the files in `races/`. */
export async function projectScenarios(
  config: Config | null,
  { unusable, onNote }: SelectOptions = {},
): Promise<Target[]> {
  if (config?.scenarios !== undefined && config.scenarios.length > 0) return configured(config, unusable);
  const folder = process.cwd();
  const files = await scenarioFiles(RACES, folder);
  if (files.length === 0) return [];
  onNote?.(
    `${config === null ? 'there is no config here' : `${config.path} names no scenarios`}: those of ${RACES} are used (${count(files.length, 'file')})`,
  );
  return loadGlob(RACES, { unusable, folder, known: config === null || config.named === null });
}

async function configured(config: Config, unusable: Unusable[] | undefined): Promise<Target[]> {
  const folder = dirname(config.path);
  // Replay does not read a config with another name.
  const known = config.named === null;
  const targets: Target[] = [];
  for (const entry of config.scenarios ?? []) {
    if (typeof entry === 'string') targets.push(...(await loadFile(entry, { unusable, folder, known })));
    else targets.push({ scenario: entry, url: config.url, from: config.named });
  }
  return distinct(targets);
}

/** Loaded only when needed, because there are many of them. */
function builtInSystems(): Promise<typeof import('../systems/index.ts')> {
  return import('../systems/index.ts');
}

async function builtIn(): Promise<Target[]> {
  const { SCENARIOS } = await builtInSystems();
  return SCENARIOS.map((scenario) => ({ scenario, url: BUILT_IN_URL, from: null, builtIn: true }));
}

/**
 * @param unusable receives matching scenarios whose package is not installed
 * @throws UsageError if there is none; if a file cannot be loaded that may contain it, that error
 */
async function matching(
  glob: string,
  own: readonly Target[],
  unusable: Unusable[] | undefined,
): Promise<Target[]> {
  const pattern = globPattern(glob);
  const fits = ({ scenario }: { scenario: Pick<Scenario, 'id'> }): boolean => pattern.test(scenario.id);
  const mine = own.filter(fits);
  if (mine.length > 0) return mine;
  const targets = (await builtIn()).filter(fits);
  if (targets.length > 0) return targets;
  const missing = await missingOf((id) => pattern.test(id));
  if (missing.length > 0) {
    if (unusable === undefined) throw missing[0]!.error;
    unusable.push(...missing.filter(({ scenario }) => !isAmong(unusable, scenario.id)));
    return [];
  }
  const ofFiles = await loadFiles(glob, { unusable });
  if (ofFiles !== null) return ofFiles;
  const broken = unusable?.find((each) => 'file' in each);
  if (broken !== undefined) throw broken.error;
  refuseOtherFile(glob);
  const ids = [...own, ...(await builtIn())].map(({ scenario }) => scenario.id);
  const meant = nearest(glob, ids);
  const hint = meant.length > 0 ? `did you mean ${meant.join(' or ')}? Accepted` : 'accepted';
  const known = meant.length > 0 ? '' : `: ${firstOf(ids, MOST_NAMED)}`;
  throw new UsageError(
    `there is no scenario ${JSON.stringify(glob)}; ${hint}: ${FILE_KINDS}, or an id, where * matches anything${known} (see one-survivor list, and list --builtin)`,
  );
}

function grepped(targets: readonly Target[], grep: RegExp): Target[] {
  const found = targets.filter(({ scenario }) => grep.test(scenario.id));
  if (found.length > 0 || targets.length === 0) return found;
  const ids = targets.map(({ scenario }) => scenario.id);
  const meant = nearest(grep.source, ids);
  throw new UsageError(
    `--grep got ${JSON.stringify(grep.source)}, which matches none of the ids; ${meant.length > 0 ? `did you mean ${meant.join(' or ')}? The ids` : 'the ids'} are ${firstOf(ids, MOST_NAMED)}`,
  );
}

function isAmong(unusable: readonly Unusable[], id: string): boolean {
  return unusable.some((each) => 'scenario' in each && each.scenario.id === id);
}

async function missingOf(wanted: (id: string) => boolean): Promise<MissingScenario[]> {
  const { MISSING_PACKAGES } = await builtInSystems();
  return MISSING_PACKAGES.flatMap(({ scenarios, why }) =>
    scenarios
      .filter(({ id }) => wanted(id))
      .map((scenario) => ({ scenario, error: new UsageError(`${scenario.id} cannot run here: ${why}`) })),
  );
}

/** Throws if a wanted scenario requires a published package that is not installed. */
export async function refuseMissing(wanted: (id: string) => boolean): Promise<void> {
  const [missing] = await missingOf(wanted);
  if (missing !== undefined) throw missing.error;
}
