import type { Command } from 'commander';
import { type Listing, list, listJson } from '../../report/index.ts';
import { STRATEGIES } from '../../schedule/index.ts';
import { FAULTS } from '../../sim/index.ts';
import { readConfig } from '../config.ts';
import { namedScenarios } from '../scenarios.ts';
import { print, printText, styleOf } from '../terminal.ts';

export function addList(program: Command, exit: (code: number) => void): void {
  program
    .command('list')
    .description('list scenarios with their invariants, faults and strategies')
    .option('--json', 'one JSON document on stdout')
    .action(async ({ json }: { json?: true }) => {
      const targets = await namedScenarios(await readConfig(process.cwd()));
      const listing: Listing = {
        scenarios: targets.map(({ scenario }) => scenario),
        faults: Object.values(FAULTS),
        strategies: STRATEGIES,
      };
      if (json) print(process.stdout, listJson(listing));
      else printText(process.stdout, list(listing, styleOf(process.stdout)));
      exit(0);
    });
}
