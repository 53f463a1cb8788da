/** Names operations so that they can be recognised in other runs, in which PIDs, times and descriptors are other numbers. */
import type { Operation } from '../../ports/index.ts';
import type { ParkedOperation, SimProcess } from '../records/process.ts';
import { isListener } from '../records/sockets.ts';
import { isStream } from '../records/streams.ts';
import { DirectoryDescription, FileDescription } from '../vfs/index.ts';

/** What an operation carries makes no difference to what it touches. */
const PAYLOAD: ReadonlySet<string> = new Set(['op', 'data', 'body', 'headers']);
/** Numbers in a text, such as PIDs in the name of a file. */
const NUMBERS = /[0-9a-f]{8,}|\d+/gi;
/** From here on a number is a PID, a port or a time, and below it a flag or a mode. */
const LARGE = 1_000;

/**
 * What an operation is asked to do, and of what: `open /lock 193`, `write /lock`, `kill # SIGTERM`. Operations with the same name
 * do the same of things with similar names.
 */
export function operationName({
  process,
  operation,
}: Pick<ParkedOperation, 'process' | 'operation'>): string {
  let name: string = operation.op;
  for (const [key, value] of Object.entries(operation)) {
    if (!PAYLOAD.has(key)) name += ` ${key === 'fd' ? openedAs(process, value as number) : alike(value)}`;
  }
  return name;
}

function alike(value: unknown): string {
  if (typeof value === 'number') return value < LARGE ? String(value) : '#';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text === undefined ? '' : text.replace(NUMBERS, '#');
}

/** How a descriptor was made: its number says little. */
function openedAs(process: SimProcess, fd: Operation<'close'>['fd']): string {
  const description = process.fds.get(fd);
  if (description instanceof FileDescription || description instanceof DirectoryDescription)
    return alike(description.path);
  if (isStream(description)) return description.type;
  return isListener(description) ? alike(description.address) : 'nothing';
}
