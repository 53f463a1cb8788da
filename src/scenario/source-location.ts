import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { originalPosition, type Position } from '../host/index.ts';

/** Locations in user code: the first frame of a stack that is neither in Node nor in a package, including this one. */

/** Saved when this module is loaded: during a step, a guard has replaced it. */
const { cwd } = globalThis.process;

const HERE = fileURLToPath(new URL('..', import.meta.url));
/** The folders of this package that contain programs, which count as user code: the built-in scenarios and the protocol. */
const PROGRAMS = ['systems', 'model', 'owner'].map((folder) => `${HERE}${folder}${sep}`);

const FRAME = /^\s*at (?:.* \()?(?:async )?((?:file:\/\/|\/|[A-Za-z]:[\\/])[^()\n]*?):(\d+):(\d+)\)?$/;

/**
 * Where an error was created.
 *
 * @returns `file:line:column`, the file relative to the working directory if it is inside; `null` if unknown
 */
export function placeOfError(error: unknown): string | null {
  try {
    if (!(error instanceof Error)) return null;
    const place = placeIn(stackOf(error), error.message);
    // The location of an AggregateError says less than that of its first error.
    if (place !== null || !(error instanceof AggregateError)) return place;
    return placeOfError(error.errors[0]);
  } catch {
    return null;
  }
}

/** The stack of an error as a string, even if a program has replaced it with something else. */
export function stackOf(error: Error): string {
  try {
    return String(error.stack ?? '');
  } catch {
    return '';
  }
}

/** @param message the message of the error, which may look like a frame */
export function placeIn(stack: string, message = ''): string | null {
  const frame = frameIn(stack, message);
  return frame === null ? null : shortPosition(frame);
}

/**
 * Where the first frame in user code is in the file as its author wrote it, otherwise the first in another package; `null` if all frames are in this package or in Node.
 *
 * @param message the message of the error, which may look like a frame
 */
export function frameIn(stack: string, message = ''): Position | null {
  let other: Position | null = null;
  for (const frame of stack.replace(message, '').split('\n')) {
    const [, file = '', line, column] = FRAME.exec(frame) ?? [];
    if (file === '') continue;
    const path = pathOf(file);
    if (isOurs(path)) continue;
    const isPackage = /[\\/]node_modules[\\/]/.test(path);
    if (isPackage && other !== null) continue;
    const place = originalPosition(path, Number(line), Number(column));
    if (!isPackage) return place;
    other = place;
  }
  return other;
}

/** `file:line:column` as its author wrote it, the file relative to the working directory if it is inside. */
export function shortPlace(place: string): string {
  const [, file, line, column] = /^(.*?):(\d+):(\d+)$/.exec(place) ?? [];
  return file === undefined
    ? place
    : shortPosition(originalPosition(pathOf(file), Number(line), Number(column)));
}

function shortPosition({ file, line, column }: Position): string {
  return `${shortPath(file)}:${line}:${column}`;
}

/** The location of the calling user code, if any. */
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
    // A module that is loaded again has a query.
    return file.startsWith('file:') ? fileURLToPath(file) : file.replace(/\?.*$/, '');
  } catch {
    return file;
  }
}

function shortPath(whole: string): string {
  const short = relative(cwd(), whole);
  return short === '' || short.startsWith('..') ? whole : short.replaceAll('\\', '/');
}
