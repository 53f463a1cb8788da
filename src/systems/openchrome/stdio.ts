import { type Address, type Child, isSystemError, type Ports } from '../../ports/index.ts';

/*
 * What stands for the pipes between a host and its server, since ports have none: a Unix socket whose name the host gives.
 * A request's body is one message, the answer's body what comes back, one message a line.
 */

const TIMEOUT_MS = 2_000;
const LOOK_EVERY_MS = 100;

export function stdioAddress(path: string): Address {
  return { kind: 'unix', path };
}

export interface RpcMessage {
  result?: unknown;
  error?: { code: number; data?: unknown };
  method?: string;
}

/** What a server says to a message; null: it has ended, or hung up, without a word. */
export async function askServer(
  ports: Ports,
  path: string,
  child: Child,
  method: string,
  params: unknown = {},
): Promise<RpcMessage[] | null> {
  let ended = false;
  child.exited.then(
    () => {
      ended = true;
    },
    () => {},
  );
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  for (;;) {
    try {
      const answer = await ports.probe.request(stdioAddress(path), { path: '/', body }, TIMEOUT_MS);
      return answer.body.split('\n').map((line) => JSON.parse(line) as RpcMessage);
    } catch (error) {
      if (!isSystemError(error)) throw error;
    }
    if (ended) return null;
    await ports.clock.sleep(LOOK_EVERY_MS);
  }
}
