import {
  type DaemonStatus,
  type EXIT,
  formatStatus,
  HEALTH_PATH,
  healthBody,
  type Ownership,
  parseStatus,
  reconcileRecord,
  STATUS_PATH,
  STOP_PATH,
} from '../../model/index.ts';
import { type Answer, type Incoming, isSystemError, type Ports, type Self } from '../../ports/index.ts';
import { collectLayers } from './config-layers.ts';
import { type OurOptions, temporaryPath } from './our-options.ts';
import { CALL_PATH } from './setup.ts';

type Ending = keyof typeof EXIT;

/** What it says of its configuration while it stops: whoever wants a daemon must not count on it. */
const STOPPING = '';

/** The owner, serving at a socket of its own. */
export class OurDaemon {
  readonly #ports: Ports;
  readonly #self: Self;
  readonly #owner: Ownership;
  readonly #options: OurOptions;
  #status: DaemonStatus | null = null;
  #ending: ((ending: Ending) => void) | null = null;
  /** Settles when the record that is being written is there. */
  #mending: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(ports: Ports, self: Self, owner: Ownership, options: OurOptions) {
    this.#ports = ports;
    this.#self = self;
    this.#owner = owner;
    this.#options = options;
  }

  async run(): Promise<Ending> {
    const { pid, startTicks } = this.#self;
    const { endpoint } = this.#owner.claim;
    const socketPath = endpoint?.kind === 'unix' ? endpoint.path : '';
    // Only now: what was read before we became the owner may be older than what the last one had.
    const config = await collectLayers(this.#ports, 'changes', this.#options.configPath);
    this.#status = { pid, startTicks, socketPath, config };
    const asked = new Promise<Ending>((resolve) => {
      this.#ending = resolve;
    });
    const ending = await Promise.race([
      asked,
      this.#awaitSignals(),
      this.#serve(),
      this.#keepRecord(),
      this.#owner.keepTidy(),
    ]);
    if (ending === 'done') await this.#close();
    await this.#owner.release();
    return ending;
  }

  /** Still the owner, and still answering, though no longer with its configuration, until all is closed. */
  async #close(): Promise<void> {
    this.#status = { ...this.#status!, config: STOPPING };
    await this.#ports.clock.sleep(this.#options.closeMs);
    this.#closed = true;
    await this.#mending;
    await this.#owner.act(() => this.#ports.fs.unlinkIfThere(this.#options.metadataPath));
  }

  #awaitSignals(): Promise<Ending> {
    return new Promise((resolve, reject) => {
      const signals = ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const;
      this.#ports.process.onSignal(signals, () => resolve('done')).catch(reject);
    });
  }

  /** Several requests at once. */
  #serve(): Promise<Ending> {
    return new Promise((_, reject) => {
      const { listener } = this.#owner;
      this.#owner.serves();
      const accept = async (): Promise<never> => {
        for (;;) this.#respond(await this.#ports.net.accept(listener!)).catch(reject);
      };
      accept().catch((error: unknown) => {
        // Closed by the release.
        if (!isSystemError(error)) reject(error);
      });
    });
  }

  async #respond({ request, path, body }: Incoming): Promise<void> {
    const answer = await this.#answerTo(path, body);
    try {
      await this.#ports.net.answer(request, answer);
    } catch (error) {
      // Whoever asked has gone: not our trouble.
      if (!isSystemError(error)) throw error;
    }
    if (path === STOP_PATH && answer.status === 200) this.#ending?.('done');
  }

  async #answerTo(path: string, body: string): Promise<Answer> {
    const status = this.#status!;
    switch (path) {
      case HEALTH_PATH:
        return { status: 200, body: healthBody(this.#owner.claim.nonce) };
      case STATUS_PATH:
        return { status: 200, body: formatStatus(status) };
      case STOP_PATH: {
        const meant = parseStatus(body);
        const isUs = meant?.pid === status.pid && meant.startTicks === status.startTicks;
        return isUs ? { status: 200, body: '{}' } : { status: 409, body: 'another daemon is meant' };
      }
      case CALL_PATH:
        return this.#call();
      default:
        return { status: 404, body: 'no such path' };
    }
  }

  async #call(): Promise<Answer> {
    const current = this.#status!.config !== STOPPING && (await this.#owner.act(() => {}));
    if (!current) return { status: 503, body: 'no longer the owner' };
    await this.#ports.clock.sleep(this.#options.callMs);
    return { status: 200, body: '{}' };
  }

  /** Stays the owner by its own deed: each look at the claim goes with one at the record. */
  async #keepRecord(): Promise<Ending> {
    const { metadataPath } = this.#options;
    const temporary = temporaryPath(this.#owner.directory, this.#self);
    for (;;) {
      const mend = async (): Promise<void> => {
        if (this.#closed) return;
        const mending = reconcileRecord(metadataPath, this.#status!, this.#ports, temporary);
        this.#mending = mending.then(ignore, ignore);
        await mending;
      };
      if (!(await this.#owner.act(mend))) return 'fenced';
      await this.#ports.clock.sleep(this.#owner.timing.selfCheckMs);
    }
  }
}

function ignore(): void {}
