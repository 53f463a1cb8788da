/** The monitor that an app keeps running, its helper, and the other processes that scenarios start. */
import { type Address, hasCode, isSystemError, type Ports, type Program } from '../../../ports/index.ts';
import { listenIfFree, listensAt, sleeper, sleepForever } from '../../vocabulary/index.ts';
import { ADDRESS } from '../setup.ts';

export interface SidecarOptions {
  address: Extract<Address, { kind: 'tcp' }>;
  /** How long it takes to end when it is asked to. It stops listening at once. */
  endsInMs: number;
}

/**
 * `sidecar MARKER …`. The tool's takes 5 s to end after SIGTERM, since a timer keeps it going. With the argument `stubborn` it
 * does not end at all, with `forks` it has a helper that has inherited its socket.
 */
export function sidecar({ address, endsInMs }: SidecarOptions): Program {
  return async (ports, argv) => {
    const { process, net } = ports;
    const { pid } = await process.self();
    const listener = await listenIfFree(ports, address);
    if (listener === null) return 1;
    // Its own command line may name its owner, so the helper's does too.
    const owner = argv.filter((word) => word.startsWith('--'));
    if (argv.includes('forks')) await process.spawn(['helper', ...owner], { inherit: [listener] });
    const end = async (): Promise<void> => {
      await net.close(listener);
      await ports.clock.sleep(endsInMs);
      await process.exit(0);
    };
    await process.onSignal(['SIGTERM'], () => {
      if (!argv.includes('stubborn')) void end().catch(() => {});
    });
    return await serve(ports, listener, `${pid}`);
  };
}

async function serve(ports: Ports, listener: number, body: string): Promise<number> {
  const { net } = ports;
  for (;;) {
    try {
      const { request } = await net.accept(listener);
      await net.answer(request, { status: 200, body });
    } catch (error) {
      if (!isSystemError(error)) throw error;
      // The sender has gone; or we are ending, and the listener is closed.
      if (hasCode(error, 'EBADF')) return sleepForever(ports);
    }
  }
}

/** It takes 5 s to end after SIGTERM, so it is always SIGKILL that ends it. */
const SLOW = sidecar({ address: ADDRESS, endsInMs: 5_000 });
/** One that has nothing left to do ends sooner. */
export const QUICK = sidecar({ address: ADDRESS, endsInMs: 50 });

/** Handles SIGTERM and goes on: only SIGKILL ends it. */
const helper: Program = async (ports) => {
  await ports.process.onSignal(['SIGTERM'], () => {});
  return sleepForever(ports);
};

/** `stranger HOST`: a foreign process that listens on the TCP port and never answers. */
export const foreignHolder: Program = (ports, [host = '0.0.0.0']) =>
  listensAt({ ...ADDRESS, host })(ports, []);

/** `user PID`: quits the app. */
const user: Program = async ({ process }, [pid = '']) => {
  await process.kill(Number(pid), 'SIGTERM');
  return 0;
};

/** `init`: `systemd --user`, or PID 1 of a container: adopts; whether it reaps, the scenario says. */
export const PROGRAMS: Readonly<Record<string, Program>> = {
  sidecar: SLOW,
  helper,
  stranger: foreignHolder,
  init: sleeper,
  user,
};
