/** The commands that a simulated machine has. */
import type { Model, Shell } from '../model.ts';
import { sh } from '../shell/run.ts';
import { MODELS_IN_SHELL } from './built-in.ts';
import { lsof } from './lsof.ts';
import { pgrep, pkill, ps } from './processes.ts';
import { cat, grep, hostname, id, sleep, uname, which, whoami } from './text.ts';

/** `env [NAME=VALUE…] [COMMAND]`, `nohup COMMAND`: without variables, the command takes their place at once. */
const env: Model = async (shell) => {
  const own: Record<string, string> = { ...shell.env };
  let at = 0;
  for (; at < shell.args.length; at++) {
    const found = /^(\w+)=(.*)$/s.exec(shell.args[at]!);
    if (found === null) break;
    own[found[1]!] = found[2]!;
  }
  const command = shell.args.slice(at);
  if (command[0]?.startsWith('-')) return shell.refuse(`the option ${command[0]}`);
  if (command.length > 0) return runCommand(shell, command, own);
  await shell.out(
    Object.entries(own)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  return 0;
};

async function runCommand({ spawn }: Shell, command: readonly string[], variables: Record<string, string>) {
  const stdio = [0, 1, 2];
  const { exited } = await spawn({ command, detached: false, stdio, env: variables, clearEnv: true });
  return (await exited).code ?? 1;
}

export const MODELS: Readonly<Record<string, Model>> = {
  ...MODELS_IN_SHELL,
  bash: sh,
  cat,
  dash: sh,
  env,
  grep,
  hostname,
  id,
  lsof,
  nohup: (shell) => shell.refuse('a command without options is expected'),
  pgrep,
  pkill,
  ps,
  sh,
  sleep,
  uname,
  which,
  whoami,
};

/** For messages and documents. */
export const COMMAND_NAMES: readonly string[] = ['node', ...Object.keys(MODELS)].toSorted();
