import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import Tinypool from 'tinypool';
import { DEFAULT_STRATEGY, type Searched } from '../../src/check/index.ts';
import type { Chunk } from '../../src/check/worker.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const OPTIONS = [
  '--ignoreConfig',
  '--noCheck',
  ...['--target', 'ES2022', '--module', 'NodeNext', '--types', 'node', '--skipLibCheck'],
  '--rewriteRelativeImportExtensions',
];
/** Folders that a mutant has for itself; all others it shares with the unmutated code. */
const OWN = ['model', 'systems/model'];
const SHARED = ['check', 'ports', 'sim'];
const THREADS = 2;
const WANTED = 0x7fff_ffff;

/** A text edit below `src/`. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Copies of the compiled sources, each with one edit, and threads that search their scenarios. The modules of a mutant have
 * paths of their own, and with them a state of their own; what searches is never mutated.
 */
export class Mutations {
  readonly #directory = mkdtempSync(join(tmpdir(), 'one-survivor-mutants-'));
  readonly #pool: Tinypool;

  /** @throws Error when an edit does not fit exactly once: list and code are out of step */
  constructor(edits: readonly Edit[]) {
    symlinkSync(join(ROOT, 'node_modules'), join(this.#directory, 'node_modules'));
    writeFileSync(join(this.#directory, 'package.json'), '{ "type": "module" }');
    const base = this.#path('base');
    const entries = ['src/systems/model/scenarios.ts', 'src/check/worker.ts'];
    execFileSync(process.execPath, [TSC, ...OPTIONS, '--rootDir', 'src', '--outDir', base, ...entries], {
      cwd: ROOT,
      stdio: 'inherit',
    });
    const edited = edits.map((edit, index) => this.#edit(edit, index));
    execFileSync(
      process.execPath,
      [
        TSC,
        ...OPTIONS,
        '--noResolve',
        '--rootDir',
        this.#path('edited'),
        '--outDir',
        this.#path('mutants'),
        ...edited,
      ],
      { cwd: this.#directory, stdio: 'inherit' },
    );
    for (const index of edits.keys()) this.#complete(String(index));
    this.#pool = new Tinypool({
      filename: pathToFileURL(join(base, 'check/worker.js')).href,
      minThreads: THREADS,
      maxThreads: THREADS,
      runtime: 'worker_threads',
    });
  }

  /** @param mutant the number of its edit; null: the unmutated code */
  search(
    mutant: number | null,
    id: string,
    { seed, runs }: { seed: number; runs: number },
  ): Promise<Searched> {
    const copy = mutant === null ? this.#path('base') : this.#path('mutants', String(mutant));
    const chunk: Chunk = {
      index: 0,
      url: pathToFileURL(join(copy, 'systems/model/scenarios.js')).href,
      id,
      strategy: DEFAULT_STRATEGY.name,
      options: { seed, range: { from: 0, to: runs } },
      wanted: new Int32Array(new SharedArrayBuffer(4)).fill(WANTED),
    };
    return this.#pool.run(chunk);
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Writes the source with the edit; its path. */
  #edit({ file, from, to }: Edit, index: number): string {
    const source = readFileSync(join(ROOT, 'src', file), 'utf8');
    const matches = source.split(from).length - 1;
    if (matches !== 1) {
      throw new Error(`src/${file} has ${matches} times, instead of once: ${JSON.stringify(from)}`);
    }
    const path = this.#path('edited', String(index), file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      source.replace(from, () => to),
    );
    return path;
  }

  /** The modules that were not edited. */
  #complete(name: string): void {
    for (const folder of OWN) {
      cpSync(this.#path('base', folder), this.#path('mutants', name, folder), {
        recursive: true,
        force: false,
      });
    }
    for (const folder of SHARED) symlinkSync(this.#path('base', folder), this.#path('mutants', name, folder));
  }

  #path(...parts: string[]): string {
    return join(this.#directory, ...parts);
  }
}
