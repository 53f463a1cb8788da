/**
 * How an owner marks its children: in their environment, so that a process cannot lose the mark of its start, and its own children inherit
 * it. The mark names the owner and its state directory.
 */
import { hasCode, type Ports, type ProcessInfo } from '../ports/index.ts';
import type { Origin } from './identity.ts';

/** The variable that marks a child. */
export const INHERITED_VARIABLE = 'ONE_SURVIVOR_OWNER';
/** Versions before 0.3 marked only the command line of the child itself. */
const FLAG = '--one-survivor-owner=';
/** Unambiguous, since the name of a PID namespace has no slash and a directory begins with one. */
const MARK = /^(\d+)\.(\d+)@([^/]*):(\/.*)$/s;
/** The owner named by a mark. Without a boot ID, since no child outlives a boot. */
export type OwnerIdentity = Pick<Origin, 'pid' | 'startTicks' | 'pidNamespace'>;

/**
 * The variable that an owner adds to the environment of every child, so that its successor recognizes it and its descendants:
 * the absolute path of the state directory, and the owner's PID, start time and PID namespace.
 */
export function childEnvironment(directory: string, owner: OwnerIdentity): Record<string, string> {
  return { [INHERITED_VARIABLE]: markOf(directory, owner) };
}

/** The same as an argument: for programs that replace their environment. It marks the child only, not what the child starts. */
export function childMarker(directory: string, owner: OwnerIdentity): string {
  return FLAG + markOf(directory, owner);
}

function markOf(directory: string, { pid, startTicks, pidNamespace }: OwnerIdentity): string {
  return `${pid}.${startTicks}@${pidNamespace}:${directory}`;
}

/** What a mark says. */
interface ChildMark {
  readonly owner: OwnerIdentity;
  /** The state directory of the owner. */
  readonly directory: string;
}

function parseMark(mark: string): ChildMark | null {
  const [, pid, startTicks, pidNamespace, directory] = MARK.exec(mark) ?? [];
  if (directory === undefined) return null;
  return {
    owner: { pid: Number(pid), startTicks: Number(startTicks), pidNamespace: pidNamespace! },
    directory,
  };
}

/**
 * The owner that a process is marked with, if it is one of this state directory.
 *
 * @param variable what the process has in its environment; `null`: nothing
 */
export function ownerOf(
  command: readonly string[],
  directory: string,
  variable: string | null = null,
): OwnerIdentity | null {
  const marks = command.flatMap((word) => (word.startsWith(FLAG) ? [word.slice(FLAG.length)] : []));
  for (const text of variable === null ? marks : [variable, ...marks]) {
    const mark = parseMark(text);
    if (mark?.directory === directory) return mark.owner;
  }
  return null;
}

/** The mark in the environment of a process; `null`: none, or it has ended, or we may not see it. */
async function variableOf(pid: number, { process }: Pick<Ports, 'process'>): Promise<string | null> {
  try {
    return await process.env(pid, INHERITED_VARIABLE);
  } catch (error) {
    if (hasCode(error, 'ESRCH') || hasCode(error, 'EACCES')) return null;
    throw error;
  }
}

/** The owner that a process is marked with, in its environment or its command line. */
export async function ownerOn(
  { pid, command }: Pick<ProcessInfo, 'pid' | 'command'>,
  directory: string,
  ports: Pick<Ports, 'process'>,
): Promise<OwnerIdentity | null> {
  return ownerOf(command, directory, await variableOf(pid, ports));
}

/** What a process has inherited, or was started with. An argument is not inherited. */
export async function inheritedBy(pid: number, ports: Pick<Ports, 'process'>): Promise<ChildMark | null> {
  const variable = await variableOf(pid, ports);
  return variable === null ? null : parseMark(variable);
}
