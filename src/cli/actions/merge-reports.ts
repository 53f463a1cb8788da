import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../ports/message-of.ts';
import { exitCodeOf, mergeReports, readBlob } from '../../report/index.ts';
import type { Reporter } from '../../report/reporters.ts';
import { UsageError } from '../errors.ts';
import { Publisher } from '../publish.ts';

/** As given on the command line. */
export interface MergeReportsOptions {
  reporter?: Reporter[];
  outputFile?: string;
  json?: boolean;
  quiet?: boolean;
}

/** Merges the blob reports in a folder, and publishes the result. @returns the exit code */
export function mergeAndPublish(
  folder: string,
  { reporter = [], json = false, outputFile, quiet = false }: MergeReportsOptions,
): number {
  const paths = namesIn(folder).map((name) => join(folder, name));
  if (paths.length === 0) {
    throw new UsageError(
      `there is no .json file in ${folder}; expected those written by check --reporter blob`,
    );
  }
  const report = mergeReports(paths.map((path) => readBlob(readFileSync(path, 'utf8'), path)));
  const publisher = new Publisher({ reporters: reporter, json, outputFile, shard: null, quiet });
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
