import { appendFileSync, statSync } from 'node:fs';
import { messageOf } from '../ports/message-of.ts';
import {
  type CheckReport,
  checkJson,
  ctrf,
  failureLine,
  githubAnnotations,
  githubSummary,
  heading,
  junit,
  printable,
  SUMMARY_BYTES,
  sarif,
  type Times,
  table,
  writeBlob,
} from '../report/index.ts';
import type { RunsOf } from '../report/page/index.ts';
import type { DocumentName, ReporterName } from '../report/reporters.ts';
import { reportPage } from './documents.ts';
import { type OutputOptions, type Outputs, outputsOf } from './outputs.ts';
import { print, printText, styleOf } from './terminal.ts';
import { writeDocument } from './write-document.ts';

export interface PublishOptions extends OutputOptions {
  /** Only scenarios that are not as expected, and nothing if there are none. */
  readonly quiet?: boolean;
}

/** How each document is written. */
const WRITERS: Readonly<Record<DocumentName, (report: CheckReport, times: Times, runs: RunsOf) => string>> = {
  json: checkJson,
  junit,
  sarif,
  ctrf,
  blob: writeBlob,
  html: (report, _, runs) => reportPage(report, runs),
};

/** Writes the reports of a check: at most one document to stdout, the others to files, and the table where there is no document. */
export class Publisher {
  readonly #outputs: Outputs;
  readonly #quiet: boolean;
  readonly #startMs = Date.now();

  /** @throws UsageError if two documents would go to the same place, or a file cannot be written */
  constructor({ quiet = false, ...options }: PublishOptions) {
    this.#outputs = outputsOf(options, process.env.GITHUB_ACTIONS === 'true');
    this.#quiet = quiet;
    // Before the check, so that it fails early.
    for (const { path } of this.#outputs.files) assertWritable(path);
  }

  begin(facts: Parameters<typeof heading>[0]): void {
    if (!this.#quiet) this.#printHeading(facts);
  }

  wants(name: ReporterName): boolean {
    return this.#outputs.names.has(name);
  }

  /** @param runs recorded for the html reporter */
  publish(report: CheckReport, runs: RunsOf = new Map()): void {
    const { names, stdout, files } = this.#outputs;
    const times = { startMs: this.#startMs, stopMs: Date.now() };
    for (const { document, path } of files) {
      writeDocument(path, WRITERS[document](report, times, runs));
      if (!this.#quiet) print(process.stderr, `${document} report: ${path}`);
    }
    if (names.has('default')) this.#printTable(report);
    else if (stdout === null) this.#printFailure(report);
    if (names.has('github')) {
      const stream = stdout === null ? process.stdout : process.stderr;
      stream.write(githubAnnotations(report));
      const { GITHUB_STEP_SUMMARY: path } = process.env;
      if (path) summarise(path, report);
    }
    if (stdout !== null) print(process.stdout, WRITERS[stdout](report, times, runs));
  }

  /** Where nothing else is printed, a failure is said, and where to read about it. */
  #printFailure({ scenarios }: CheckReport): void {
    const what = failureLine(scenarios);
    if (what === null) return;
    const paths = this.#outputs.files.map(({ path }) => path).join(', ');
    print(process.stderr, printable(paths === '' ? what : `${what}: ${paths}`));
  }

  #printTable(report: CheckReport): void {
    const stream = this.#tableStream;
    const scenarios = this.#quiet ? report.scenarios.filter(({ ok }) => !ok) : report.scenarios;
    if (this.#quiet && scenarios.length === 0) return;
    if (this.#quiet) this.#printHeading(report);
    printText(stream, table({ ...report, scenarios }, styleOf(stream)));
  }

  #printHeading(facts: Parameters<typeof heading>[0]): void {
    const stream = this.#tableStream;
    print(stream, `${heading(facts, styleOf(stream))}\n`);
  }

  get #tableStream(): NodeJS.WriteStream {
    const { names, stdout } = this.#outputs;
    return stdout === null && names.has('default') ? process.stdout : process.stderr;
  }
}

function assertWritable(path: string): void {
  writeDocument(path, null);
}

/** GitHub limits the whole summary of a step, to which other commands may have written. */
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
