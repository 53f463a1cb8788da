import { type DaemonStatus, formatStatus, STATUS_PATH, STOP_PATH } from '../../model/index.ts';
import { hasCode, type Incoming, isSystemError, type Ports } from '../../ports/index.ts';
import { CALL_PATH } from './setup.ts';

/** What a daemon does with the requests that reach it. */
export interface ServerOptions {
  readonly status: DaemonStatus;
  /** How long a call takes. */
  readonly callMs: number;
  readonly onStop: () => Promise<void>;
}

/** Answers until the descriptor is closed, several at once. */
export async function serve(ports: Ports, listener: number, options: ServerOptions): Promise<void> {
  for (;;) {
    try {
      const incoming = await ports.net.accept(listener);
      respond(ports, incoming, options);
    } catch (error) {
      // Closed; and perhaps the number is another file's by now.
      if (hasCode(error, 'EBADF') || hasCode(error, 'ENOTSOCK')) return;
      throw error;
    }
  }
}

async function respond(ports: Ports, { request, path }: Incoming, options: ServerOptions): Promise<void> {
  if (path === CALL_PATH) await ports.clock.sleep(options.callMs);
  const known = path === STATUS_PATH || path === STOP_PATH || path === CALL_PATH;
  const body = path === STATUS_PATH ? formatStatus(options.status) : '{}';
  try {
    await ports.net.answer(request, { status: known ? 200 : 404, body });
  } catch (error) {
    // Whoever asked has gone.
    if (!isSystemError(error)) throw error;
  }
  if (path === STOP_PATH) await options.onStop();
}
