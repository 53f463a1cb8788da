import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { exitCodeOf, mergeReports, readBlob } from '../../report/index.ts';
import { messageOf, UsageError } from '../errors.ts';
import { parseReporter, type Reporter } from '../parse.ts';
import { Publisher } from '../publish.ts';

interface Options {
  reporter?: Reporter[];
  outputFile?: string;
  json?: boolean;
}

export function addMergeReports(program: Command, exit: (code: number) => void): void {
  program
    .command('merge-reports')
    .description('merge the blob reports of all shards of a check')
    .argument('<DIR>', 'the folder with the .json files written by --reporter blob')
    .option('--reporter <NAME>', 'default, json, junit, github or blob; may be given again', parseReporter)
    .option('--output-file <FILE>', 'write the json, junit or blob report to this file')
    .option('--json', 'one JSON document on stdout')
    .action((folder: string, options: Options) => exit(run(folder, options)));
}

function run(folder: string, { reporter = [], json = false, outputFile }: Options): number {
  const paths = namesIn(folder).map((name) => join(folder, name));
  if (paths.length === 0) {
    throw new UsageError(
      `there is no .json file in ${folder}; expected: those that check --reporter blob has written`,
    );
  }
  const report = mergeReports(paths.map((path) => readBlob(readFileSync(path, 'utf8'), path)));
  const publisher = new Publisher({ reporters: reporter, json, outputFile, shard: null });
  publisher.begin(report);
  publisher.publish(report);
  return exitCodeOf(report);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .sort();
  } catch (error) {
    throw new UsageError(`${folder} cannot be read: ${messageOf(error)}`);
  }
}
