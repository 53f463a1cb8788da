import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf } from '../ports/message-of.ts';
import { CONFIG_NAMES } from '../project/config-names.ts';
import { importModule } from '../scenario/modules.ts';
import { nearest } from '../scenario/suggestions.ts';
import { CONFIG_KEYS, configShape, describeConfigIssues, type ReadConfig } from './config-shape.ts';
import { UsageError } from './errors.ts';
import { ENDINGS, FILE_KINDS } from './file-kinds.ts';

const ACCEPTED = `one-survivor.config${ENDINGS}`;
/** What a file is called whose author meant it to be the config. */
const MEANT = /^\.?one[-_.]?survivor(?:[-_.]?(?:config|conf|rc)(?:\.\w+)?|\.(?:json[c5]?|ya?ml|toml))$/i;

/** Defaults of a project, which options on the command line override. */
export interface Config extends ReadConfig {
  readonly path: string;
  readonly url: string;
  /** The path as given with `--config`; `null` if it was found by its name. */
  readonly named: string | null;
}

export interface ReadConfigOptions {
  /** The file given with `--config`, relative to the folder. Default: looked for by its name. */
  readonly file?: string | undefined;
  /** Receives what the user should know, such as a file that is not read. */
  readonly onNote?: (note: string) => void;
}

/**
 * @returns `null` if the folder has no config
 * @throws UsageError
 */
export async function readConfig(
  folder: string,
  { file, onNote = () => {} }: ReadConfigOptions = {},
): Promise<Config | null> {
  if (file !== undefined) return load(namedFile(folder, file), file);
  const found = CONFIG_NAMES.filter((name) => existsSync(join(folder, name)));
  for (const note of ignoredConfigs(readdirSync(folder), found.length > 0)) onNote(note);
  const [name] = found;
  if (name === undefined) return null;
  if (found.length > 1)
    throw new UsageError(
      `got ${found.length} config files: ${found.map((each) => join(folder, each)).join(', ')}; keep one of them`,
    );
  return load(join(folder, name), null);
}

/** Notes about files that are probably meant to be the config but have another name. @param names the files of a folder */
export function ignoredConfigs(names: readonly string[], hasConfig: boolean): string[] {
  return names
    .filter((name) => !CONFIG_NAMES.includes(name))
    .filter((name) => MEANT.test(name) || isMisspelled(name))
    .map(
      (name) =>
        `${name} is not read: a config is called ${ACCEPTED}${hasConfig ? '' : `. Rename it, or name it with --config ${name}`}`,
    );
}

/** `one-survivor.confg.mjs`, but not a test of the config. */
function isMisspelled(name: string): boolean {
  return nearest(name, CONFIG_NAMES).some((known) => Math.abs(known.length - name.length) <= 2);
}

function namedFile(folder: string, file: string): string {
  const path = resolve(folder, file);
  if (!existsSync(path))
    throw new UsageError(`--config got ${JSON.stringify(file)}: there is no file ${path}`);
  if (!/\.(?:[cm]?[jt]s|json)$/.test(path))
    throw new UsageError(`--config got ${JSON.stringify(file)}; accepted: ${FILE_KINDS}, or a .json file`);
  return path;
}

async function load(path: string, named: string | null): Promise<Config> {
  const url = pathToFileURL(path).href;
  const given = path.endsWith('.json') ? readJson(path) : await defaultOf(path, url);
  const checked = configShape.safeParse(given);
  if (checked.success) return { ...checked.data, path, url, named: named && relative(process.cwd(), path) };
  throw new UsageError(
    `${path} is not a config:\n${describeConfigIssues(checked.error.issues, given)}\naccepted are ${CONFIG_KEYS.join(', ')}`,
  );
}

async function defaultOf(path: string, url: string): Promise<unknown> {
  const module = await importModule(url);
  if ('default' in module) return module.default;
  throw new UsageError(`${path} has no default export; expected: export default { scenarios: [...] }`);
}

function readJson(path: string): unknown {
  try {
    // Editors on Windows begin a file with a byte order mark, which is not JSON.
    return JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new UsageError(`${path} is not JSON: ${messageOf(error)}`);
  }
}
