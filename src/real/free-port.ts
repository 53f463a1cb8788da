import dgram from 'node:dgram';
import { readFileSync } from 'node:fs';
import net from 'node:net';

/** The dynamic range of IANA. */
const FIRST = 49_152;
const LAST = 65_535;
/** If there are fewer ports than this outside the system's own range, that range is used too. */
const ENOUGH = 256;
const ATTEMPTS = 1_000;

/**
 * For each port that was returned, a UDP socket with the same number, which is kept for the lifetime of this process. It does not affect
 * TCP, and shows other processes that use this function that the port is taken.
 */
const given = new Map<number, dgram.Socket>();

/**
 * A TCP port of 127.0.0.1 that was free a moment ago. This function does not return it again, in any process, for the lifetime of this
 * process, so that it stays free between two owners. If possible, it is not one that the system uses for outgoing connections,
 * which could block it for a minute.
 */
export async function freePort(): Promise<number> {
  const first = firstPort();
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const tcpPort = first + Math.floor(Math.random() * (LAST - first + 1));
    if (given.has(tcpPort)) continue;
    const socket = await reserve(tcpPort);
    if (socket === null) continue;
    given.set(tcpPort, socket);
    if (await isFree(tcpPort)) return tcpPort;
  }
  throw new Error(`no free TCP port from ${first} to ${LAST} in ${ATTEMPTS} attempts`);
}

function firstPort(): number {
  const last = lastOutgoing();
  return last >= FIRST && LAST - last >= ENOUGH ? last + 1 : FIRST;
}

/** 0 if unknown. */
function lastOutgoing(): number {
  try {
    const [, last] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'latin1').trim().split(/\s+/);
    return Number(last);
  } catch {
    return 0;
  }
}

/** `null` if another process has it. */
function reserve(port: number): Promise<dgram.Socket | null> {
  return new Promise((resolve) => {
    const socket = dgram.createSocket('udp4');
    socket.once('error', () => {
      socket.close();
      resolve(null);
    });
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => resolve(socket.unref()));
  });
}

function isFree(tcpPort: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen({ port: tcpPort, host: '127.0.0.1', exclusive: true }, () =>
      server.close(() => resolve(true)),
    );
  });
}
