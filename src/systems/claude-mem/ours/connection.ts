/**
 * The worker's connection to chroma-mcp on our parts: one connection for all, a breaker on the monotonic clock, and the next
 * chroma-mcp only after the end of the one before.
 */
import { CircuitBreaker, SingleFlight } from '../../../model/index.ts';
import type { Ports } from '../../../ports/index.ts';
import { ignore, signal } from '../../vocabulary/index.ts';
import { type Chroma, SIMULATED_CHROMA } from '../programs/chroma-mcp.ts';
import { type Connection, startChroma, type Transport } from '../programs/connection.ts';

/** A chroma-mcp that ends sooner than this after its start has failed, even if it has answered. */
const STEADY_MS = 5_000;
/** How long chroma-mcp may take to end when it is asked to. */
const TERM_GRACE_MS = 400;

/** Does something if we still are the owner, and says whether. */
type Act = (deed: () => Promise<void>) => Promise<boolean>;

interface OwnTransport extends Transport {
  /** Settles once a transport that is being closed has ended. */
  closing: Promise<void> | null;
}

export class OwnConnection implements Connection {
  readonly #ports: Ports;
  readonly #marker: string;
  readonly #act: Act;
  readonly #chroma: Chroma;
  readonly #connecting = new SingleFlight<OwnTransport | null>();
  readonly #breaker: CircuitBreaker;
  /** The last one, which may have ended. */
  #transport: OwnTransport | null = null;
  /** Settles when the one that is being started is there. */
  #starting: Promise<void> = Promise.resolve();
  #closed = false;

  /** @param marker the argument that says whose child it is, see `childMarker` */
  constructor(ports: Ports, marker: string, act: Act, chroma: Chroma = SIMULATED_CHROMA) {
    this.#ports = ports;
    this.#marker = marker;
    this.#act = act;
    this.#chroma = chroma;
    this.#breaker = new CircuitBreaker(ports);
  }

  async search(): Promise<boolean> {
    const transport = await this.#connecting.run(() => this.#connect());
    if (transport === null) return false;
    if (await this.#chroma.answers(this.#ports, transport)) return true;
    // The one that did not answer, and not the one that another caller may have made meanwhile.
    await this.#end(transport);
    return false;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#starting;
    if (this.#transport !== null) await this.#end(this.#transport);
  }

  /** Null if there can be no connection now. */
  async #connect(): Promise<OwnTransport | null> {
    const last = this.#transport;
    if (last !== null) {
      if (!last.ended && last.closing === null) return last;
      await this.#end(last);
    }
    return new Promise((resolve) => {
      this.#breaker.run(() => this.#live(resolve)).catch(() => resolve(null));
    });
  }

  /** Resolves once it has lasted: that, and not its first answer, is a success. */
  async #live(connected: (transport: OwnTransport) => void): Promise<void> {
    const transport = await this.#start();
    if (await this.#chroma.connects(this.#ports)) {
      connected(transport);
      await Promise.race([this.#ports.clock.sleep(STEADY_MS), transport.exited]);
      if (!transport.ended || this.#closed) return;
    }
    await this.#end(transport);
    throw new Error('chroma-mcp never answered, or has ended soon after its start');
  }

  async #start(): Promise<OwnTransport> {
    let started: OwnTransport | null = null;
    const start = async (): Promise<void> => {
      started = Object.assign(await startChroma(this.#ports, [this.#marker]), { closing: null });
      this.#transport = started;
    };
    await this.#act(async () => {
      if (this.#closed) return;
      const starting = start();
      this.#starting = starting.catch(ignore);
      await starting;
    });
    if (started === null) throw new Error('not the owner any more');
    return started;
  }

  #end(transport: OwnTransport): Promise<void> {
    transport.closing ??= this.#terminate(transport);
    return transport.closing;
  }

  /** It is a child that has not been reaped: its PID cannot be reused yet. */
  async #terminate(transport: OwnTransport): Promise<void> {
    for (const name of ['SIGTERM', 'SIGKILL'] as const) {
      if (transport.ended) return;
      await signal(this.#ports, transport.pid, name);
      await Promise.race([transport.exited, this.#ports.clock.sleep(TERM_GRACE_MS)]);
    }
  }
}
