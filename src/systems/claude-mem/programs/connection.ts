/** The worker's connection to chroma-mcp, before #1085 and since. */
import { SingleFlight } from '../../../model/index.ts';
import type { Ports } from '../../../ports/index.ts';
import { orElse, signal, watched } from '../../vocabulary/index.ts';
import { BREAKER } from '../constants.ts';
import { DIRECTORY } from '../setup.ts';
import { SIMULATED_CHROMA } from './chroma-mcp.ts';

const { answers, connects } = SIMULATED_CHROMA;

/** A worker's way to chroma-mcp. */
export interface Connection {
  /** One search. False: chroma-mcp did not answer. */
  search(): Promise<boolean>;
  /** As the worker stops. */
  close(): Promise<void>;
}

/** The pipes to one chroma-mcp, as far as they matter here: the process, and whether it has ended. */
export interface Transport {
  readonly pid: number;
  readonly exited: Promise<unknown>;
  readonly ended: boolean;
}

/** @param marker another argument for its command line */
export async function startChroma(ports: Ports, marker: readonly string[] = []): Promise<Transport> {
  const child = await ports.process.spawn(['chroma-mcp', '--data-dir', DIRECTORY, ...marker]);
  return Object.assign(watched(child), child);
}

/** Null if it cannot be started, as on a machine with too many processes. */
async function tryToStart(ports: Ports): Promise<Transport | null> {
  const started = await orElse(startChroma(ports), null);
  if (started === null) ports.mark('spawn-failed');
  return started;
}

/** Asks it to end, and waits until it has. It is a child that has not been reaped: its PID cannot be reused yet. */
async function closeTransport(ports: Ports, transport: Transport | null): Promise<void> {
  if (transport === null || transport.ended) return;
  await signal(ports, transport.pid, 'SIGTERM');
  await transport.exited;
}

/** Before #1085: each caller that finds no connection makes one; on any error the reference is dropped. */
export function looseConnection(ports: Ports): Connection {
  let transport: Transport | null = null;
  let connected = false;
  const connect = async (): Promise<boolean> => {
    // Another caller's transport is overwritten here.
    transport = await tryToStart(ports);
    if (transport === null || !(await connects(ports))) return false;
    connected = true;
    return true;
  };
  return {
    async search() {
      if (!connected && !(await connect())) return false;
      if (transport !== null && (await answers(ports, transport))) return true;
      connected = false;
      transport = null;
      return false;
    },
    async close() {
      if (!connected) return;
      connected = false;
      await closeTransport(ports, transport);
    },
  };
}

/**
 * Since #1085: concurrent callers share one promise, three failures to connect are followed by a minute without attempts, by
 * the wall clock, and a transport is closed when its reference is dropped.
 */
export function sharedConnection(ports: Ports): Connection {
  const { clock } = ports;
  const connecting = new SingleFlight<void>();
  let transport: Transport | null = null;
  let connected = false;
  let failures = 0;
  let failedAtMs = 0;

  const connect = async (): Promise<void> => {
    if (failures >= BREAKER.failures && (await clock.wallMs()) - failedAtMs < BREAKER.cooldownMs) {
      ports.mark('breaker-open');
      return;
    }
    transport = await tryToStart(ports);
    connected = transport !== null && (await connects(ports));
    if (connected) {
      failures = 0;
      return;
    }
    failures++;
    failedAtMs = await clock.wallMs();
    await close();
  };

  /** Drops the references, then closes: so that no caller uses what is being closed. */
  const close = async (): Promise<void> => {
    const dropped = transport;
    transport = null;
    connected = false;
    await closeTransport(ports, dropped);
  };

  return {
    async search() {
      if (!connected) await connecting.run(connect);
      if (!connected || transport === null) return false;
      if (await answers(ports, transport)) return true;
      await close();
      return false;
    },
    close,
  };
}
