import { accesses } from '../base/accesses.ts';
import { type Restore, remove, saveList, saveMap } from '../base/snapshot.ts';
import type { StateVisitor } from '../base/state-hasher.ts';
import type { Listener } from './sockets.ts';

/** Linux's default (net.ipv4.ip_local_port_range). It picks one at random; the simulation takes the next in turn. */
const FIRST_EPHEMERAL_PORT = 32_768;
const LAST_EPHEMERAL_PORT = 60_999;

/** The cell of all listeners together. */
const ALL = 'listeners';

/** All listening sockets of a machine, and the ephemeral ports of its networks. */
export class ListenerTable {
  readonly #all: Listener[] = [];
  /** The ephemeral TCP port that was given last, for each network. */
  readonly #lastPorts = new Map<string, number>();

  /** In the order in which they began to listen. */
  all(): readonly Listener[] {
    reads(ALL);
    return this.#all;
  }

  /** The listeners on a TCP port, on any address. */
  onPort(network: string, tcpPort: number): Listener[] {
    reads(portCell(network, tcpPort));
    return this.#all.filter(
      (listener) => listener.host !== null && listener.tcpPort === tcpPort && listener.network === network,
    );
  }

  /** The TCP listeners of a network. */
  onNetwork(network: string): Listener[] {
    return this.all().filter((listener) => listener.host !== null && listener.network === network);
  }

  add(listener: Listener): void {
    changes(listener);
    this.#all.push(listener);
  }

  remove(listener: Listener): void {
    changes(listener);
    remove(this.#all, listener);
  }

  /** Whether it still listens. */
  has(listener: Listener): boolean {
    listener.readsOpen();
    return this.#all.includes(listener);
  }

  /** The next ephemeral port of a network; null: there is none left. */
  nextPort(network: string, taken: ReadonlySet<number>): number | null {
    reads(`ports of ${network}`);
    writes(`ports of ${network}`);
    const last = this.#lastPorts.get(network) ?? FIRST_EPHEMERAL_PORT - 1;
    const count = LAST_EPHEMERAL_PORT - FIRST_EPHEMERAL_PORT + 1;
    for (let next = 1; next <= count; next++) {
      const port = FIRST_EPHEMERAL_PORT + ((last - FIRST_EPHEMERAL_PORT + next) % count);
      if (taken.has(port)) continue;
      this.#lastPorts.set(network, port);
      return port;
    }
    return null;
  }

  restart(): void {
    for (const listener of this.#all) changes(listener);
    for (const network of this.#lastPorts.keys()) writes(`ports of ${network}`);
    this.#all.length = 0;
    this.#lastPorts.clear();
  }

  /** The listeners themselves are saved by the processes that have them open. */
  save(): Restore {
    const restoreAll = saveList(this.#all);
    const restorePorts = saveMap(this.#lastPorts);
    return () => {
      restoreAll();
      restorePorts();
    };
  }

  visit(into: StateVisitor): void {
    const { cells } = into;
    into.part(cells.of(ALL));
    for (const { name } of this.#all) into.text(name);
    for (const [network, tcpPort] of this.#lastPorts) {
      into.part(cells.of(`ports of ${network}`));
      into.number(tcpPort);
    }
    for (const listener of this.#all) {
      listener.visitAll(into);
      if (listener.host === null) continue;
      into.part(cells.of(portCell(listener.network, listener.tcpPort)));
      into.text(listener.name);
    }
  }
}

/** The cell of those that listen on a port, and of the processes that have them open. */
export function portCell(network: string, tcpPort: number): string {
  return `port ${network} ${tcpPort}`;
}

function changes(listener: Listener): void {
  if (accesses === null) return;
  writes(ALL);
  listener.writesOpen();
  if (listener.host !== null) writes(portCell(listener.network, listener.tcpPort));
}

function reads(cell: string): void {
  if (accesses !== null) accesses.read(accesses.cells.of(cell));
}

function writes(cell: string): void {
  if (accesses !== null) accesses.write(accesses.cells.of(cell));
}
