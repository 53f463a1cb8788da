/** mcporter's daemon: binds the socket, writes the metadata, answers, and cleans up. */
import {
  type DaemonStatus,
  formatStatus,
  STATUS_PATH,
  STOP_PATH,
  writeRecord,
} from '../../../model/index.ts';
import { hasCode, type Incoming, type Ports, type Program } from '../../../ports/index.ts';
import { answer, listenIfFree } from '../../vocabulary/index.ts';
import { ADDRESS, CALL_PATH, METADATA, SOCKET } from '../setup.ts';
import { type ClientRules, isServed } from './client.ts';
import { collectLayers, type Layers } from './config-layers.ts';
import { withFileLock } from './file-lock.ts';
import type { Guard } from './guards.ts';
import { withUnrefTimers } from './unref-timers.ts';

/** How the versions of the host differ. */
export interface HostRules extends ClientRules {
  /** Whether a start in the foreground asks first, as a client does and for as long, whether a daemon serves. */
  readonly prechecks: boolean;
  /** Whether the socket may be taken. */
  readonly guard: Guard;
  /** Held while it looks and binds; null: none. */
  readonly lockPath: string | null;
  /** Whether its waits, while it holds that lock, keep its process running. */
  readonly timers: 'ref' | 'unref';
  /** What it does between the unlink of the socket and the bind. */
  readonly prepare: (ports: Ports) => Promise<unknown>;
  readonly layers: Layers;
  /** What a daemon that stops removes, after its server has closed. */
  readonly cleanUp: (ports: Ports, own: DaemonStatus) => Promise<void>;
  /** How long the servers behind a daemon take to close. */
  readonly closeMs: number;
  /** How long a call takes. */
  readonly callMs: number;
}

type Claimed = 'claimed' | 'leave' | 'stuck' | 'in-use' | 'timeout';

/** `mcporter daemon start --foreground`, and the detached child. */
export function host(rules: HostRules): Program {
  return async (ports) => {
    const { pid } = await ports.process.self();
    if (rules.prechecks && (await isServed(ports, rules))) {
      ports.mark('leave');
      return 0;
    }
    const config = await collectLayers(ports, rules.layers);
    const daemon = daemonOf(ports, rules, { pid, startTicks: null, socketPath: SOCKET, config });
    const { lockPath } = rules;
    const claimed = await (lockPath === null
      ? daemon.claim()
      : withFileLock(ports, lockPath, rules, daemon.claim));
    if (claimed !== 'claimed') {
      ports.mark(claimed);
      return claimed === 'leave' ? 0 : 1;
    }
    await ports.process.onSignal(['SIGINT', 'SIGTERM', 'SIGQUIT'], () => void daemon.shutDown());
    return new Promise(() => {});
  };
}

interface Daemon {
  claim(): Promise<Claimed>;
  shutDown(): Promise<void>;
}

function daemonOf(ports: Ports, rules: HostRules, status: DaemonStatus): Daemon {
  let listener: number | null = null;
  let stopping = false;

  const claim = async (): Promise<Claimed> => {
    const guarded = rules.timers === 'unref' ? withUnrefTimers(ports) : ports;
    const verdict = await rules.guard(guarded, status, rules.looks);
    if (verdict !== 'bind') return verdict;
    await ports.fs.unlinkIfThere(SOCKET);
    await rules.prepare(ports);
    listener = await listenIfFree(ports, ADDRESS);
    // Another host has bound it since we unlinked it.
    if (listener === null) return 'in-use';
    ports.mark('own');
    serve(listener);
    await writeRecord(METADATA, status, ports);
    return 'claimed';
  };

  /** Answers until the descriptor is closed, several requests at once. */
  const serve = async (fd: number): Promise<void> => {
    for (;;) {
      try {
        respond(await ports.net.accept(fd));
      } catch (error) {
        // Closed; and perhaps the number belongs to another file by now.
        if (hasCode(error, 'EBADF') || hasCode(error, 'ENOTSOCK')) return;
        throw error;
      }
    }
  };

  const respond = async ({ request, path }: Incoming): Promise<void> => {
    if (path === CALL_PATH) await ports.clock.sleep(rules.callMs);
    const known = path === STATUS_PATH || path === STOP_PATH || path === CALL_PATH;
    const body = path === STATUS_PATH ? formatStatus(status) : '{}';
    await answer(ports, request, body, known ? 200 : 404);
    if (path === STOP_PATH) await shutDown();
  };

  /** Node's server unlinks the socket's path when it closes, whichever daemon's that is by then. */
  const shutDown = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    ports.mark('release');
    await ports.net.close(listener!);
    await ports.clock.sleep(rules.closeMs);
    await rules.cleanUp(ports, status);
    await ports.process.exit(0);
  };

  return { claim, shutDown };
}
