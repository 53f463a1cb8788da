/** How an owner is known that declares nothing: by what a scenario says of its sockets and files. */
import { type Endpoint, endpointOf } from '../../judge/index.ts';
import type { SimProcess } from '../../sim/index.ts';
import type { World } from '../world.ts';

/**
 * How an owner is known:
 *
 * - `listensOn`: it listens on a TCP port, or on a Unix socket. Of processes that share a socket, the oldest counts.
 * - `answers`: it listens on the port of a URL. What it answers is not looked at.
 * - `isNamedIn`: a file has its PID, as its first number or in a field `pid`. At most one process is.
 * - `matches`: a function returns the owners. It is asked after each step.
 * - `all`: all of several.
 */
export type Owner =
  | { readonly listensOn: Endpoint }
  | { readonly answers: string }
  | { readonly isNamedIn: string }
  | { readonly matches: (world: World) => readonly SimProcess[] }
  | { readonly all: readonly Owner[] };

/** The living processes of the system that own now, in the order of their start. */
export function ownersIn(owner: Owner, world: World): readonly SimProcess[] {
  return candidatesOf(owner, world).filter(({ alive, foreign }) => alive && !foreign);
}

function candidatesOf(owner: Owner, world: World): readonly SimProcess[] {
  if ('listensOn' in owner) return world.listeningAt(owner.listensOn);
  if ('answers' in owner) return world.listeningAt(endpointOf(owner.answers)!);
  if ('matches' in owner) return owner.matches(world);
  if ('isNamedIn' in owner) {
    const named = world.namedIn(owner.isNamedIn);
    return named === null ? [] : [named];
  }
  const [first, ...others] = owner.all;
  return others.reduce(
    (some, each) => {
      if (some.length === 0) return some;
      const also = candidatesOf(each, world);
      return some.filter((process) => also.includes(process));
    },
    candidatesOf(first!, world),
  );
}
