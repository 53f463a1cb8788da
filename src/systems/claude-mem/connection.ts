import { SingleFlight } from '../../model/index.ts';
import { isSystemError, type Ports } from '../../ports/index.ts';
import { answers, connects } from './chroma-mcp.ts';
import { BREAKER } from './figures.ts';
import { DIRECTORY } from './setup.ts';

/** A worker's way to chroma-mcp. */
export interface Connection {
  /** One search. False: chroma-mcp did not answer. */
  search(): Promise<boolean>;
  /** As the worker stops. */
  close(): Promise<void>;
}

/** The pipes to one chroma-mcp, as far as they matter here: the process, and whether it has ended. */
export interface Transport {
  readonly pid: number;
  readonly exited: Promise<unknown>;
  ended: boolean;
}

/** @param marker another word for its command line */
export async function startChroma(ports: Ports, marker: readonly string[] = []): Promise<Transport> {
  const child = await ports.process.spawn(['chroma-mcp', '--data-dir', DIRECTORY, ...marker]);
  const transport = { ...child, ended: false };
  child.exited.then(() => {
    transport.ended = true;
  }, ignore);
  return transport;
}

/** Asks it to end, and waits until it has. */
export async function closeTransport({ process }: Ports, transport: Transport): Promise<void> {
  if (transport.ended) return;
  try {
    // An own child that has not been reaped: nobody else can bear its PID.
    await process.kill(transport.pid);
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
  await transport.exited;
}

/** Before #1085: each caller that finds no connection makes one; whatever goes wrong, the reference is dropped. */
export class LooseConnection implements Connection {
  readonly #ports: Ports;
  #transport: Transport | null = null;
  #connected = false;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async search(): Promise<boolean> {
    if (!this.#connected && !(await this.#connect())) return false;
    const transport = this.#transport;
    if (transport !== null && (await answers(this.#ports, transport))) return true;
    this.#connected = false;
    this.#transport = null;
    return false;
  }

  async #connect(): Promise<boolean> {
    // The one of another caller is overwritten here.
    this.#transport = await startChroma(this.#ports);
    if (!(await connects(this.#ports))) return false;
    this.#connected = true;
    return true;
  }

  async close(): Promise<void> {
    if (!this.#connected) return;
    this.#connected = false;
    if (this.#transport !== null) await closeTransport(this.#ports, this.#transport);
  }
}

/**
 * Since #1085: concurrent callers share one promise, three failures to connect are followed by a minute without attempts, by
 * the wall clock, and a transport is closed when its reference is dropped.
 */
export class SharedConnection implements Connection {
  readonly #ports: Ports;
  readonly #connecting = new SingleFlight<void>();
  #transport: Transport | null = null;
  #connected = false;
  #failures = 0;
  #failedAtMs = 0;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async search(): Promise<boolean> {
    if (!this.#connected) await this.#connecting.run(() => this.#connect());
    const transport = this.#transport;
    if (!this.#connected || transport === null) return false;
    if (await answers(this.#ports, transport)) return true;
    await this.#reset();
    return false;
  }

  async #connect(): Promise<void> {
    const { clock } = this.#ports;
    if (this.#failures >= BREAKER.failures) {
      if ((await clock.wallMs()) - this.#failedAtMs < BREAKER.cooldownMs) {
        this.#ports.mark('breaker-open');
        return;
      }
    }
    this.#transport = await startChroma(this.#ports);
    if (await connects(this.#ports)) {
      this.#connected = true;
      this.#failures = 0;
      return;
    }
    this.#failures++;
    this.#failedAtMs = await clock.wallMs();
    await this.#reset();
  }

  /** Captures the references, drops them, then closes: so that nobody uses what is being closed. */
  async #reset(): Promise<void> {
    const transport = this.#transport;
    this.#transport = null;
    this.#connected = false;
    if (transport !== null) await closeTransport(this.#ports, transport);
  }

  async close(): Promise<void> {
    await this.#reset();
  }
}

const ignore = (): void => {};
