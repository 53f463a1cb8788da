/** The TCP ports of a confined process: those that it names are others in reality, and it has no others. */
import type { Address } from '../../ports/index.ts';
import type { Paths } from './paths.ts';

/** From the TCP port that the program names to the one that is used. */
export type TcpPorts = Readonly<Record<number, number>>;

/** @returns null for a TCP port that is not in the table */
export function realAddress(address: Address, paths: Paths, tcpPorts: TcpPorts): Address | null {
  if (address.kind === 'unix') return { kind: 'unix', path: paths.real(address.path) };
  const tcpPort = tcpPorts[address.tcpPort];
  return tcpPort === undefined ? null : { ...address, tcpPort };
}

/** What the process calls a real address. */
export function virtualAddress(address: Address, paths: Paths, tcpPorts: TcpPorts): Address {
  if (address.kind === 'unix') return { kind: 'unix', path: paths.virtual(address.path) ?? address.path };
  const named = Object.entries(tcpPorts).find(([, real]) => real === address.tcpPort);
  return named === undefined ? address : { ...address, tcpPort: Number(named[0]) };
}
