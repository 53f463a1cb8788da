/** What containers that a script names have of their own: a host name and a network. */
import { FIRST_PID_NAMESPACE } from '../sim/index.ts';
import type { Start } from './options.ts';

/** Host name and network of a container. */
export interface Container {
  readonly hostname: string;
  readonly network: string;
}

/** Each container that the starts name: as one of its starts says, else named after it. */
export function containersOf(start: readonly Start[]): ReadonlyMap<string, Container> {
  const containers = new Map<string, Container>();
  for (const { pidNamespace } of start) {
    if (pidNamespace === undefined || pidNamespace === FIRST_PID_NAMESPACE) continue;
    const inside = start.filter((other) => other.pidNamespace === pidNamespace);
    const hostname = inside.find((other) => other.hostname !== undefined)?.hostname ?? pidNamespace;
    const network = inside.find((other) => other.network !== undefined)?.network ?? pidNamespace;
    containers.set(pidNamespace, { hostname, network });
  }
  return containers;
}
