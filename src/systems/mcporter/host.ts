import { type DaemonStatus, writeRecord } from '../../model/index.ts';
import { hasCode, type Ports, type Program } from '../../ports/index.ts';
import type { ClientRules } from './client.ts';
import { collectLayers, type Layers } from './config-layers.ts';
import { withFileLock } from './file-lock.ts';
import type { Guard } from './guards.ts';
import { serve } from './server.ts';
import { ADDRESS, METADATA, SOCKET } from './setup.ts';

/** In what the versions of the host differ. */
export interface HostRules extends ClientRules {
  /** Whether the socket may be taken. */
  readonly guard: Guard;
  /** Held while it looks and binds; null: none. */
  readonly lockPath: string | null;
  readonly layers: Layers;
  /** What a daemon that stops removes, after its server has closed. */
  readonly cleanUp: (ports: Ports, own: DaemonStatus) => Promise<void>;
  /** How long the servers behind a daemon take to close. */
  readonly closeMs: number;
  /** How long a call takes. */
  readonly callMs: number;
}

/** `mcporter daemon start --foreground`, and the detached child. */
export function host(rules: HostRules): Program {
  return (ports) => new Host(ports, rules).run();
}

type Claimed = 'claimed' | 'leave' | 'stuck' | 'in-use' | 'timeout';

class Host {
  readonly #ports: Ports;
  readonly #rules: HostRules;
  #status: DaemonStatus | null = null;
  #listener: number | null = null;
  #stopping = false;

  constructor(ports: Ports, rules: HostRules) {
    this.#ports = ports;
    this.#rules = rules;
  }

  async run(): Promise<number> {
    const { process } = this.#ports;
    const { pid } = await process.self();
    const config = await collectLayers(this.#ports, this.#rules.layers);
    this.#status = { pid, startTicks: null, socketPath: SOCKET, config };
    const { lockPath } = this.#rules;
    const claimed = await (lockPath === null
      ? this.#claim()
      : withFileLock(this.#ports, lockPath, this.#rules, () => this.#claim()));
    if (claimed !== 'claimed') {
      this.#ports.mark(claimed);
      return claimed === 'leave' ? 0 : 1;
    }
    await process.onSignal(['SIGINT', 'SIGTERM', 'SIGQUIT'], () => void this.#shutDown());
    return new Promise(() => {});
  }

  async #claim(): Promise<Claimed> {
    const own = this.#status!;
    const verdict = await this.#rules.guard(this.#ports, own, this.#rules.looks);
    if (verdict !== 'bind') return verdict;
    await this.#ports.fs.unlinkIfThere(SOCKET);
    if (!(await this.#listens())) return 'in-use';
    await writeRecord(METADATA, own, this.#ports);
    return 'claimed';
  }

  /** False: somebody else has bound it since we unlinked it. */
  async #listens(): Promise<boolean> {
    try {
      this.#listener = await this.#ports.net.listen(ADDRESS);
    } catch (error) {
      if (hasCode(error, 'EADDRINUSE')) return false;
      throw error;
    }
    this.#ports.mark('own');
    const { callMs } = this.#rules;
    serve(this.#ports, this.#listener, { status: this.#status!, callMs, onStop: () => this.#shutDown() });
    return true;
  }

  /** Node's server unlinks the socket's path when it closes, whoever's that is by then. */
  async #shutDown(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#ports.mark('release');
    await this.#ports.net.close(this.#listener!);
    await this.#ports.clock.sleep(this.#rules.closeMs);
    await this.#rules.cleanUp(this.#ports, this.#status!);
    await this.#ports.process.exit(0);
  }
}
