/** Runs command lines of sh, each command as a child; a few are built in. */

import type { ExitStatus } from '../../../ports/index.ts';
import { hasCode, SIGNALS } from '../../../ports/index.ts';
import type { StartRequest } from '../../child-process/requests.ts';
import type { Model, Shell } from '../model.ts';
import { MODELS_IN_SHELL } from '../models/built-in.ts';
import {
  type AndOr,
  NotUnderstood,
  type Part,
  type Pipeline,
  parse,
  type SimpleCommand,
  type Word,
} from './parse.ts';

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
  readonly #args: readonly string[];
  readonly #variables: Record<string, string>;
  readonly #background: Promise<ExitStatus>[] = [];
  #lastPid = '';
  status = 0;
  hasExited = false;

  constructor(shell: Shell, args: readonly string[]) {
    this.#shell = shell;
    this.#args = args;
    this.#variables = { ...shell.env };
  }

  async list({ first, rest, background }: AndOr): Promise<void> {
    if (background) {
      if (rest.length > 0 || first.commands.length > 1) this.#shell.refuse('& after more than one command');
      const started = await this.#start(first.commands[0]!);
      if (started !== null) {
        this.#background.push(started.exited);
        this.#lastPid = String(started.pid);
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
    let last = 127;
    for (const [at, command] of commands.entries()) {
      const isLast = at === commands.length - 1;
      const pipe: { readFd: number; writeFd: number } | null = isLast ? null : await this.#shell.pipe();
      const started = await this.#start(command, { in: input, out: pipe?.writeFd ?? null });
      if (input !== null) await ports.fs.close(input);
      if (pipe !== null) await ports.fs.close(pipe.writeFd);
      input = pipe?.readFd ?? null;
      if (started !== null) ends.push(started.exited);
      if (isLast && started !== null) last = codeOf(await started.exited);
    }
    await Promise.all(ends);
    return last;
  }

  async #command(command: SimpleCommand): Promise<number> {
    const words = command.words.flatMap((word) => this.#expand(word));
    const [name] = words;
    if (name === undefined) {
      for (const { name: variable, value } of command.assignments)
        this.#variables[variable] = this.#text(value);
      return 0;
    }
    const builtin = await this.#builtin(name, words.slice(1), command);
    if (builtin !== null) return builtin;
    const started = await this.#start(command);
    if (started === null) return 127;
    const status = await started.exited;
    const message = status.signal === null ? undefined : MESSAGES[status.signal];
    if (message !== undefined) await this.#shell.err(`${message}\n`);
    return codeOf(status);
  }

  async #builtin(name: string, args: readonly string[], command: SimpleCommand): Promise<number | null> {
    switch (name) {
      case ':':
        return 0;
      case 'cd':
        this.#shell.chdir(await this.#shell.ports.fs.realpath(args[0] ?? this.#variables.HOME ?? '/'));
        return 0;
      case 'exit':
        this.hasExited = true;
        return Number(args[0] ?? this.status);
      case 'export':
        for (const each of args) {
          const [variable = '', value] = each.split(/=(.*)/s);
          if (value !== undefined) this.#variables[variable] = value;
        }
        return 0;
      case 'wait':
        await Promise.all(this.#background.splice(0));
        return 0;
      case 'command': {
        const [option, asked = ''] = args;
        if (option !== '-v') return null;
        const path = this.#shell.commandPath(asked);
        if (path !== null && !this.#isSilent(command)) await this.#shell.out(`${path}\n`);
        return path === null ? 127 : 0;
      }
      case 'exec':
        this.hasExited = true;
        return this.#command({ ...command, words: command.words.slice(1) });
    }
    const model = command.redirections.length === 0 ? MODELS_IN_SHELL[name] : undefined;
    return model === undefined ? null : model({ ...this.#shell, name, args });
  }

  #isSilent({ redirections }: SimpleCommand): boolean {
    return redirections.some(({ fd, target }) => fd === 1 && this.#text(target) === '/dev/null');
  }

  /** @returns null if there is no such command: the shell has said so */
  async #start(
    command: SimpleCommand,
    { in: input, out }: { in: number | null; out: number | null } = NO_PIPES,
  ) {
    const { ports } = this.#shell;
    const words = command.words.flatMap((word) => this.#expand(word));
    const stdio: (number | null)[] = [input ?? 0, out ?? 1, 2];
    const opened: number[] = [];
    for (const { fd, kind, target } of command.redirections) {
      const text = this.#text(target);
      if (fd > 2) this.#shell.refuse(`a redirection of descriptor ${fd}`);
      if (kind === 'to') stdio[fd] = text === '-' ? null : stdio[Number(text)]!;
      else if (text === '/dev/null') stdio[fd] = null;
      else {
        const own = await ports.fs.open(text, { read: 'r', write: 'w', append: 'a' }[kind]);
        opened.push(own);
        stdio[fd] = own;
      }
    }
    const env = { ...this.#variables };
    for (const { name, value } of command.assignments) env[name] = this.#text(value);
    const request: StartRequest = { command: words, detached: false, stdio, env, clearEnv: true };
    try {
      return await this.#shell.spawn(request);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
      await this.#shell.err(`${this.#shell.called}: 1: ${words[0]}: not found\n`);
      return null;
    } finally {
      for (const fd of opened) await ports.fs.close(fd);
    }
  }

  #text(word: Word): string {
    return word.map((part) => this.#value(part)).join('');
  }

  /** The value of a variable without quotes is split at white space. */
  #expand(word: Word): string[] {
    if (word.every((part) => part.kind === 'text' || part.quoted)) return [this.#text(word)];
    const fields: string[] = [];
    let current: string | null = null;
    for (const part of word) {
      const value = this.#value(part);
      if (part.kind === 'text' || part.quoted) {
        current = (current ?? '') + value;
        continue;
      }
      const pieces = value.split(/\s+/);
      for (const [at, piece] of pieces.entries()) {
        if (at > 0 && current !== null) {
          fields.push(current);
          current = null;
        }
        if (piece !== '') current = (current ?? '') + piece;
      }
    }
    if (current !== null) fields.push(current);
    return fields;
  }

  #value(part: Part): string {
    if (part.kind === 'text') return part.text;
    switch (part.name) {
      case '?':
        return String(this.status);
      case '$':
        return String(this.#shell.pid);
      case '!':
        return this.#lastPid;
      case '#':
        return String(Math.max(0, this.#args.length - 1));
      case '@':
        return this.#args.slice(1).join(' ');
    }
    if (/^\d$/.test(part.name)) return this.#args[Number(part.name)] ?? (part.name === '0' ? 'sh' : '');
    return this.#variables[part.name] || part.otherwise;
  }
}

const NO_PIPES = { in: null, out: null };

function codeOf({ code, signal }: ExitStatus): number {
  return code ?? SIGNAL_BASE + SIGNALS.indexOf(signal!) + 1;
}
