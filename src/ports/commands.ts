/** Command lines that a program can start although the scenario has no program of that name, such as `node daemon.js`. */
import type { Program } from './ports.ts';

/** What a command line starts. */
export interface Command {
  /** Names its processes: `daemon.js#1`. */
  readonly name: string;
  readonly program: Program;
  /** What the process table shows. Default: the command line. */
  readonly command?: readonly string[];
}

/** What a command line starts; `null`: there is no such command. Depends on nothing else. */
export type CommandOf = (command: readonly string[]) => Command | null;

const COMMANDS = Symbol('commands');

/** The same program, whose processes can start these commands too. */
export function withCommands(program: Program, commands: CommandOf): Program {
  const same: Program = (ports, argv) => program(ports, argv);
  return Object.assign(same, { [COMMANDS]: commands });
}

/** What a process of this program starts by a command line that names no program of the scenario. */
export function commandOf(program: Program, command: readonly string[]): Command | null {
  return (program as { [COMMANDS]?: CommandOf })[COMMANDS]?.(command) ?? null;
}

/** Whether its processes can start commands. */
export function hasCommands(program: Program): boolean {
  return COMMANDS in program;
}
