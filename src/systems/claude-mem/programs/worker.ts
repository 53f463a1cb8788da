/** The worker: listens, catches up in the background, and searches for clients. */
import type { Incoming, Ports, Program } from '../../../ports/index.ts';
import { answer, listenIfFree } from '../../vocabulary/index.ts';
import { addressOf, CONTEXT, HEALTH, PID_FILE, SEARCH, SHUTDOWN, TCP_PORT } from '../setup.ts';
import type { Connection } from './connection.ts';
import { writePidFile } from './pid-file.ts';

export interface WorkerOptions {
  /** What a worker does when its TCP port is taken: go on with its background work all the same, or end. */
  onPortTaken: 'goes-on' | 'ends';
  connection: (ports: Ports) => Connection;
  /** Before anything else in the background. */
  reap?: (ports: Ports) => Promise<unknown>;
  /** And again every so often. */
  syncEveryMs?: number;
  /** On a loaded machine: from its start until it listens, and from then until it answers. */
  bindsAfterMs?: number;
  answersAfterMs?: number;
  /** How long each answer takes. */
  answersLateMs?: number;
  /** When a hook gets its context: once the worker has initialised itself, after so many milliseconds. Default: at once. */
  contextAfterMs?: number;
  /** What it answers to a question about its health. */
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
  const listener = await listenIfFree(ports, addressOf(tcpPort));
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

async function workInBackground(
  ports: Ports,
  connection: Connection,
  { reap, syncEveryMs }: WorkerOptions,
): Promise<void> {
  ports.mark('worker-begins');
  await reap?.(ports);
  for (;;) {
    await connection.search();
    ports.mark('synced');
    do await ports.clock.sleep(syncEveryMs ?? 60_000);
    while (syncEveryMs === undefined);
  }
}

async function serve(
  ports: Ports,
  listener: number,
  connection: Connection,
  options: WorkerOptions,
): Promise<void> {
  if (options.answersAfterMs !== undefined) await ports.clock.sleep(options.answersAfterMs);
  for (;;) {
    const incoming = await ports.net.accept(listener);
    const { request, path } = incoming;
    if (options.answersLateMs !== undefined) await ports.clock.sleep(options.answersLateMs);
    const late = lateAnswer(ports, connection, options, incoming);
    // It does not hold up other requests.
    if (late !== null) void late.then((status) => answer(ports, request, '', status));
    else
      await answer(ports, request, options.version ?? '', path === HEALTH || path === SHUTDOWN ? 200 : 404);
    if (path === SHUTDOWN) return;
  }
}

/** The status of an answer that takes time; null: it takes none. */
function lateAnswer(
  { clock }: Ports,
  connection: Connection,
  { contextAfterMs = 0 }: WorkerOptions,
  { path }: Incoming,
): Promise<number> | null {
  if (path === SEARCH) return connection.search().then((found) => (found ? 200 : 503));
  if (path === CONTEXT) return clock.sleep(contextAfterMs).then(() => 200);
  return null;
}
