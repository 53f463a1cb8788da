import { type Scaffold, type Scaffolded, scaffold } from '../../project/scaffold.ts';
import { LAUNCH } from '../../project/templates.ts';
import { printable } from '../../report/escape.ts';
import { EXIT } from '../../report/exit-codes.ts';
import { toJson } from '../../report/json.ts';
import { print } from '../terminal.ts';

/** As given on the command line. */
export interface InitOptions {
  dryRun?: boolean;
  json?: boolean;
}

/** Writes the first files of a user's project. @returns the exit code */
export function init({ dryRun = false, json = false }: InitOptions): number {
  const result = scaffold(process.cwd(), { dryRun });
  print(process.stdout, json ? toJson({ dryRun, ...result }) : describe(result, dryRun));
  return EXIT.ok;
}

function describe({ files, missing, notes }: Scaffold, dryRun: boolean): string {
  const width = Math.max(...files.map(({ path }) => path.length));
  const verbs = files.map((file) => verbOf(file, dryRun));
  const verbWidth = Math.max(...verbs.map(({ length }) => length));
  const lines = files.map(
    (file, i) => `${verbs[i]!.padEnd(verbWidth + 2)}${file.path.padEnd(width + 2)}${aboutOf(file)}`,
  );
  const install = missing.length > 0 ? `npm install --save-dev ${missing.join(' ')}` : 'npm install';
  const next = [install, 'npx one-survivor check', 'npx vitest run races'];
  const noted = notes.length === 0 ? [] : ['', ...notes.map((note) => `note: ${printable(note)}`)];
  return [...lines, ...noted, '', 'next:', ...next.map((command) => `  ${command}`)].join('\n');
}

function verbOf({ written, changed }: Scaffolded, dryRun: boolean): string {
  if (changed) return dryRun ? 'would change' : 'changed';
  return written ? (dryRun ? 'would write' : 'wrote') : 'skipped';
}

function aboutOf({ path, written, changed, instead, about }: Scaffolded): string {
  if (written || changed) return about;
  if (path === 'package.json') return about;
  if (path === LAUNCH) return 'exists: docs/debug.md of one-survivor has the configuration to add';
  if (instead === undefined) return 'exists';
  if (!path.startsWith('one-survivor.config')) return `${instead} exists`;
  return `${instead} exists: add './races/**' to its scenarios`;
}
