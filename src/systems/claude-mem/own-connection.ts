import { CircuitBreaker, SingleFlight } from '../../model/index.ts';
import { isSystemError, type Ports } from '../../ports/index.ts';
import { type Chroma, SIMULATED_CHROMA } from './chroma-mcp.ts';
import { type Connection, startChroma, type Transport } from './connection.ts';

/** Whoever ends sooner than this after its start has failed, even if it has answered. */
const STEADY_MS = 5_000;
/** chroma-mcp has so long to end when it is asked to. */
const TERM_GRACE_MS = 400;

/** Does something if we are the owner still, and says whether. */
type Act = (deed: () => Promise<void>) => Promise<boolean>;

interface OwnTransport extends Transport {
  /** Of one that is being closed: settles once it has ended. */
  closing: Promise<void> | null;
}

/**
 * The same on our parts: one connection for all, a breaker on the monotonic clock, and the next chroma-mcp only after the
 * end of the one before.
 */
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

  /** @param marker the word that says whose child it is, see `childMarker` */
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

  /** Null: none can be had now. */
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

  async #terminate(transport: OwnTransport): Promise<void> {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      if (transport.ended) return;
      try {
        // An own child that has not been reaped: nobody else can bear its PID.
        await this.#ports.process.kill(transport.pid, signal);
      } catch (error) {
        if (!isSystemError(error)) throw error;
      }
      await Promise.race([transport.exited, this.#ports.clock.sleep(TERM_GRACE_MS)]);
    }
  }
}

function ignore(): void {}
