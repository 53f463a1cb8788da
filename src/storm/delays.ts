/**
 * Delays at what a command does with its files, where strace(1) is installed: each call that names one of them returns late, and the first one of
 * each start returns only when all have made one. So none of them writes a file before all have looked for it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Alone } from './order.ts';
import { foldersOf } from './surroundings.ts';

const PROBE_MS = 10_000;
/** Each of them costs a comparison for each call of each process. */
const MOST_PATHS = 24;
/**
 * As a tracer beside the process, which stays a child of this one; of its children too. Without --seccomp-bpf, since a process that is traced no
 * more would get ENOSYS from all these calls.
 */
const TRACER = ['strace', '-D', '-f', '-qq', '-o'] as const;

/** Where tracers write, in the folder of the storm: it does not belong to the command. */
export function callsFolder(directory: string): string {
  return join(directory, 'calls');
}

/** The words before a command. @param delayMs how late calls return @param file gets a line for each of them, before it returns */
export function delayed(paths: readonly string[], delayMs: number, file: string): string[] {
  const delay = `inject=%file:delay_exit=${Math.round(delayMs * 1000)}`;
  return [...TRACER, file, ...paths.flatMap((path) => ['-P', path]), '-e', 'trace=%file', '-e', delay];
}

/** The process that made the first of these calls; `null`: none has been made. */
export function firstCaller(file: string): number | null {
  try {
    const [, pid] = /^(\d+) +\w+\(/m.exec(readFileSync(file, 'latin1')) ?? [];
    return pid === undefined ? null : Number(pid);
  } catch {
    return null;
  }
}

/** Whether this is the command line of such a tracer, or of what becomes one. */
export function isTracer(command: readonly string[]): boolean {
  return TRACER.every((word, i) => command[i] === word);
}

/** A command line without the words of {@link delayed}. */
export function withoutTracer(command: readonly string[]): readonly string[] {
  return command.slice(1 + command.findLastIndex((word) => word.startsWith('inject=%file:')));
}

/** Whether strace is there, and may trace. */
export async function canDelayHere(): Promise<boolean> {
  const [file = '', ...args] = [...delayed(['/'], 1, '/dev/null'), 'true'];
  const { exitCode } = await execa(file, args, { reject: false, timeout: PROBE_MS, stdio: 'ignore' });
  return exitCode === 0;
}

/** The files of a command that races are about: those that it had written when it had settled, and the folders that it had made for them. */
export function pathsToDelay(directory: string, starts: readonly Alone[]): string[] {
  const given = new Set(foldersOf(directory));
  const paths = starts.flatMap(({ files }) =>
    files.flatMap((path) => {
      const folder = path.slice(0, path.lastIndexOf('/'));
      const isOwn = [...given].some((each) => folder.startsWith(`${each}/`));
      return isOwn ? [path, folder] : [path];
    }),
  );
  return [...new Set(paths)].slice(0, MOST_PATHS);
}
