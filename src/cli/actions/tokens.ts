import { holdGuards } from '../../host/index.ts';
import { type MaintainOptions, pruneTokens, updateTokens } from '../../project/maintain-tokens.ts';
import { openTokens } from '../../project/open-tokens.ts';
import { exitCodeOfTokens, type TokensReport, tokensJson, tokensText } from '../../project/tokens-report.ts';
import type { ScenarioOptions } from '../commands/options.ts';
import { readConfig } from '../config.ts';
import { holdOn } from '../exit.ts';
import { ProgressLine } from '../progress.ts';
import { selectScenarios } from '../scenarios.ts';
import { note, print, printText, styleOf } from '../terminal.ts';
import { VERSION } from '../version.ts';

/** As given on the command line. */
export interface TokensOptions extends ScenarioOptions {
  /** Real milliseconds for each token. */
  budget?: number;
  dryRun?: boolean;
  json?: boolean;
  quiet?: boolean;
}

const MAINTAIN = { update: updateTokens, prune: pruneTokens } as const;

/** Updates or prunes the recorded tokens of the scenarios that the words select, and prints what became of each. @returns the exit code */
export async function maintainTokens(
  command: keyof typeof MAINTAIN,
  words: readonly string[],
  { budget, dryRun = false, json = false, quiet = false, config: file, builtin, grep }: TokensOptions,
  signal: AbortSignal,
): Promise<number> {
  holdOn();
  // Until the process ends, since it does nothing else.
  holdGuards();
  const onNote = quiet ? () => {} : note;
  const config = await readConfig(process.cwd(), { file, onNote });
  const targets = await selectScenarios(words, config, { builtin, grep, onNote });
  const { store, notes } = openTokens(process.cwd(), !dryRun);
  for (const each of notes) onNote(each);
  const progress = new ProgressLine(process.stderr, { quiet });
  const options: MaintainOptions = {
    ...{ dryRun, signal, ...(budget !== undefined && { budgetMs: budget }) },
    onProgress: (done, of) => progress.tell(`${done}/${of} tokens`),
  };
  progress.begin('tokens');
  const find = (id: string) => targets.find(({ scenario }) => scenario.id === id)?.scenario;
  const tokens = await MAINTAIN[command](store, find, options).finally(() => progress.clear());
  const report: TokensReport = { version: VERSION, command, dryRun, interrupted: signal.aborted, tokens };
  if (json) print(process.stdout, tokensJson(report));
  else printText(process.stdout, tokensText(report, styleOf(process.stdout), quiet));
  return exitCodeOfTokens(report);
}
