import type { Command } from 'commander';
import { type Scaffold, type Scaffolded, scaffold } from '../../project/scaffold.ts';
import { toJson } from '../../report/json.ts';
import { print } from '../terminal.ts';

interface Options {
  dryRun?: boolean;
  json?: boolean;
}

export function addInit(program: Command, exit: (code: number) => void): void {
  program
    .command('init')
    .description(
      'write a first scenario, its vitest test, a config and a CI job into this folder; overwrites nothing',
    )
    .option('--dry-run', 'only print what would be written')
    .option('--json', 'one JSON document on stdout')
    .action(({ dryRun = false, json }: Options) => {
      const result = scaffold(process.cwd(), { dryRun });
      print(process.stdout, json ? toJson({ dryRun, ...result }) : describe(result, dryRun));
      exit(0);
    });
}

function describe({ files, missing }: Scaffold, dryRun: boolean): string {
  const width = Math.max(...files.map(({ path }) => path.length));
  const lines = files.map((file) => {
    const what = file.written ? (dryRun ? 'would write' : 'wrote') : 'skipped';
    return `${what.padEnd(dryRun ? 15 : 9)}${file.path.padEnd(width + 2)}${aboutOf(file)}`;
  });
  const install = missing.length > 0 ? `npm install --save-dev ${missing.join(' ')}` : 'npm install';
  const next = [install, 'npx one-survivor check', 'npx vitest run races'];
  return [...lines, '', 'next:', ...next.map((command) => `  ${command}`)].join('\n');
}

function aboutOf({ written, instead, about }: Scaffolded): string {
  if (written) return about;
  if (instead === undefined) return 'exists';
  return `there is ${instead}: add './races/lock.mjs' to its scenarios`;
}
