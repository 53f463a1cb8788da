import type { ReporterName } from '../report/reporters.ts';
import type { Scenario } from '../scenario/index.ts';

/**
 * Defaults of a project, in `one-survivor.config.js`, `.mjs` or `.ts`. Options on the command line override them.
 *
 * A plain object, so that a config can be checked and shown.
 */
export interface Config {
  /** For editors: the path of `node_modules/one-survivor/schemas/config.json`. Ignored. */
  $schema?: string | undefined;
  /**
   * What `check`, `list` and `replay` know besides the built-in scenarios: scenarios, and paths of files that export them, relative to
   * the config. A path may be a glob, and may end with `#ID`. Default: `races/**`.
   */
  scenarios?: readonly (string | Scenario)[] | undefined;
  /** Equal seeds give equal runs. A whole number from 0 to 4294967295. Default: random, always printed. */
  seed?: number | undefined;
  /** How many runs of each scenario. Default: 400, or as many as `budget` allows. */
  runs?: number | undefined;
  /** How long to search in total: `30s`, `2m`, `500ms`. */
  budget?: string | undefined;
  /** How to search: a name that `one-survivor list` shows. Default: `portfolio`. */
  strategy?: string | undefined;
  /** Whether to check that processes do not share memory. Default: true. */
  isolationCheck?: boolean | undefined;
  /** The number of threads, from 1 to 256. Default: one for each core. */
  workers?: number | undefined;
  /** Names of reporters, each optionally with its file: `junit=reports/races.xml`. Default: `default`. */
  reporters?: readonly (ReporterName | `${ReporterName}=${string}`)[] | undefined;
}

/**
 * Returns its argument. It gives an editor the names and types of a config:
 *
 *   export default defineConfig({ scenarios: ['./races/*.mjs'], runs: 5_000 });
 */
export function defineConfig(config: Config): Config {
  return config;
}
