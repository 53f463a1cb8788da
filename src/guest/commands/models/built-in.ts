/** Commands that need nothing but their arguments and the machine: the shell runs them itself. */
import { findSignal, hasCode, isSystemError, type Signal } from '../../../ports/index.ts';
import type { Model, Shell } from '../model.ts';

const echo: Model = async ({ args, out }) => {
  const silent = args[0] === '-n';
  await out(`${args.slice(silent ? 1 : 0).join(' ')}${silent ? '' : '\n'}`);
  return 0;
};

const pwd: Model = async ({ cwd, out }) => {
  await out(`${cwd()}\n`);
  return 0;
};

/** `kill [-s SIGNAL | -SIGNAL] PID…` */
const kill: Model = async (shell) => {
  const { args, ports, err } = shell;
  let signal: Signal | 0 = 'SIGTERM';
  const pids: string[] = [];
  let isGiven = false;
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!;
    if (word === '--') pids.push(...args.slice(at + 1));
    if (word === '--') break;
    const isOption: boolean = !isGiven && pids.length === 0 && /^-[A-Z0-9]+$/i.test(word);
    if (!isOption) pids.push(word);
    else if (word === '-s' || word === '-n') signal = signalNamed(shell, args[++at] ?? '');
    else signal = signalNamed(shell, word.slice(1));
    isGiven ||= isOption;
  }
  if (pids.length === 0) return shell.refuse('no PID');
  let status = 0;
  for (const pid of pids) {
    // An empty word is not the PID 0, which is the process group.
    if (!/^-?\d+$/.test(pid)) {
      status = 1;
      await err(`kill: ${pid}: arguments must be process or job IDs\n`);
      continue;
    }
    try {
      await ports.process.kill(Number(pid), signal as Signal);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      status = 1;
      await err(
        `kill: (${pid}) - ${hasCode(error, 'ESRCH') ? 'No such process' : 'Operation not permitted'}\n`,
      );
    }
  }
  return status;
};

export function signalNamed(shell: Shell, word: string): Signal | 0 {
  if (word === '0') return 0;
  const name = /^\d+$/.test(word) ? Number(word) : `SIG${word.toUpperCase().replace(/^SIG/, '')}`;
  return findSignal(name) ?? shell.refuse(`the signal ${word}`);
}

/** `test` and `[`: one condition, with `!` before it. */
const test: Model = async (shell) => {
  const { name, ports } = shell;
  let args = [...shell.args];
  if (name === '[' && args.pop() !== ']') return shell.refuse('a ] at the end is missing');
  const negated = args[0] === '!';
  if (negated) args = args.slice(1);
  const kindOf = async (path: string): Promise<{ kind: string; size: number } | null> =>
    ports.fs.stat(path).catch(() => null);
  const [a = '', b = '', c = ''] = args;
  const holds = async (): Promise<boolean> => {
    if (args.length === 0) return false;
    if (args.length === 1) return a !== '';
    if (args.length === 2) {
      switch (a) {
        case '-n':
          return b !== '';
        case '-z':
          return b === '';
        case '-e':
          return (await kindOf(b)) !== null;
        case '-f':
          return (await kindOf(b))?.kind === 'file';
        case '-d':
          return (await kindOf(b))?.kind === 'directory';
        case '-S':
          return (await kindOf(b))?.kind === 'socket';
        case '-s':
          return ((await kindOf(b))?.size ?? 0) > 0;
        case '-L':
        case '-h':
          return ports.fs.lstat(b).then(
            ({ kind }) => kind === 'symlink',
            () => false,
          );
        case '-r':
        case '-w':
        case '-x':
          return ports.fs.access(b, { '-r': 4, '-w': 2, '-x': 1 }[a]).then(
            () => true,
            () => false,
          );
      }
    }
    if (args.length === 3) {
      const compared = COMPARISONS[b];
      if (compared !== undefined) return compared(a, c);
    }
    return shell.refuse(`the condition ${args.join(' ')}`);
  };
  return (await holds()) === negated ? 1 : 0;
};

const COMPARISONS: Readonly<Record<string, (a: string, b: string) => boolean>> = {
  '=': (a, b) => a === b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '-eq': (a, b) => Number(a) === Number(b),
  '-ne': (a, b) => Number(a) !== Number(b),
  '-lt': (a, b) => Number(a) < Number(b),
  '-le': (a, b) => Number(a) <= Number(b),
  '-gt': (a, b) => Number(a) > Number(b),
  '-ge': (a, b) => Number(a) >= Number(b),
};

export const MODELS_IN_SHELL: Readonly<Record<string, Model>> = {
  '[': test,
  echo,
  false: async () => 1,
  kill,
  pwd,
  test,
  true: async () => 0,
};
