/** Who listens where, and whom a file names, on a simulated machine. */
import { type Endpoint, pidIn } from '../../judge/index.ts';
import { decodeText } from '../../ports/index.ts';
import { isListener, portCell, type SimMachine, type SimProcess, unlogged } from '../../sim/index.ts';
import { reads } from '../logged.ts';

type Listener = ReturnType<SimMachine['listeners']['all']>[number];
type Machine = Pick<SimMachine, 'listeners' | 'table' | 'fs'>;

/** For each socket that listens there, in any network, the oldest living process that has it open. */
export function listeningAt({ listeners, table }: Machine, endpoint: Endpoint): SimProcess[] {
  const found =
    'tcpPort' in endpoint
      ? networksOf(table).flatMap((network) => listeners.onPort(network, endpoint.tcpPort))
      : listeners.all().filter(({ address }) => address.kind === 'unix' && address.path === endpoint.path);
  return holdersOf(found);
}

/** As {@link listeningAt}, without Unix sockets whose file was removed or replaced: they listen, but no connection reaches them. */
export function reachedAt(machine: Machine, endpoint: Endpoint): SimProcess[] {
  if ('tcpPort' in endpoint) return listeningAt(machine, endpoint);
  const socket = machine.fs.socketAt(endpoint.path);
  return holdersOf(machine.listeners.all().filter((listener) => listener === socket));
}

function holdersOf(found: readonly Listener[]): SimProcess[] {
  const processes = found.flatMap(({ holders }) => {
    const living = holders.filter(({ alive }) => alive);
    return living.length === 0 ? [] : [living.reduce((a, b) => (a.index < b.index ? a : b))];
  });
  return [...new Set(processes)].sort((a, b) => a.index - b.index);
}

/** The processes that listen on a TCP port, in any network and any state. */
export function listenersOn({ table }: Pick<Machine, 'table'>, tcpPort: number): SimProcess[] {
  for (const network of networksOf(table)) reads(portCell(network, tcpPort));
  return unlogged(() => table.all().filter(({ fds }) => listensOn(fds, tcpPort)));
}

function listensOn(fds: SimProcess['fds'], tcpPort: number): boolean {
  for (const description of fds.values()) {
    if (!isListener(description)) continue;
    const { address } = description;
    if (address.kind === 'tcp' && address.tcpPort === tcpPort) return true;
  }
  return false;
}

/** The PID in a file; `null` if it has none, `undefined` if there is no such file. */
export function pidInFile({ fs }: Machine, file: string): number | null | undefined {
  if (!fs.filesUnder(file).includes(file)) return undefined;
  return pidIn(decodeText(fs.contentOf(file)));
}

/** Networks are as old as the processes in them: which ones there are changes nothing on a port. */
function networksOf(table: SimMachine['table']): string[] {
  return unlogged(() => [...new Set(table.all().map(({ network }) => network))]);
}
