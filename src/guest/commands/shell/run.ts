/** Runs command lines of sh, each command as a child; a few are built in. */

import type { ExitStatus } from '../../../ports/index.ts';
import { hasCode, isSystemError, SIGNALS } from '../../../ports/index.ts';
import type { Model, Shell } from '../model.ts';
import { MODELS_IN_SHELL } from '../models/built-in.ts';
import { cannotOpen, unescaped } from './dash.ts';
import { type AndOr, NotUnderstood, type Pipeline, parse, type SimpleCommand } from './parse.ts';
import { BUILTINS } from './simple.ts';
import { Variables } from './variables.ts';

const SIGNAL_BASE = 128;
/** What the shell says about a command that a signal has ended. */
const MESSAGES: Readonly<Record<string, string>> = {
  SIGHUP: 'Hangup',
  SIGKILL: 'Killed',
  SIGTERM: 'Terminated',
  SIGUSR1: 'User defined signal 1',
  SIGUSR2: 'User defined signal 2',
};

/** `sh -c TEXT NAME ARGUMENTS`. */
export const sh: Model = async (shell) => {
  const [option, text, ...rest] = shell.args;
  if (option !== '-c' || text === undefined) return shell.refuse('only "-c TEXT" is accepted');
  let lists: AndOr[];
  try {
    lists = parse(text);
  } catch (error) {
    if (error instanceof NotUnderstood) return shell.refuse(`${error.message} is not understood`);
    throw error;
  }
  const run = new ShellRun(shell, rest);
  for (const list of lists) {
    if (run.hasExited) break;
    await run.list(list);
  }
  return run.status;
};

class ShellRun {
  readonly #shell: Shell;
  readonly #variables: Variables;
  /** By PID. */
  readonly #background = new Map<string, Promise<ExitStatus>>();
  hasExited = false;

  get status(): number {
    return this.#variables.status;
  }

  set status(status: number) {
    this.#variables.status = status;
  }

  constructor(shell: Shell, args: readonly string[]) {
    this.#shell = shell;
    this.#variables = new Variables(shell, args);
  }

  async list({ first, rest, background }: AndOr): Promise<void> {
    if (background) {
      if (rest.length > 0 || first.commands.length > 1) this.#shell.refuse('& after more than one command');
      const started = await this.#start(first.commands[0]!, { in: 'nothing', out: null });
      if (typeof started !== 'number') {
        this.#variables.lastPid = String(started.pid);
        this.#background.set(this.#variables.lastPid, started.exited);
      }
      this.status = 0;
      return;
    }
    await this.#pipeline(first);
    for (const { when, pipeline } of rest) {
      if (this.hasExited) return;
      if ((this.status === 0) === (when === '&&')) await this.#pipeline(pipeline);
    }
  }

