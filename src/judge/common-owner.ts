/** How the owner can be known, by what two starts of a command have in common. */
import type { KnownOwner } from './known-owner.ts';
import type { Endpoint } from './observation.ts';

/** What is seen of the processes that are left of a start. */
export interface Traits {
  /** Where they listen, in the order in which they began to. */
  readonly endpoints: readonly Endpoint[];
  /** The files that name one of them. */
  readonly pidFiles: readonly string[];
}

/** By a port, otherwise by a socket, otherwise by a file; `null` if by nothing. */
export function commonOwner(
  first: Traits,
  second: Traits,
): { readonly owner: KnownOwner | null; readonly pidFile: string | null } {
  const same = JSON.stringify;
  const endpoints = first.endpoints.filter((each) =>
    second.endpoints.some((other) => same(each) === same(other)),
  );
  const [pidFile = null] = first.pidFiles.filter((each) => second.pidFiles.includes(each));
  const endpoint = endpoints.find((each) => 'tcpPort' in each) ?? endpoints[0];
  if (endpoint !== undefined) return { owner: { listensOn: endpoint }, pidFile };
  return { owner: pidFile === null ? null : { isNamedIn: pidFile }, pidFile };
}
