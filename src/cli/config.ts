import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import type { Scenario } from '../scenario/index.ts';
import { importModule, isScenario } from '../scenario/modules.ts';
import { STRATEGIES } from '../schedule/index.ts';
import { UsageError } from './errors.ts';
import { parseBudget, REPORTERS } from './parse.ts';

const NAMES = ['one-survivor.config.js', 'one-survivor.config.mjs', 'one-survivor.config.ts'];

const shape = z.strictObject({
  /** Files, as seen from the config, and scenarios. */
  scenarios: z
    .array(
      z.custom<string | Scenario>(
        (entry) => typeof entry === 'string' || isScenario(entry),
        'expected the path of a file, or what scenario({…}) returns',
      ),
    )
    .default([]),
  seed: z.number().int().min(0).max(0xffff_ffff).optional(),
  runs: z.number().int().min(1).optional(),
  budget: z
    .string()
    .refine((text) => {
      try {
        return parseBudget(text) > 0;
      } catch {
        return false;
      }
    }, 'expected a time above zero, such as 30s, 2m or 500ms')
    .optional(),
  strategy: z.enum(STRATEGIES.map(({ name }) => name)).optional(),
  /** False: processes are not checked for memory that they share. */
  isolationCheck: z.boolean().optional(),
  workers: z.number().int().min(1).max(256).optional(),
  reporters: z.array(z.enum(REPORTERS)).optional(),
});

/** What a project has settled for its checks; options of the command line go before it. */
export interface Config extends z.infer<typeof shape> {
  readonly path: string;
  readonly url: string;
}

/** Null: the folder has none. */
export async function readConfig(folder: string): Promise<Config | null> {
  const found = NAMES.map((name) => join(folder, name)).filter((path) => existsSync(path));
  const [path] = found;
  if (path === undefined) return null;
  if (found.length > 1)
    throw new UsageError(`got ${found.length} config files: ${found.join(', ')}; keep one of them`);
  const url = pathToFileURL(path).href;
  const module = await importModule(url);
  if (!('default' in module)) {
    throw new UsageError(`${path} has no default export; expected: export default { scenarios: [...] }`);
  }
  const checked = shape.safeParse(module.default);
  if (!checked.success) {
    throw new UsageError(
      `${path} is not a config:\n${z.prettifyError(checked.error)}\naccepted are ${Object.keys(shape.shape).join(', ')}`,
    );
  }
  return { ...checked.data, path, url };
}
