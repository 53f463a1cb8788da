// The GitHub Action of the package, and its script, run here as GitHub runs it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { parse } from 'yaml';

export interface Step {
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly shell?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

export const ROOT = resolve(import.meta.dirname, '../..');

export function readYaml(path: string): unknown {
  return parse(readFileSync(join(ROOT, path), 'utf8'), { strict: true, uniqueKeys: true });
}

export const action = readYaml('action.yml') as Action;
export const script = action.runs.steps.find(({ id }) => id === 'check')!;

/** Runs the script with inputs, as GitHub does on Linux: in bash, until the first command that fails. */
export async function act(
  cwd: string,
  inputs: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string | undefined>>,
) {
  const output = join(cwd, 'output.txt');
  writeFileSync(output, '');
  const env = Object.fromEntries(
    Object.entries(script.env!).map(([variable, expression]) => {
      const name = /^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(expression)![1]!;
      return [variable, inputs[name] ?? action.inputs[name]!.default];
    }),
  );
  const file = join(cwd, 'step.sh');
  writeFileSync(file, script.run!);
  const { exitCode, all } = await execa('bash', ['--noprofile', '--norc', '-eo', 'pipefail', file], {
    cwd,
    env: { ...environment, HOME: cwd, npm_config_offline: 'true', ...env, GITHUB_OUTPUT: output },
    extendEnv: false,
    reject: false,
    all: true,
  });
  const outputs = Object.fromEntries(
    readFileSync(output, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split('=')),
  ) as Record<string, string>;
  return { code: exitCode, text: all, outputs };
}
