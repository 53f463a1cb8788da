import type { Command } from 'commander';
import { replay } from '../../check/index.ts';
import { evidenceOf, exitCodeOfReplay, replayed, replayJson } from '../../report/index.ts';
import { readConfig } from '../config.ts';
import { loadFile, namedScenarios, refuseMissing } from '../scenarios.ts';
import { print, printText, styleOf } from '../terminal.ts';

interface Options {
  from?: string;
  json?: boolean;
}

export function addReplay(program: Command, exit: (code: number) => void): void {
  program
    .command('replay')
    .description(
      'the same run again, as a timeline; exit code 1 if it violates an invariant, whatever is expected',
    )
    .argument('<TOKEN>', 'as check has printed it')
    .option('--from <FILE>', 'the .js, .mjs or .ts file that exports the scenario')
    .option('--json', 'one JSON document on stdout')
    .action(async (token: string, options: Options) => exit(await run(token, options)));
}

async function run(token: string, { from, json }: Options): Promise<number> {
  const targets =
    from === undefined ? await namedScenarios(await readConfig(process.cwd())) : await loadFile(from);
  const again = await replay(token, (id) => {
    const found = targets.find(({ scenario }) => scenario.id === id)?.scenario;
    if (found === undefined) refuseMissing((missing) => missing === id);
    return found;
  });
  const evidence = evidenceOf(again);
  if (json) print(process.stdout, replayJson(evidence));
  else printText(process.stdout, replayed(evidence, styleOf(process.stdout)));
  return exitCodeOfReplay(evidence);
}
