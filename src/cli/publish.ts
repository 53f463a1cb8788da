import { appendFileSync, closeSync, mkdirSync, openSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type CheckReport,
  checkJson,
  githubAnnotations,
  githubSummary,
  heading,
  junit,
  SUMMARY_BYTES,
  table,
  writeBlob,
} from '../report/index.ts';
import { messageOf, UsageError } from './errors.ts';
import type { Reporter } from './parse.ts';
import { print, printText, styleOf } from './terminal.ts';

export interface PublishOptions {
  readonly reporters: readonly Reporter[];
  readonly json: boolean;
  readonly outputFile: string | undefined;
  /** For the name of the blob. */
  readonly shard: { readonly index: number; readonly of: number } | null;
}

type Document = 'json' | 'junit' | 'blob';

/** Where the reports of a check go: at most one document to stdout, the others to files; the table wherever there is room. */
export class Publisher {
  readonly #reporters: ReadonlySet<Reporter>;
  readonly #stdout: Document | null;
  readonly #files: ReadonlyMap<Document, string>;

  /** @throws UsageError when two documents would go to one place, or a file cannot be written */
  constructor({ reporters, json, outputFile, shard }: PublishOptions) {
    const named = new Set(reporters);
    // A blob is a part of a check: what it lacks may be in another, and merge-reports tells the whole.
    if (process.env.GITHUB_ACTIONS === 'true' && !named.has('blob')) named.add('github');
    const documents = (['json', 'junit', 'blob'] as const).filter((name) => named.has(name));
    if (!json && ![...named].some((name) => name !== 'github')) named.add('default');
    const files = new Map<Document, string>();
    if (outputFile !== undefined) {
      const candidates: Document[] = documents.length === 0 && json ? ['json'] : documents;
      if (candidates.length !== 1) {
        throw new UsageError(
          `--output-file takes one report; got ${candidates.length === 0 ? 'none' : candidates.join(' and ')}. Accepted: one of --reporter json, junit or blob`,
        );
      }
      files.set(candidates[0]!, outputFile);
    }
    if (named.has('blob') && !files.has('blob')) files.set('blob', blobPath(shard));
    const rest = new Set<Document>(documents.filter((name) => !files.has(name)));
    if (json && !(documents.length === 0 && files.has('json'))) rest.add('json');
    if (rest.size > 1) {
      throw new UsageError(
        `stdout takes one report; got ${[...rest].join(' and ')}. Send one of them to a file with --output-file`,
      );
    }
    this.#reporters = named;
    this.#stdout = [...rest][0] ?? null;
    this.#files = files;
    for (const path of files.values()) assertWritable(path);
  }

  begin(facts: Parameters<typeof heading>[0]): void {
    const stream = this.#tableStream;
    print(stream, `${heading(facts, styleOf(stream))}\n`);
  }

  publish(report: CheckReport): void {
    for (const [document, path] of this.#files) {
      write(path, render(document, report));
      print(process.stderr, `${document} report: ${path}`);
    }
    if (this.#reporters.has('default')) {
      const stream = this.#tableStream;
      printText(stream, table(report, styleOf(stream)));
    }
    if (this.#reporters.has('github')) {
      const stream = this.#stdout === null ? process.stdout : process.stderr;
      stream.write(githubAnnotations(report));
      const { GITHUB_STEP_SUMMARY: path } = process.env;
      if (path) summarise(path, report);
    }
    if (this.#stdout !== null) print(process.stdout, render(this.#stdout, report));
  }

  get #tableStream(): NodeJS.WriteStream {
    return this.#stdout === null && this.#reporters.has('default') ? process.stdout : process.stderr;
  }
}

function render(document: Document, report: CheckReport): string {
  if (document === 'json') return checkJson(report);
  return document === 'junit' ? junit(report) : writeBlob(report);
}

function blobPath(shard: PublishOptions['shard']): string {
  const { index, of } = shard ?? { index: 1, of: 1 };
  return join('.one-survivor', 'reports', `shard-${index}-${of}.json`);
}

/** Before the work, not after it. */
function assertWritable(path: string): void {
  write(path, null);
}

function write(path: string, text: string | null): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    if (text === null) closeSync(openSync(path, 'a'));
    else writeFileSync(path, text.endsWith('\n') ? text : `${text}\n`);
  } catch (error) {
    throw new UsageError(`the report cannot be written to ${path}: ${messageOf(error)}`);
  }
}

/** GitHub's limit is on the whole summary of a step, to which others may have written. */
function summarise(path: string, report: CheckReport): void {
  const taken = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  try {
    const summary = githubSummary(report, SUMMARY_BYTES - taken);
    if (summary === '') print(process.stderr, `no room for a summary: ${path} has ${taken} bytes already`);
    appendFileSync(path, summary);
  } catch (error) {
    print(process.stderr, `the summary cannot be written: ${messageOf(error)}`);
  }
}
