/** The database behind a TCP port, as of v10.0.7: one server that workers share, instead of a chroma-mcp over pipes for each. */
import { SingleFlight } from '../../../model/index.ts';
import type { Ports, Program } from '../../../ports/index.ts';
import { answer, ask, ignore, listenIfFree, orElse, signal, watched } from '../../vocabulary/index.ts';
import { addressOf, CHROMA_TCP_PORT } from '../setup.ts';
import type { Connection } from './connection.ts';

const HEARTBEAT = '/api/v2/heartbeat';
const QUERY = '/api/v2/query';
/** The first question whether a server is there, and each query. */
const HEARTBEAT_MS = 3_000;
/** How long a worker waits for its server, and how often it asks. */
const READY_WITHIN_MS = 60_000;
const READY_POLL_MS = 500;
/** From SIGTERM to SIGKILL. */
const STOP_WITHIN_MS = 5_000;
const START_MS = 200;

/** Listens, unless another does: then it fails. */
export const chromaServer: Program = async (ports) => {
  await ports.clock.sleep(START_MS);
  const listener = await listenIfFree(ports, addressOf(CHROMA_TCP_PORT));
  if (listener === null) return 1;
  for (;;) {
    const { request } = await ports.net.accept(listener);
    await answer(ports, request, '');
  }
};

/** A worker's way to it. Once it was reached, it counts as ready until a server of the worker's own ends. */
export function serverConnection(ports: Ports): Connection {
  const starting = new SingleFlight<boolean>();
  let ready = false;
  let own: { readonly pid: number; readonly exited: Promise<unknown>; readonly ended: boolean } | null = null;

  const start = async (): Promise<boolean> => {
    if (await answers(ports, HEARTBEAT)) return true;
    const child = await orElse(
      ports.process.spawn(['chroma', 'run', `${CHROMA_TCP_PORT}`], { detached: true }),
      null,
    );
    if (child === null) {
      ports.mark('spawn-failed');
      return false;
    }
    own = Object.assign(watched(child), child);
    child.exited.then(() => {
      ready = false;
      own = null;
    }, ignore);
    const untilMs = (await ports.clock.wallMs()) + READY_WITHIN_MS;
    while ((await ports.clock.wallMs()) < untilMs) {
      if (await answers(ports, HEARTBEAT)) return true;
      await ports.clock.sleep(READY_POLL_MS);
    }
    return false;
  };

  return {
    async search() {
      ready ||= await starting.run(start);
      return ready && (await answers(ports, QUERY));
    },
    /** A server that another worker has started goes on. */
    async close() {
      const server = own;
      if (server === null) return;
      await signal(ports, -server.pid, 'SIGTERM');
      await Promise.race([server.exited, ports.clock.sleep(STOP_WITHIN_MS)]);
      if (!server.ended) await signal(ports, server.pid, 'SIGKILL');
    },
  };
}

async function answers(ports: Ports, path: string): Promise<boolean> {
  return (await ask(ports, addressOf(CHROMA_TCP_PORT), path, HEARTBEAT_MS))?.status === 200;
}
