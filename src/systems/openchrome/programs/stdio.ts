/**
 * What stands for the pipes between a host and its server, since ports have none: a Unix socket whose name the host gives.
 * A request's body is one message, the answer's body what comes back, one message a line.
 */
import type { Address, Child, Ports } from '../../../ports/index.ts';
import { orElse, watched } from '../../vocabulary/index.ts';

const TIMEOUT_MS = 2_000;
const LOOK_EVERY_MS = 100;

export function stdioAddress(path: string): Address {
  return { kind: 'unix', path };
}

interface RpcMessage {
  result?: unknown;
  error?: { code: number; data?: unknown };
  method?: string;
}

/** What a server answers to a message; null if it has ended, or hung up, without an answer. */
export async function askServer(
  ports: Ports,
  path: string,
  child: Child,
  method: string,
  params: unknown = {},
): Promise<RpcMessage[] | null> {
  const server = watched(child);
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  for (;;) {
    const answered = await orElse(
      ports.probe.request(stdioAddress(path), { path: '/', body }, TIMEOUT_MS),
      null,
    );
    if (answered !== null) return answered.body.split('\n').map((line) => JSON.parse(line) as RpcMessage);
    if (server.ended) return null;
    await ports.clock.sleep(LOOK_EVERY_MS);
  }
}
