import {
  type Broker,
  EXIT,
  HEALTH_PATH,
  healthBody,
  type Ownership,
  Surrender,
  withdrawBroker,
} from '../../model/index.ts';
import { type Incoming, isSystemError, type Ports } from '../../ports/index.ts';
import { installed } from './chrome.ts';
import { type Kind, MANAGED } from './launcher.ts';
import { type ChromeTiming, OwnChrome } from './ours-chrome.ts';

export interface OwnerSessionOptions {
  /** The words that start a Chrome; its flags follow. */
  chrome: readonly string[];
  chromeTiming: ChromeTiming;
  /** The one that all is about. */
  managed?: Kind;
  /** Others that this owner starts: a headed fallback, a headless one. */
  descendants?: readonly Kind[];
  /** Of a session whose watchdog hangs: it lives, and does not notice that its Chrome is gone. */
  watches?: boolean;
}

/** Whoever asks for this uses the owner's Chrome. */
export const TOOL_PATH = '/mcp';
const UNAVAILABLE = 503;

type Ending = keyof typeof EXIT;

/** What a session does that owns: keeps Chrome, answers for it, and gives up when that cannot be done. */
export class OwnerSession {
  readonly #ports: Ports;
  readonly #owner: Ownership;
  readonly #broker: Broker | null;
  readonly #options: OwnerSessionOptions;
  readonly #managed: OwnChrome;
  readonly #others: readonly OwnChrome[];
  /** When Chrome answered last; at first, when we began. */
  #wellMs = 0;
  #launched: () => void = () => {};
  readonly #ready = new Promise<void>((resolve) => {
    this.#launched = resolve;
  });

  constructor(ports: Ports, owner: Ownership, broker: Broker | null, options: OwnerSessionOptions) {
    this.#ports = ports;
    this.#owner = owner;
    this.#broker = broker;
    this.#options = options;
    const { managed = MANAGED, descendants = [], chrome: command, chromeTiming: timing } = options;
    this.#managed = new OwnChrome(ports, owner, managed, { command, timing });
    this.#others = descendants.map((kind) => new OwnChrome(ports, owner, kind, { command, timing }));
  }

  async run(): Promise<number> {
    this.#wellMs = await this.#ports.clock.monotonicMs();
    const ending = await Promise.race([
      this.#asked(),
      this.#serve(),
      this.#owner.untilFenced(),
      this.#keepChrome(),
      this.#owner.keepTidy(),
      this.#reclaim(),
    ]);
    if (ending === 'surrendered') this.#ports.mark('self-release');
    // Before anybody else may own: two Chromes on one profile spoil it.
    for (const chrome of [this.#managed, ...this.#others]) await chrome.quit();
    if (this.#broker !== null) await withdrawBroker(this.#ports, this.#owner);
    await this.#owner.release();
    return EXIT[ending];
  }

  /** Uses Chrome. Null: it does not answer, or we own no more. */
  async tool(): Promise<string | null> {
    await this.#ready;
    let done: string | null = null;
    await this.#owner.act(async () => {
      if (await this.#managed.answers()) done = 'done';
    });
    return done;
  }

  #asked(): Promise<Ending> {
    return new Promise((resolve, reject) => {
      this.#ports.process.onSignal(['SIGTERM', 'SIGINT', 'SIGHUP'], () => resolve('done')).catch(reject);
    });
  }

  async #serve(): Promise<Ending> {
    const { listener } = this.#owner;
    if (listener === null) throw new TypeError('an owner of a browser needs an endpoint');
    this.#owner.serves();
    const failed = new Promise<never>((_, reject) => {
      const answer = async (): Promise<never> => {
        for (;;) {
          const incoming = await this.#ports.net.accept(listener);
          // Whoever asks for health does not wait for a tool.
          this.#answer(incoming).catch(reject);
        }
      };
      // At the end the listener is closed.
      answer().catch((error) => !isSystemError(error) && reject(error));
    });
    return failed;
  }

  async #answer(incoming: Incoming): Promise<void> {
    const { net } = this.#ports;
    const { request, path } = incoming;
    try {
      if (path === HEALTH_PATH) {
        const body = healthBody(this.#owner.claim.nonce);
        await net.answer(
          request,
          (await this.#isWell()) ? { status: 200, body } : { status: UNAVAILABLE, body: '' },
        );
      } else if (path === TOOL_PATH) {
        const done = await this.tool();
        await net.answer(
          request,
          done === null ? { status: UNAVAILABLE, body: '' } : { status: 200, body: done },
        );
      } else if (!(await this.#broker?.answer(incoming, () => this.tool()))) {
        await net.answer(request, {
          status: 404,
          body: `no such path; there is ${HEALTH_PATH} and ${TOOL_PATH}`,
        });
      }
    } catch (error) {
      // Whoever asked has gone: not our trouble.
      if (!isSystemError(error)) throw error;
    }
  }

  /** By asking Chrome now, whatever the watchdog believes. A Chrome that is being started again has its time. */
  async #isWell(): Promise<boolean> {
    const answers = await this.#managed.answers();
    const nowMs = await this.#ports.clock.monotonicMs();
    if (answers) this.#wellMs = nowMs;
    return nowMs - this.#wellMs <= this.#options.chromeTiming.recoverMs;
  }

  #reclaim(): Promise<Ending> {
    return this.#broker?.reclaim() ?? new Promise(() => {});
  }

  async #keepChrome(): Promise<Ending> {
    const { mark, clock } = this.#ports;
    const { chromeTiming, watches = true } = this.#options;
    const version = await installed(this.#ports);
    const surrender = new Surrender();
    for (let start = 0; ; start++) {
      const launched = await this.#managed.launch(version);
      if (launched === 'fenced') return 'fenced';
      if (launched === 'up') {
        this.#wellMs = await clock.monotonicMs();
        surrender.succeeded();
        mark(start === 0 ? 'up' : 'chrome-relaunched');
        if (start === 0) for (const other of this.#others) await other.launch(version);
        this.#launched();
        if (!watches) await new Promise(() => {});
        await this.#managed.untilItFails(this.#owner.timing.failedProbes);
        mark('chrome-died');
      } else {
        mark('relaunch-failed');
        // Somebody else's Chrome on our port: a fresh owner would not fare better.
        if (surrender.failed()) return (await this.#managed.isBlocked()) ? 'blocked' : 'surrendered';
      }
      await clock.sleep(chromeTiming.lookEveryMs);
    }
  }
}
