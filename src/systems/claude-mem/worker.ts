import { hasCode, isSystemError, type Ports, type Program } from '../../ports/index.ts';
import type { Connection } from './connection.ts';
import { writePidFile } from './pid-file.ts';
import { addressOf, HEALTH, PID_FILE, SEARCH, SHUTDOWN, TCP_PORT } from './setup.ts';

export interface WorkerOptions {
  /** What a worker does whose TCP port somebody else has: go on with its background work all the same, or end. */
  onPortTaken: 'goes-on' | 'ends';
  connection: (ports: Ports) => Connection;
  /** Before anything else in the background. */
  reap?: (ports: Ports) => Promise<void>;
  /** So many calls of chroma-mcp at once as it begins, to catch up with what is pending. */
  syncs?: number;
  /** And again every so often. */
  syncEveryMs?: number;
  /** On a loaded machine: from its start until it listens, and from then until it answers. */
  bindsAfterMs?: number;
  answersAfterMs?: number;
  /** What it says of itself when it is asked after its health. */
  version?: string;
}

/** The worker as a process: `worker TCP-PORT`. */
export function worker(options: WorkerOptions): Program {
  return (ports, [tcpPort]) => runWorker(ports, options, Number(tcpPort ?? TCP_PORT));
}

/** Listens, writes its PID file, then works in the background and serves until it is asked to stop. */
export async function runWorker(ports: Ports, options: WorkerOptions, tcpPort: number): Promise<number> {
  const { net, clock } = ports;
  const stop = new Promise<'stop'>((resolve, reject) => {
    ports.process.onSignal(['SIGTERM', 'SIGHUP'], () => resolve('stop')).catch(reject);
  });
  if (options.bindsAfterMs !== undefined) await clock.sleep(options.bindsAfterMs);
  const listener = await listen(ports, tcpPort);
  if (listener === null && options.onPortTaken === 'ends') return 0;
  if (listener !== null && tcpPort === TCP_PORT) await writePidFile(ports);
  const connection = options.connection(ports);
  const serves = listener === null ? [] : [serve(ports, listener, connection, options)];
  await Promise.race([stop, workInBackground(ports, connection, options), ...serves]);
  ports.mark('worker-stops');
  if (options.version !== undefined) ports.mark(`stops-${options.version}`);
  if (listener !== null) await net.close(listener);
  await connection.close();
  if (listener !== null && tcpPort === TCP_PORT) await ports.fs.unlinkIfThere(PID_FILE);
  return 0;
}

/** Null: somebody else does. */
async function listen({ net }: Ports, tcpPort: number): Promise<number | null> {
  try {
    return await net.listen(addressOf(tcpPort));
  } catch (error) {
    if (hasCode(error, 'EADDRINUSE')) return null;
    throw error;
  }
}

async function workInBackground(
  ports: Ports,
  connection: Connection,
  { reap, syncs = 1, syncEveryMs }: WorkerOptions,
): Promise<void> {
  ports.mark('worker-begins');
  await reap?.(ports);
  for (;;) {
    const calls = Array.from({ length: syncs }, () => connection.search());
    await Promise.all(calls);
    ports.mark('synced');
    do await ports.clock.sleep(syncEveryMs ?? 60_000);
    while (syncEveryMs === undefined);
  }
}

async function serve(
  ports: Ports,
  listener: number,
  connection: Connection,
  { answersAfterMs, version }: WorkerOptions,
): Promise<void> {
  if (answersAfterMs !== undefined) await ports.clock.sleep(answersAfterMs);
  for (;;) {
    const { request, path } = await ports.net.accept(listener);
    if (path === SEARCH) void search(ports, request, connection);
    else await answer(ports, request, path === HEALTH || path === SHUTDOWN ? 200 : 404, version ?? '');
    if (path === SHUTDOWN) return;
  }
}

/** Beside whatever else is asked. */
async function search(ports: Ports, request: number, connection: Connection): Promise<void> {
  const found = await connection.search();
  await answer(ports, request, found ? 200 : 503, '');
}

async function answer({ net }: Ports, request: number, status: number, body: string): Promise<void> {
  try {
    await net.answer(request, { status, body });
  } catch (error) {
    // Whoever asked has gone; or we are stopping.
    if (!isSystemError(error)) throw error;
  }
}