  async #pipeline({ negated, commands }: Pipeline): Promise<void> {
    this.status = commands.length === 1 ? await this.#command(commands[0]!) : await this.#piped(commands);
    if (negated) this.status = this.status === 0 ? 1 : 0;
  }

  /** Each command reads what the one before it writes. */
  async #piped(commands: readonly SimpleCommand[]): Promise<number> {
    const { ports } = this.#shell;
    const ends: Promise<ExitStatus>[] = [];
    let input: number | null = null;
    let last = 0;
    for (const [at, command] of commands.entries()) {
      const isLast = at === commands.length - 1;
      const pipe: { readFd: number; writeFd: number } | null = isLast ? null : await this.#shell.pipe();
      const started = await this.#start(command, { in: input, out: pipe?.writeFd ?? null });
      if (input !== null) await ports.fs.close(input);
      if (pipe !== null) await ports.fs.close(pipe.writeFd);
      input = pipe?.readFd ?? null;
      if (typeof started !== 'number') ends.push(started.exited);
      if (isLast) last = typeof started === 'number' ? started : codeOf(await started.exited);
    }
    await Promise.all(ends);
    return last;
  }

  async #command(command: SimpleCommand): Promise<number> {
    const words = command.words.flatMap((word) => this.#variables.expand(word));
    const [name] = words;
    if (name === undefined) {
      for (const { name: variable, value } of command.assignments)
        this.#variables.set(variable, this.#variables.text(value));
      return 0;
    }
    const builtin = await this.#builtin(name, words.slice(1), command);
    if (builtin !== null) return builtin;
    const started = await this.#start(command);
    if (typeof started === 'number') return started;
    const status = await started.exited;
    const message = status.signal === null ? undefined : MESSAGES[status.signal];
    if (message !== undefined) await this.#shell.err(`${message}\n`);
    return codeOf(status);
  }

  async #builtin(name: string, args: readonly string[], command: SimpleCommand): Promise<number | null> {
    switch (name) {
      case ':':
        return command.redirections.length === 0 ? 0 : null;
      case 'cd':
        return this.#changeFolder(args[0] ?? this.#variables.get('HOME') ?? '/');
      case 'exit':
        this.hasExited = true;
        return Number(args[0] ?? this.status);
      case 'export':
        for (const each of args) {
          const [variable = '', value] = each.split(/=(.*)/s);
          if (variable.startsWith('-')) this.#shell.refuse(`export ${variable}`);
          if (value !== undefined) this.#variables.set(variable, value);
          this.#variables.export(variable);
        }
        return 0;
      case 'wait':
        return this.#wait(args);
      case 'command': {
        const [option, asked = ''] = args;
        if (option !== '-v') return this.#command({ ...command, words: command.words.slice(1) });
        const path = this.#shell.commandPath(asked);
        if (path !== null && !this.#isSilent(command)) await this.#shell.out(`${path}\n`);
        return path === null ? 127 : 0;
      }
      case 'exec':
        if (args.length === 0) this.#shell.refuse('exec without a command');
        this.hasExited = true;
        return this.#command({ ...command, words: command.words.slice(1) });
    }
    const model = command.redirections.length === 0 ? MODELS_IN_SHELL[name] : undefined;
    if (model === undefined) return null;
    // That of bash prints a backslash as it is.
    const given = name === 'echo' && this.#shell.name !== 'bash' ? unescaped(args) : args;
    return model({ ...this.#shell, name, args: given });
  }

  async #changeFolder(path: string): Promise<number> {
    const { fs } = this.#shell.ports;
    if (path.startsWith('-')) this.#shell.refuse(`cd ${path}`);
    const isFolder = await fs.stat(path).then(
      ({ kind }) => kind === 'directory',
      () => false,
    );
    if (!isFolder) return this.#fails(`cd: can't cd to ${path}`);
    this.#shell.chdir(await fs.realpath(path));
    this.#variables.set('OLDPWD', this.#variables.get('PWD')!);
    this.#variables.set('PWD', this.#shell.cwd());
    for (const name of ['PWD', 'OLDPWD']) this.#variables.export(name);
    return 0;
  }

  /** @returns the status of the last one, if they are named */
  async #wait(pids: readonly string[]): Promise<number> {
    let last = 0;
    for (const pid of pids) {
      const exited = this.#background.get(pid);
      last = exited === undefined ? 127 : codeOf(await exited);
    }
    if (pids.length === 0) await Promise.all(this.#background.values());
    return last;
  }

  async #fails(message: string, status = 2): Promise<number> {
    await this.#shell.err(`${this.#shell.called}: 1: ${message}\n`);
    return status;
  }

  #isSilent({ redirections }: SimpleCommand): boolean {
    return redirections.some(({ fd, target }) => fd === 1 && this.#variables.text(target) === '/dev/null');
  }

  /** @returns the exit status if it cannot be started: the shell has said why */
  async #start(
    command: SimpleCommand,
    { in: input, out }: { in: number | 'nothing' | null; out: number | null } = NO_PIPES,
  ): Promise<{ readonly pid: number; readonly exited: Promise<ExitStatus> } | number> {
    const words = command.words.flatMap((word) => this.#variables.expand(word));
    const name = words[0] ?? '';
    if (BUILTINS.has(name) && MODELS_IN_SHELL[name] === undefined && name !== ':')
      this.#shell.refuse(`${name}, where it is used in ${words.join(' ')}`);
    const stdio: (number | null)[] = [input === 'nothing' ? null : (input ?? 0), out ?? 1, 2];
    const opened: number[] = [];
    try {
      const failure = await this.#redirect(command, stdio, opened);
      if (failure !== null) return await this.#fails(failure);
      const request = { command: name === ':' ? ['true'] : words, detached: false, stdio, clearEnv: true };
      return await this.#shell.spawn({ ...request, env: this.#variables.environmentOf(command) });
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return await this.#fails(`${name}: not found`, 127);
      if (!hasCode(error, 'EAGAIN')) throw error;
      this.hasExited = true;
      return await this.#fails('Cannot fork');
    } finally {
      for (const fd of opened) await this.#shell.ports.fs.close(fd);
    }
  }

  /** @returns what is wrong, or null */
  async #redirect(
    { redirections }: SimpleCommand,
    stdio: (number | null)[],
    opened: number[],
  ): Promise<string | null> {
    for (const { fd, kind, target } of redirections) {
      const text = this.#variables.text(target);
      if (fd > 2) this.#shell.refuse(`a redirection of descriptor ${fd}`);
      if (kind === 'to' && text !== '-' && !/^[012]$/.test(text))
        this.#shell.refuse(`a redirection to descriptor ${text}`);
      if (kind === 'to') stdio[fd] = text === '-' ? null : stdio[Number(text)]!;
      else if (text === '/dev/null') stdio[fd] = null;
      else {
        try {
          const own = await this.#shell.ports.fs.open(text, { read: 'r', write: 'w', append: 'a' }[kind]);
          opened.push(own);
          stdio[fd] = own;
        } catch (error) {
          if (!isSystemError(error)) throw error;
          return cannotOpen(text, kind, error);
        }
      }
    }
    return null;
  }
}

const NO_PIPES = { in: null, out: null };

function codeOf({ code, signal }: ExitStatus): number {
  return code ?? SIGNAL_BASE + SIGNALS.indexOf(signal!) + 1;
}
