import dgram from 'node:dgram';
import { readFileSync } from 'node:fs';
import net from 'node:net';

/** The range that IANA leaves to everybody. */
const FIRST = 49_152;
const LAST = 65_535;
/** Below this many ports beyond the system's own range, that range is used too. */
const ENOUGH = 256;
const ATTEMPTS = 1_000;

/**
 * For each port that was given: a UDP socket of the same number, for as long as this process lives. It disturbs nobody who
 * is interested in TCP, and every other process that asks here sees that the number is taken.
 */
const given = new Map<number, dgram.Socket>();

/**
 * A TCP port of 127.0.0.1 that was free a moment ago, and that nobody who asks here is given as long as this process lives,
 * in whatever process: between two owners nobody listens on it. Where possible not one that the system itself hands out to
 * outgoing connections: one of those would be in the way for a minute, and nobody would be listening on it.
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

/** 0: not known. */
function lastOutgoing(): number {
  try {
    const [, last] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'latin1').trim().split(/\s+/);
    return Number(last);
  } catch {
    return 0;
  }
}

/** Null: somebody else has it. */
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
