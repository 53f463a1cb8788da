import type { Command } from 'commander';
import { HTML_REPORT } from '../outputs.ts';

export function addShowReport(program: Command, exit: (code: number) => void): void {
  program
    .command('show-report')
    .description('open the report that check --reporter html has written')
    .argument('[FILE]', `the report (default: ${HTML_REPORT})`)
    .action(async (file: string | undefined) => {
      const { showReport } = await import('../actions/show-report.ts');
      exit(await showReport(file ?? HTML_REPORT));
    });
}
