/** The host names and networks of the containers in a scenario. */
import { FIRST_PID_NAMESPACE } from '../sim/index.ts';
import type { Start } from './options.ts';

/** The host name and network of a container. */
export interface Container {
  readonly hostname: string;
  readonly network: string;
}

/** The containers that starts name. Host name and network are those given in one of its starts; default: the container's name. */
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
