/** The owner, serving at a socket of its own. */
import {
  type DaemonStatus,
  type Ending,
  formatStatus,
  HEALTH_PATH,
  healthBody,
  type Ownership,
  parseStatus,
  reconcileRecord,
  type Service,
  STATUS_PATH,
  STOP_PATH,
  serveAsOwner,
} from '../../../model/index.ts';
import type { Answer, Incoming, Ports, Self } from '../../../ports/index.ts';
import { ignore } from '../../vocabulary/index.ts';
import { collectLayers } from '../programs/config-layers.ts';
import { CALL_PATH } from '../setup.ts';
import { type OurOptions, temporaryPath } from './options.ts';

/** Its configuration in its status while it stops: a client that looks for a daemon must not count on it. */
const STOPPING = '';

export class OurDaemon implements Service {
  readonly #ports: Ports;
  readonly #self: Self;
  readonly #owner: Ownership;
  readonly #options: OurOptions;
  #status: DaemonStatus | null = null;
  #stop: (ending: Ending) => void = ignore;
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
    return serveAsOwner(this.#ports, this.#owner, this, ['SIGINT', 'SIGTERM', 'SIGQUIT']);
  }

  async answer({ path, body }: Incoming): Promise<Answer | null> {
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
        return null;
    }
  }

  async #call(): Promise<Answer> {
    const current = this.#status!.config !== STOPPING && (await this.#owner.act(() => {}));
    if (!current) return { status: 503, body: 'no longer the owner' };
    await this.#ports.clock.sleep(this.#options.callMs);
    return { status: 200, body: '{}' };
  }

  answered({ path }: Incoming, { status }: Answer): void {
    if (path === STOP_PATH && status === 200) this.#stop('done');
  }

  work(): Promise<Ending> {
    return new Promise((resolve) => {
      this.#stop = resolve;
    });
  }

  /** Each look at the claim goes with one at the record. */
  async stay(): Promise<Ending> {
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

  /** Until everything is closed it is the owner, and answers, though no longer with its configuration. */
  async close(ending: Ending): Promise<void> {
    if (ending !== 'done') return;
    this.#status = { ...this.#status!, config: STOPPING };
    await this.#ports.clock.sleep(this.#options.closeMs);
    this.#closed = true;
    await this.#mending;
    await this.#owner.act(() => this.#ports.fs.unlinkIfThere(this.#options.metadataPath));
  }
}
