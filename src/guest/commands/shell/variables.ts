/** The variables and arguments of a shell, and the words in which they are replaced. */
import type { Shell } from '../model.ts';
import type { Part, SimpleCommand, Word } from './parse.ts';

export class Variables {
  readonly #shell: Shell;
  readonly #args: readonly string[];
  readonly #values: Record<string, string>;
  /** Those that children get. */
  readonly #exported: Set<string>;
  /** Of the last command. */
  status = 0;
  /** Of the last command in the background. */
  lastPid = '';

  /** @param args the first is `$0` */
  constructor(shell: Shell, args: readonly string[]) {
    this.#shell = shell;
    this.#args = args;
    this.#values = { PWD: shell.cwd(), ...shell.env };
    this.#exported = new Set(Object.keys(shell.env));
  }

  get(name: string): string | undefined {
    return this.#values[name];
  }

  set(name: string, value: string): void {
    this.#values[name] = value;
  }

  export(name: string): void {
    this.#exported.add(name);
  }

  /** What a command is started with. */
  environmentOf({ assignments }: SimpleCommand): Record<string, string> {
    const env: Record<string, string> = {};
    for (const [name, value] of Object.entries(this.#values)) if (this.#exported.has(name)) env[name] = value;
    for (const { name, value } of assignments) env[name] = this.text(value);
    return env;
  }

  text(word: Word): string {
    return word.map((part) => this.#value(part)).join('');
  }

  /** The value of a variable without quotes is split at white space. */
  expand(word: Word): string[] {
    const all = word.find((part) => part.kind === 'variable' && part.name === '@' && part.quoted);
    if (all !== undefined) {
      if (word.some((part) => part !== all && (part.kind === 'variable' || part.text !== '')))
        this.#shell.refuse('"$@" within a longer word');
      return this.#args.slice(1);
    }
    if (word.every((part) => part.kind === 'text' || part.quoted)) return [this.text(word)];
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
        return this.lastPid;
      case '#':
        return String(Math.max(0, this.#args.length - 1));
      case '@':
      case '*':
        return this.#args.slice(1).join(' ');
    }
    const value = /^\d$/.test(part.name) ? this.#argument(Number(part.name)) : this.#values[part.name];
    return value === undefined || (value === '' && part.ifEmpty) ? part.otherwise : value;
  }

  #argument(number: number): string | undefined {
    return this.#args[number] ?? (number === 0 ? this.#shell.called : undefined);
  }
}
