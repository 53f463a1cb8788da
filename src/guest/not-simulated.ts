/** Functions of Node that a simulated process does not have are refused by a sentence: what, where, and what can be done. */

import { unguarded } from '../host/index.ts';
import { lazyObject, type Members } from './lazy.ts';
import { GuestError } from './modules/guest-error.ts';
import { isSource } from './modules/source.ts';
import { noteRefusal } from './uses.ts';

/** What can be done instead, for some. */
const INSTEAD: Readonly<Record<string, string>> = {
  'worker_threads.Worker': 'Start another process with child_process.fork',
  'cluster.fork': 'Start another process with child_process.fork',
  'process.setuid to another one': 'Start the program with its uid in the scenario',
  'process.setgid to another one': 'Start the program with its uid in the scenario',
};
const OTHERWISE = 'Leave it out under the simulation, or give the program another module in its place';

/** @throws GuestError always */
export function refuse(what: string): never {
  const where = callerOf(new Error('refused').stack ?? '');
  noteRefusal(what, where);
  throw new GuestError(
    `${what} is not simulated${where === null ? '' : ` (used at ${where})`}: a simulated process must not reach the real machine, and the simulated one has nothing like it. ${INSTEAD[what] ?? OTHERWISE}`,
  );
}

/** The line of the program: `file:line:column`. */
function callerOf(stack: string): string | null {
  for (const line of stack.split('\n')) {
    const frame = /(?:\(|at )(?:file:\/\/)?(\/.*?):(\d+:\d+)\)?$/.exec(line);
    if (frame !== null && isSource(frame[1]!)) return `${frame[1]}:${frame[2]}`;
  }
  return null;
}

/**
 * What Node's module has, and ours has not: functions that refuse, under the same names, so that a program that only looks whether they are
 * there goes on as under Node. Values that are no functions are left out.
 */
export function refusedMembers(
  module: string,
  real: object,
  ours: (name: string) => boolean,
): Members<unknown> {
  const members = new Map<string, () => unknown>();
  for (const name of Object.keys(real)) {
    if (ours(name) || name.startsWith('_')) continue;
    const { value } = Object.getOwnPropertyDescriptor(real, name)!;
    if (typeof value === 'function') members.set(name, () => refusing(`${module}.${name}`, name));
  }
  return members;
}

/** Its members are on its prototype. */
const SUBTLE: object = Object.fromEntries(
  Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(globalThis.crypto.subtle))).map(
    ([name, { value }]) => [name, value],
  ),
);

/** A module of Node, of which only the names and kinds of its members are looked at. */
export function namesOf(module: string): object {
  if (module === 'crypto.subtle') return SUBTLE;
  // Some do something when they are loaded.
  return unguarded(() => globalThis.process.getBuiltinModule(module) as object);
}

/** Can be called with and without `new`, which an arrow function cannot. */
function refusing(what: string, name: string): unknown {
  function refused(): never {
    return refuse(what);
  }
  return Object.defineProperty(refused, 'name', { value: name });
}

const known = new Map<string, Members<unknown>>();

/** Our module, with what is missing from it refused. */
export function completed(module: string, own: object): object {
  let members = known.get(module);
  if (members === undefined) {
    members = refusedMembers(module, namesOf(module), (name) => Object.hasOwn(own, name));
    known.set(module, members);
  }
  return members.size === 0 ? own : lazyObject(members, null, own);
}
