/** The commands that a program of Node can start: `node` itself, those that its scenario names, and small models of common ones. */
import { posix } from 'node:path';
import { type Command, type CommandOf, hasCommands, withCommands } from '../../ports/commands.ts';
import type { Program } from '../../ports/index.ts';
import { modelProgram } from './model.ts';
import { MODELS } from './models/index.ts';
import { nodeCommand, nodeCommandName, runsByNode } from './node-command.ts';
import { simpleCommand } from './shell/simple.ts';

/** Where commands are found by their path. */
const FOLDERS: ReadonlySet<string> = new Set(['/bin', '/usr/bin', '/usr/local/bin', '/sbin', '/usr/sbin']);

/** @param own by name; they take precedence over the models */
export function commandSet(own: Readonly<Record<string, Program>>): CommandOf {
  const programs = new Map<string, Program>();
  const inheriting = (name: string, program: Program): Program => {
    let known = programs.get(name);
    if (known === undefined) {
      // A program with commands of its own keeps them.
      known = hasCommands(program) ? program : withCommands(program, find);
      programs.set(name, known);
    }
    return known;
  };
  const find = (command: readonly string[]): Command | null => {
    const [word = '', ...args] = command;
    const name = bareName(word);
    if (name === null) {
      return runsByNode(word) ? find(['node', ...command]) : null;
    }
    if (Object.hasOwn(own, name)) return { name, program: inheriting(name, own[name]!) };
    if (name === 'node') return { name: nodeCommandName(command), program: inheriting(name, nodeCommand) };
    if (!Object.hasOwn(MODELS, name)) return null;
    const instead = simpleCommand(name, args);
    if (instead !== null) {
      const replaced = find(instead);
      if (replaced !== null) return { ...replaced, command: replaced.command ?? instead };
    }
    return { name, program: inheriting(name, modelProgram(name, MODELS[name]!)) };
  };
  return find;
}

/** `null`: a path to something else. */
function bareName(word: string): string | null {
  if (!word.includes('/')) return word;
  return FOLDERS.has(posix.dirname(word)) ? posix.basename(word) : null;
}
