import type { Address, Ports, Program } from '../../ports/index.ts';
import { hasCode, isSystemError } from '../../ports/index.ts';

/** The tool's is 4820: fixed, since hooks bake it in. */
export const TCP_PORT = 49_152;
export const ADDRESS = { kind: 'tcp', host: '127.0.0.1', tcpPort: TCP_PORT } as const satisfies Address;
/** In a directory that all worktrees share. */
export const PID_FILE = '/user-data/agent-monitor/sidecar.pid';
/** By this a sidecar's command line is known. */
export const MARKER = 'agent-monitor/server/index.js';
export const HEALTH_PATH = '/api/health';

/** The tool's figures (its pull request 257, and the code of it). Milliseconds. */
export const FIGURES = {
  healthTimeoutMs: 2_000,
  readyPollMs: 500,
  readyWithinMs: 60_000,
  /** How long a sidecar must live on after its first answer: whoever loses the TCP port says so late. */
  stableForMs: 5_000,
  restarts: 5,
  firstBackoffMs: 1_000,
  longestBackoffMs: 30_000,
  stopGraceMs: 2_000,
  killGraceMs: 2_000,
  killTimeoutMs: 2_000,
  exitPollMs: 100,
} as const;

export interface SidecarOptions {
  address: Extract<Address, { kind: 'tcp' }>;
  /** How long it takes to end when it is asked to. It stops listening at once. */
  endsInMs: number;
}

/**
 * The monitor: `sidecar MARKER …`. The tool's takes 5 s to end after SIGTERM, since a timer keeps it going. With the word
 * `stubborn` it does not end at all, with `forks` it has a helper that has inherited its socket.
 */
export function sidecar({ address, endsInMs }: SidecarOptions): Program {
  return async (ports, argv) => {
    const { process, net } = ports;
    const { pid } = await process.self();
    let listener: number;
    try {
      listener = await net.listen(address);
    } catch (error) {
      if (!hasCode(error, 'EADDRINUSE')) throw error;
      return 1;
    }
    // Whose it is its command line says too, if anybody says so.
    const owner = argv.filter((word) => word.startsWith('--'));
    if (argv.includes('forks')) await process.spawn(['helper', ...owner], { inherit: [listener] });
    await process.onSignal(['SIGTERM'], () => {
      if (!argv.includes('stubborn')) void ending().catch(() => {});
    });
    async function ending(): Promise<void> {
      await net.close(listener);
      await ports.clock.sleep(endsInMs);
      await process.exit(0);
    }
    return await serve(ports, listener, `${pid}`);
  };
}

async function serve({ net, clock }: Ports, listener: number, who: string): Promise<number> {
  for (;;) {
    try {
      const { request } = await net.accept(listener);
      await net.answer(request, { status: 200, body: who });
    } catch (error) {
      if (!isSystemError(error)) throw error;
      // Whoever asked has gone; or we are ending, and the listener is closed.
      if (hasCode(error, 'EBADF')) for (;;) await clock.sleep(60_000);
    }
  }
}

/** Does not listen to SIGTERM: whoever has it in mind must say SIGKILL. */
export const helper: Program = async ({ process, clock }) => {
  await process.onSignal(['SIGTERM'], () => {});
  for (;;) await clock.sleep(60_000);
};

/** Somebody else's server on the TCP port: `stranger HOST`. */
export const stranger: Program = async ({ net, clock }, [host = '0.0.0.0']) => {
  await net.listen({ ...ADDRESS, host });
  for (;;) await clock.sleep(60_000);
};

/** `systemd --user`, or PID 1 of a container: adopts; who reaps, the script says. */
export const init: Program = async ({ clock }) => {
  for (;;) await clock.sleep(60_000);
};
