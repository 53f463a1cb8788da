/** Where the reports of a check go: at most one document to stdout, the others to files. */
import { join } from 'node:path';
import { type DocumentName, isDocument, type Reporter, type ReporterName } from '../report/reporters.ts';
import { UsageError } from './errors.ts';
import { realPath } from './real-path.ts';

/** Where the html reporter writes without a file, and `show-report` reads. */
export const HTML_REPORT = join('.one-survivor', 'reports', 'report.html');

/** Where `--open` writes a page without `--html`. */
export const RUN_PAGE = join('.one-survivor', 'reports', 'run.html');
export const TREE_PAGE = join('.one-survivor', 'reports', 'tree.html');

export interface OutputOptions {
  readonly reporters: readonly Reporter[];
  readonly json: boolean;
  /** A file for the only document that has no file of its own. */
  readonly outputFile: string | undefined;
  /** Used in the name of the blob. */
  readonly shard: { readonly index: number; readonly of: number } | null;
}

export interface Outputs {
  /** All reporters, including those that join by themselves. */
  readonly names: ReadonlySet<ReporterName>;
  readonly stdout: DocumentName | null;
  readonly files: readonly { readonly document: DocumentName; readonly path: string }[];
}

/**
 * @param inGithub whether the command runs on GitHub Actions
 * @throws UsageError if two documents would go to the same place
 */
export function outputsOf({ reporters, json, outputFile, shard }: OutputOptions, inGithub: boolean): Outputs {
  const names = new Set<ReporterName>(reporters.map(({ name }) => name));
  // A blob is only a part of a check, so annotations are left to merge-reports.
  if (inGithub && !names.has('blob')) names.add('github');
  const wanted = reporters.flatMap(({ name, file }) => (isDocument(name) ? [{ document: name, file }] : []));
  if (!json && ![...names].some((name) => name !== 'github')) names.add('default');
  const files = wanted.flatMap(({ document, file }) => (file === null ? [] : [{ document, path: file }]));
  const bare = new Set(wanted.filter(({ file }) => file === null).map(({ document }) => document));
  if (json && wanted.length === 0) bare.add('json');
  if (outputFile !== undefined) {
    const [only] = bare;
    if (only === undefined || bare.size > 1) throw notOne([...bare]);
    bare.delete(only);
    files.push({ document: only, path: outputFile });
  }
  if (bare.delete('html')) files.push({ document: 'html', path: HTML_REPORT });
  if (bare.delete('blob')) files.push({ document: 'blob', path: blobPath(shard) });
  // With a reporter, --json is one more document.
  if (json && wanted.length > 0) bare.add('json');
  if (bare.size > 1)
    throw new UsageError(
      `stdout takes one report; got ${[...bare].join(' and ')}. Send the others to files, such as --reporter ${[...bare][0]}=FILE`,
    );
  refuseSameFile(files);
  return { names, stdout: [...bare][0] ?? null, files };
}

function notOne(bare: readonly DocumentName[]): UsageError {
  return new UsageError(
    `--output-file takes one report; got ${bare.length === 0 ? 'none' : bare.join(' and ')}. For several files, use --reporter NAME=FILE for each, such as --reporter junit=out.xml`,
  );
}

function refuseSameFile(files: Outputs['files']): void {
  const first = new Map<string, DocumentName>();
  for (const { document, path } of files) {
    const real = realPath(path);
    const other = first.get(real);
    if (other !== undefined)
      throw new UsageError(
        `${other} and ${document} would both be written to ${path}; give each its own file`,
      );
    first.set(real, document);
  }
}

function blobPath(shard: OutputOptions['shard']): string {
  const { index, of } = shard ?? { index: 1, of: 1 };
  return join('.one-survivor', 'reports', `shard-${index}-${of}.json`);
}
