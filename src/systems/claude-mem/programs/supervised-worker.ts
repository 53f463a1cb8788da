/** The worker under its supervisor (#1370): every process that it starts is registered, and ends with its session or with the worker. */
import type { Ports, Program } from '../../../ports/index.ts';
import { answer, ignore, listenIfFree, orElse } from '../../vocabulary/index.ts';
import { addressOf, HEALTH, PID_FILE, TCP_PORT } from '../setup.ts';
import { writePidFile } from './pid-file.ts';
import { ProcessRegistry } from './registry.ts';

const BEGIN = '/api/sessions/begin';
const END = '/api/sessions/end';
/** Longer than a session takes to end. */
const ANSWER_WITHIN_MS = 20_000;

/** Serves sessions: each has an agent process of its own. */
export const supervisedWorker: Program = async (ports) => {
  const stop = new Promise<void>((resolve, reject) => {
    ports.process.onSignal(['SIGTERM', 'SIGHUP'], () => resolve()).catch(reject);
  });
  const listener = await listenIfFree(ports, addressOf(TCP_PORT));
  if (listener === null) return 0;
  const registry = new ProcessRegistry(ports);
  await registry.load();
  await writePidFile(ports);
  await Promise.race([stop, serve(ports, listener, registry)]);
  ports.mark('worker-stops');
  await ports.net.close(listener);
  await registry.endAll();
  await ports.fs.unlinkIfThere(PID_FILE);
  return 0;
};

async function serve(ports: Ports, listener: number, registry: ProcessRegistry): Promise<never> {
  for (;;) {
    const { request, path, body: session } = await ports.net.accept(listener);
    if (path === BEGIN) await begin(ports, registry, session);
    if (path === END) await registry.reap(session);
    await answer(ports, request, '', [BEGIN, END, HEALTH].includes(path) ? 200 : 404);
  }
}

/** Starts the agent of a session, and registers it: two steps. */
async function begin(ports: Ports, registry: ProcessRegistry, session: string): Promise<void> {
  const started = await orElse(ports.process.spawn(['agent', session]), null);
  if (started === null) return ports.mark('spawn-failed');
  started.exited.catch(ignore);
  await registry.register({ pid: started.pid, session });
}

/** A session of the host: `session begins NAME`, or `ends`. */
export const sessionOf: Program = async (ports, [what, session = '']) => {
  const path = what === 'begins' ? BEGIN : END;
  const request = { path, body: session };
  const answered = await orElse(ports.probe.request(addressOf(TCP_PORT), request, ANSWER_WITHIN_MS), null);
  if (answered?.status === 200) ports.mark(`session-${what}`);
};
