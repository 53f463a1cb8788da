/** mcporter's clients: they find a daemon by its metadata, start or restart one, and call it. */
import { parseStatus, STATUS_PATH, STOP_PATH } from '../../../model/index.ts';
import type { ErrorCode, Ports, Program, Request } from '../../../ports/index.ts';
import { isPidAlive, orElse, parseAny } from '../../vocabulary/index.ts';
import { MS } from '../constants.ts';
import { ADDRESS, CALL_PATH, CLIENT_LOCK, METADATA, SOCKET } from '../setup.ts';
import { collectLayers } from './config-layers.ts';
import { type LockRules, withFileLock } from './file-lock.ts';

export interface ClientRules extends LockRules {
  /** How long one question may take, whether a daemon that was started is ready. */
  readonly readyRequestMs: number;
}

/** `mcporter list` and its like: starts a daemon if need be, and asks it. */
export function client(rules: ClientRules): Program {
  return async (ports) => {
    const served = await new Client(ports, rules).invoke();
    ports.mark(served ? 'served' : 'stranded');
    return served ? 0 : 1;
  };
}

/** `mcporter daemon start`: a host of its own, and then it waits until that one is ready. */
export function detached(rules: ClientRules): Program {
  return async (ports) => {
    return startUnlessServed(ports, new Client(ports, rules));
  };
}

/** `mcporter daemon restart`, the intended takeover: asks the daemon to stop, waits until none answers, and starts one. */
export function restart(rules: ClientRules): Program {
  return async (ports) => {
    const asking = new Client(ports, rules);
    if (await asking.stop()) return startUnlessServed(ports, asking);
    ports.mark('stranded');
    return 1;
  };
}

/** Whether a daemon serves, as a client sees it: it waits as long for the answer. */
export function isServed(ports: Ports, rules: ClientRules): Promise<boolean> {
  return new Client(ports, rules).isResponsive();
}

async function startUnlessServed(ports: Ports, asking: Client): Promise<number> {
  if (await asking.isResponsive()) return 0;
  await ports.process.spawn(['host'], { detached: true });
  if (await asking.waitForReady()) return 0;
  ports.mark('stranded');
  return 1;
}

/** Any JSON passes, whatever its shape. */
interface Metadata {
  pid: number;
  socketPath: string;
  config: string;
}

/** What mcporter counts as a failure of the transport. */
const TRANSPORT: readonly ErrorCode[] = ['ECONNREFUSED', 'ENOENT', 'ETIMEDOUT', 'ECONNRESET'];

class Client {
  readonly #ports: Ports;
  readonly #rules: ClientRules;

  constructor(ports: Ports, rules: ClientRules) {
    this.#ports = ports;
    this.#rules = rules;
  }

  /** False: no answer, or no daemon to be had. */
  async invoke(): Promise<boolean> {
    if (!(await this.#ensureDaemon())) return false;
    if (await this.#request(CALL_PATH)) return true;
    // Whatever cuts a request off: a new daemon, and once more.
    return (await this.#restartDaemon({ onlyIfStale: false })) && (await this.#request(CALL_PATH)) !== null;
  }

  async isResponsive(timeoutMs?: number): Promise<boolean> {
    return (await this.#verifiedPid(timeoutMs)) !== null;
  }

  async waitForReady(): Promise<boolean> {
    return this.#waitUntil(MS.ready, true);
  }

  /** False: it still answers after five seconds. */
  async stop(): Promise<boolean> {
    await this.#request(STOP_PATH);
    return this.#waitUntil(MS.stop, false);
  }

  async #ensureDaemon(): Promise<boolean> {
    const state = await this.#configState();
    if (state === 'stale') return this.#restartDaemon({ onlyIfStale: true });
    if (state === 'fresh' && (await this.isResponsive())) return true;
    return this.#locked(async () => (await this.isResponsive()) || this.#launch());
  }

  #restartDaemon({ onlyIfStale }: { onlyIfStale: boolean }): Promise<boolean> {
    return this.#locked(async () => {
      const pid = await this.#verifiedPid();
      if (onlyIfStale && pid !== null && (await this.#configState()) === 'fresh') return true;
      if (pid !== null) this.#ports.mark('restart', { pid });
      return (await this.stop()) && (await this.#launch());
    });
  }

  async #launch(): Promise<boolean> {
    await this.#ports.process.spawn(['host'], { detached: true });
    return this.waitForReady();
  }

  async #locked(task: () => Promise<boolean>): Promise<boolean> {
    return (await withFileLock(this.#ports, CLIENT_LOCK, this.#rules, task)) === true;
  }

  async #waitUntil(withinMs: number, responsive: boolean): Promise<boolean> {
    const { clock } = this.#ports;
    const untilMs = (await clock.wallMs()) + withinMs;
    while ((await clock.wallMs()) < untilMs) {
      const timeoutMs = responsive ? this.#rules.readyRequestMs : MS.request;
      if ((await this.isResponsive(timeoutMs)) === responsive) return true;
      await clock.sleep(this.#rules.looks.pollMs);
    }
    return false;
  }

  /** The PID of the daemon that the metadata name and that answers as such; null if there is none. */
  async #verifiedPid(timeoutMs?: number): Promise<number | null> {
    const metadata = await this.#metadata();
    if (metadata?.socketPath !== SOCKET || !(await isPidAlive(this.#ports, metadata.pid))) return null;
    const status = parseStatus((await this.#request(STATUS_PATH, timeoutMs)) ?? '');
    return status?.pid === metadata.pid && status.socketPath === metadata.socketPath ? status.pid : null;
  }

  async #configState(): Promise<'missing' | 'fresh' | 'stale'> {
    const metadata = await this.#metadata();
    if (metadata === null) return 'missing';
    // What Node says to `path.isAbsolute(undefined)`.
    if (typeof metadata.config !== 'string')
      throw new TypeError('The "path" argument must be of type string');
    return metadata.config === (await collectLayers(this.#ports, 'shared')) ? 'fresh' : 'stale';
  }

  async #metadata(): Promise<Metadata | null> {
    return parseAny<Metadata>(await orElse(this.#ports.fs.readFile(METADATA), ''));
  }

  /** `null` if the transport has failed. */
  async #request(path: Request['path'], timeoutMs: number = MS.request): Promise<string | null> {
    const request = this.#ports.probe.request(ADDRESS, { path, body: '' }, timeoutMs);
    const answered = await orElse(request, null, ...TRANSPORT);
    return answered?.status === 200 ? answered.body : null;
  }
}
