import type { Command } from 'commander';
import { criticalOf, decodeToken, replay, type Scenario } from '../../check/index.ts';
import { Copies, makeFolder, scenarioWithout } from '../../mutants/index.ts';
import { evidenceOf, exitCodeOfReplay, replayed, replayJson } from '../../report/index.ts';
import { readConfig } from '../config.ts';
import { UsageError } from '../errors.ts';
import { guardOf } from '../guards.ts';
import { loadFile, namedScenarios, refuseMissing } from '../scenarios.ts';
import { print, printText, styleOf } from '../terminal.ts';

interface Options {
  from?: string;
  mutant?: string;
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
    .option('--mutant <GUARD>', 'without a guard of our own protocol, as mutants has printed it')
    .option('--json', 'one JSON document on stdout')
    .action(async (token: string, options: Options) => exit(await run(token, options)));
}

async function run(token: string, options: Options): Promise<number> {
  const again = await (options.mutant === undefined
    ? replayFound(token, options)
    : replayMutant(token, options.mutant, options));
  const evidence = evidenceOf(again, await criticalOf(again));
  if (options.json) print(process.stdout, replayJson(evidence));
  else printText(process.stdout, replayed(evidence, styleOf(process.stdout)));
  return exitCodeOfReplay(evidence);
}

async function replayFound(token: string, { from }: Options): ReturnType<typeof replay> {
  const targets =
    from === undefined ? await namedScenarios(await readConfig(process.cwd())) : await loadFile(from);
  return replay(token, (id) => {
    const found = targets.find(({ scenario }) => scenario.id === id)?.scenario;
    if (found === undefined) refuseMissing((missing) => missing === id);
    return found;
  });
}

async function replayMutant(token: string, name: string, { from }: Options): ReturnType<typeof replay> {
  if (from !== undefined)
    throw new UsageError('--mutant takes a token of a built-in scenario: leave --from out');
  const guard = guardOf(name);
  // A token of `explore` names its bounds after the id.
  const [id = ''] = decodeToken(token).scenario.split('+');
  const folder = makeFolder();
  try {
    const mutant: Scenario = await scenarioWithout(guard, id, new Copies(folder.path));
    return await replay(token, (wanted) => (wanted === id ? mutant : undefined));
  } finally {
    folder.remove();
  }
}
