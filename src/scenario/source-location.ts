import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where in people's own code something is: the first frame of a stack that is not in Node, in a package or in this package. */

/** Read when this module is loaded: a guard may have replaced it when it is called, in the middle of a step. */
const { cwd } = globalThis.process;

const HERE = fileURLToPath(new URL('..', import.meta.url));
/** Folders of this package that hold programs: the built-in scenarios and the protocol. All its other code is ours. */
const PROGRAMS = ['systems', 'model', 'owner'].map((folder) => `${HERE}${folder}${sep}`);

const FRAME = /^\s*at (?:.* \()?(?:async )?((?:file:\/\/|\/|[A-Za-z]:[\\/])[^()\n]*?):(\d+):(\d+)\)?$/;

/**
 * Where an error was made.
 *
 * @returns `file:line:column`, the file from the working directory if it is in it; null: not known
 */
export function placeOfError(error: unknown): string | null {
  try {
    if (!(error instanceof Error)) return null;
    const place = placeIn(stackOf(error), error.message);
    // Where several promises were given up says less than where the first of them failed.
    if (place !== null || !(error instanceof AggregateError)) return place;
    return placeOfError(error.errors[0]);
  } catch {
    return null;
  }
}

/** The stack of an error as a text, whatever a program has made of it. */
export function stackOf(error: Error): string {
  try {
    return String(error.stack ?? '');
  } catch {
    return '';
  }
}

/** A frame of a stack. */
export interface Place {
  /** Absolute. */
  readonly file: string;
  /** Counted from 1, as the column is. */
  readonly line: number;
  readonly column: number;
}

/** @param message what the stack begins with: it may look like a frame */
export function placeIn(stack: string, message = ''): string | null {
  const frame = frameIn(stack, message);
  return frame === null ? null : `${shortPath(frame.file)}:${frame.line}:${frame.column}`;
}

/**
 * The first frame in people's own code; else the first in a package. Null: all frames are of this package or of Node.
 *
 * @param message what the stack begins with: it may look like a frame
 */
export function frameIn(stack: string, message = ''): Place | null {
  let other: Place | null = null;
  for (const frame of stack.replace(message, '').split('\n')) {
    const [, file = '', line, column] = FRAME.exec(frame) ?? [];
    if (file === '') continue;
    const path = pathOf(file);
    if (isOurs(path)) continue;
    const place = { file: path, line: Number(line), column: Number(column) };
    if (!/[\\/]node_modules[\\/]/.test(path)) return place;
    other ??= place;
  }
  return other;
}

/** `file:line:column`, the file from the working directory if it is in it. */
export function shortPlace(place: string): string {
  const [, file, rest] = /^(.*?)(:\d+:\d+)$/.exec(place) ?? [];
  return file === undefined ? place : `${shortPath(pathOf(file))}${rest}`;
}

/** The place of the caller, as far as it is in people's own code. */
export function placeHere(): string | null {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 40;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  return placeIn(stack);
}

function isOurs(path: string): boolean {
  return path.startsWith(HERE) && !PROGRAMS.some((folder) => path.startsWith(folder));
}

function pathOf(file: string): string {
  try {
    return file.startsWith('file:') ? fileURLToPath(file) : file;
  } catch {
    return file;
  }
}

function shortPath(whole: string): string {
  // A module that is loaded once more has a query.
  const path = whole.replace(/\?.*$/, '');
  const short = relative(cwd(), path);
  return short === '' || short.startsWith('..') ? path : short.replaceAll('\\', '/');
}
