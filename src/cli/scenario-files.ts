/** The files of scenarios: named on the command line, in the config, or found in `races/`. */
import { existsSync, statSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { glob, isDynamicPattern } from 'tinyglobby';
import { describeOther } from '../scenario/arguments.ts';
import { importModule, ModuleError, scenariosIn } from '../scenario/modules.ts';
import { globPattern } from '../scenario/pattern.ts';
import { nearest } from '../scenario/suggestions.ts';
import { firstOf } from '../scenario/wording.ts';
import { UsageError } from './errors.ts';
import { FILE_KINDS, SCENARIO_FILE } from './file-kinds.ts';
import { NoScenarioError, type Target, type Unusable, wordOf } from './target.ts';
import { reportSearched } from './watch/loaded-files.ts';

const MOST_NAMED = 12;
/** What a glob leaves out: tests and declarations export no scenarios, and tests need their runner. */
const NO_SCENARIOS = ['**/node_modules/**', '**/*.{test,spec}.*', '**/*.d.{ts,mts}'];

export interface LoadFileOptions {
  /** Receives files that cannot be loaded, so that they do not affect other scenarios. Default: the error is thrown. */
  readonly unusable?: Unusable[] | undefined;
  /** The folder that paths are relative to. Default: the working directory. */
  readonly folder?: string;
  /** Whether `replay` finds the scenarios without `--from`. */
  readonly known?: boolean;
}

/** Parses FILE or FILE#ID; `null` for an ID or a glob of IDs. A file may contain `#`; an ID contains neither `#` nor a dot. */
export function filePartOf(word: string): { file: string; id: string | null } | null {
  if (SCENARIO_FILE.test(word)) return { file: word, id: null };
  const at = word.lastIndexOf('#');
  const file = word.slice(0, Math.max(0, at));
  return SCENARIO_FILE.test(file) ? { file, id: word.slice(at + 1) } : null;
}

/** The scenarios of FILE or FILE#ID, of a glob of files, or of a folder. */
export async function loadFile(word: string, options: LoadFileOptions = {}): Promise<Target[]> {
  const part = filePartOf(word);
  if (part === null) {
    const targets = await loadFiles(word, options);
    if (targets !== null) return targets;
    refuseOtherFile(word, options.folder);
    throw new UsageError(
      `${JSON.stringify(word)} is not a scenario file; accepted: ${FILE_KINDS}, FILE#ID for one of its scenarios, a glob of files, or a folder`,
    );
  }
  const { file, id } = part;
  const { folder = process.cwd() } = options;
  const exact = existsSync(resolve(folder, file)) || !isDynamicPattern(file);
  const all = exact ? await loadOne(file, options) : await loadGlob(file, options);
  return id === null || all.length === 0 ? all : ofFile(file, id, all);
}

/**
 * Rejects FILE or FILE#ID if the file exists, but cannot export scenarios because of its name.
 *
 * @throws UsageError
 */
export function refuseOtherFile(word: string, folder = process.cwd()): void {
  const at = word.lastIndexOf('#');
  const file = [word, word.slice(0, Math.max(0, at))].find(
    (each) => each !== '' && statSync(resolve(folder, each), { throwIfNoEntry: false })?.isFile(),
  );
  if (file === undefined) return;
  throw new UsageError(
    `${file} exists, but is not ${FILE_KINDS}: only these can export scenarios. Rename it, or name another file`,
  );
}

/** The scenarios of a folder, or of a glob without extension; `null` if there are no such files. */
export async function loadFiles(word: string, options: LoadFileOptions = {}): Promise<Target[] | null> {
  const { folder = process.cwd() } = options;
  const isFolder = statSync(resolve(folder, word), { throwIfNoEntry: false })?.isDirectory() ?? false;
  const pattern = isFolder ? `${word.replace(/\/+$/, '')}/**` : word;
  if (!isDynamicPattern(pattern) || (await scenarioFiles(pattern, folder)).length === 0) return null;
  return loadGlob(pattern, options);
}

/**
 * The scenarios of all files that match a glob. Files without scenarios are skipped: there may be helpers among them.
 *
 * @throws UsageError if no file matches, or none of them exports a scenario
 */
export async function loadGlob(pattern: string, options: LoadFileOptions = {}): Promise<Target[]> {
  const { folder = process.cwd(), unusable } = options;
  const files = await scenarioFiles(pattern, folder);
  if (files.length === 0)
    throw new UsageError(`no file matches ${JSON.stringify(pattern)} in ${folder}; accepted: ${FILE_KINDS}`);
  const broken: Unusable[] = [];
  const targets: Target[] = [];
  for (const file of files) targets.push(...(await loadOne(file, { ...options, unusable: broken })));
  const failed = broken.filter(({ error }) => !(error instanceof NoScenarioError));
  if (unusable === undefined && failed[0] !== undefined) throw failed[0].error;
  unusable?.push(...failed);
  if (targets.length === 0 && failed.length === 0)
    throw new UsageError(
      `no file that matches ${JSON.stringify(pattern)} exports a scenario: ${firstOf(files, MOST_NAMED)}. Accepted: exports returned by scenario({…}) of one-survivor`,
    );
  return targets;
}

/** The files that match a glob, sorted, relative to the folder. */
export async function scenarioFiles(pattern: string, folder: string): Promise<string[]> {
  reportSearched(resolve(folder, fixedPartOf(pattern)));
  const files = await glob(pattern, { cwd: folder, ignore: NO_SCENARIOS, expandDirectories: false });
  return files.filter((file) => SCENARIO_FILE.test(file)).sort();
}

/** The folder in which everything is that a glob may match. */
function fixedPartOf(pattern: string): string {
  const parts = pattern.split('/');
  const first = parts.findIndex((part) => isDynamicPattern(part));
  return parts.slice(0, first < 0 ? -1 : first).join('/') || (pattern.startsWith('/') ? '/' : '.');
}

async function loadOne(
  file: string,
  { unusable, folder, known = false }: LoadFileOptions,
): Promise<Target[]> {
  const path = folder === undefined ? resolve(file) : resolve(folder, file);
  const shown = folder === undefined ? file : relative(process.cwd(), path).split(sep).join('/');
  try {
    return await load(path, known ? null : shown);
  } catch (error) {
    if (unusable === undefined || !(error instanceof ModuleError || error instanceof NoScenarioError))
      throw error;
    if (!unusable.some((other) => 'file' in other && other.file === shown))
      unusable.push({ file: shown, error });
    return [];
  }
}

async function load(path: string, from: string | null): Promise<Target[]> {
  if (!existsSync(path)) throw new UsageError(`there is no file ${path}`);
  const url = pathToFileURL(path).href;
  const module = await importModule(url);
  const scenarios = scenariosIn(module);
  if (scenarios.length > 0) return scenarios.map((scenario) => ({ scenario, url, from }));
  const names = Object.keys(module);
  const got =
    names.length === 0
      ? 'nothing'
      : names.map((name) => `${name} (${describeOther(module[name])})`).join(', ');
  throw new NoScenarioError(
    `${path} exports no scenario; got ${got}. Accepted: exports returned by scenario({…}) of one-survivor, or an array of them`,
  );
}

/** The scenarios of a file that match the part after `#`. */
function ofFile(file: string, id: string, all: readonly Target[]): Target[] {
  const pattern = globPattern(id);
  const targets = all.filter(({ scenario }) => pattern.test(scenario.id));
  if (targets.length > 0) return targets;
  const wordOfId = new Map(all.map(({ scenario }) => [scenario.id, wordOf({ scenario, from: file })]));
  const meant = nearest(id, [...wordOfId.keys()]).map((known) => wordOfId.get(known));
  const hint = meant.length > 0 ? `did you mean ${meant.join(' or ')}? Accepted` : 'accepted';
  throw new UsageError(
    `${file} exports no scenario ${JSON.stringify(id)}; ${hint}: ${firstOf([...wordOfId.values()], MOST_NAMED)}`,
  );
}
