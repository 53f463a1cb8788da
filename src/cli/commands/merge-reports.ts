import type { Command } from 'commander';
import type { MergeReportsOptions } from '../actions/merge-reports.ts';
import { addJson, addQuiet, addReporters } from './options.ts';

export function addMergeReports(program: Command, exit: (code: number) => void): void {
  const command = program
    .command('merge-reports')
    .description('merge the blob reports of all shards of a check')
    .argument('<DIR>', 'the folder with the .json files written by --reporter blob');
  addQuiet(addJson(addReporters(command))).action(async (folder: string, options: MergeReportsOptions) => {
    const { mergeAndPublish } = await import('../actions/merge-reports.ts');
    exit(mergeAndPublish(folder, options));
  });
}
