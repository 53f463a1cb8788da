import type { Command } from 'commander';
import { EXIT } from '../../report/exit-codes.ts';
import { candidatesFor, type Sources } from '../completion/candidates.ts';
import { SCRIPTS, type Shell } from '../completion/scripts.ts';
import { readConfig } from '../config.ts';
import { projectScenarios, selectScenarios } from '../scenarios.ts';
import { print } from '../terminal.ts';

/** Prints the script of a shell. @returns the exit code */
export function printCompletion(shell: Shell): number {
  print(process.stdout, SCRIPTS[shell]);
  return EXIT.ok;
}

/** Prints the words that may follow. @returns the exit code */
export async function complete(program: Command, words: readonly string[]): Promise<number> {
  const candidates = await candidatesFor(program, words, SOURCES);
  if (candidates.length > 0) print(process.stdout, candidates.join('\n'));
  return EXIT.ok;
}

const SOURCES: Sources = {
  async scenarios(word, builtin) {
    const own = builtin ? [] : await ownIds();
    if (own.some((id) => id.startsWith(word))) return own;
    const targets = await selectScenarios([], null, { builtin: true });
    return targets.map(({ scenario }) => scenario.id);
  },
  async strategies() {
    const { STRATEGIES } = await import('../../schedule/index.ts');
    return STRATEGIES.map(({ name }) => name);
  },
};

/** Files that cannot be loaded are left out: there is no place for their error. */
async function ownIds(): Promise<string[]> {
  try {
    const targets = await projectScenarios(await readConfig(process.cwd()), { unusable: [] });
    return targets.map(({ scenario }) => scenario.id);
  } catch {
    return [];
  }
}
