import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { byInvariant, byInvariantJson, EXIT, type Listing, list, listJson } from '../../report/index.ts';
import { STRATEGIES } from '../../schedule/index.ts';
import { FAULTS } from '../../sim/index.ts';
import type { ScenarioOptions } from '../commands/options.ts';
import { readConfig } from '../config.ts';
import { selectScenarios, type Target, type Unusable } from '../scenarios.ts';
import { note, print, printText, styleOf } from '../terminal.ts';

/** As given on the command line. */
export interface ListOptions extends ScenarioOptions {
  by?: 'invariant';
  json?: true;
}

/**
 * Prints scenarios, faults and strategies. A file that cannot be loaded is named on stderr, and makes the exit code 2.
 *
 * @returns the exit code
 */
export async function printList(
  words: readonly string[],
  { by, json, config: file, builtin, grep }: ListOptions,
): Promise<number> {
  const config = await readConfig(process.cwd(), { file, onNote: note });
  const unusable: Unusable[] = [];
  // Without any scenario of the user, faults and strategies are listed all the same.
  const targets = await selectScenarios(words, config, {
    ...{ unusable, builtin, grep, onNote: note },
    allowNone: true,
  });
  const scenarios = targets.map((target) => ({ ...target.scenario, file: fileOf(target) }));
  const broken = unusable.map((each) => ({
    id: 'file' in each ? each.file : each.scenario.id,
    reason: each.error.message,
  }));
  const listing: Listing = {
    ...{ scenarios, faults: Object.values(FAULTS), strategies: STRATEGIES },
    unusable: broken,
  };
  if (by === 'invariant') {
    if (json) print(process.stdout, byInvariantJson(scenarios, broken));
    else printText(process.stdout, byInvariant(scenarios, styleOf(process.stdout).colors));
  } else if (json) print(process.stdout, listJson(listing));
  else
    printText(
      process.stdout,
      list(listing, { ...styleOf(process.stdout), onlyScenarios: words.length > 0 || grep !== undefined }),
    );
  for (const { error } of unusable) note(error.message);
  if (targets.length + unusable.length === 0)
    note('there are no scenarios here: npx one-survivor init writes a first one');
  if (!builtin && words.length === 0) note('the built-in scenarios: one-survivor list --builtin');
  return unusable.length > 0 ? EXIT.usage : EXIT.ok;
}

/** Relative to the working directory. */
function fileOf({ url, builtIn }: Target): string | null {
  return builtIn ? null : relative(process.cwd(), fileURLToPath(url)).split(sep).join('/');
}
