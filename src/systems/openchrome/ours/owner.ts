/** What a session does while it owns: keeps Chrome, answers for it, and gives up when it cannot keep it. */
import {
  type Broker,
  type Ending,
  HEALTH_PATH,
  healthBody,
  type Ownership,
  type Service,
  Surrender,
  serveAsOwner,
  withdrawBroker,
} from '../../../model/index.ts';
import type { Answer, Incoming, Ports } from '../../../ports/index.ts';
import { installed } from '../programs/chrome.ts';
import { type Kind, MANAGED } from '../programs/launcher.ts';
import { type ChromeTiming, OwnChrome } from './chrome.ts';

export interface OwnerSessionOptions {
  /** The words that start a Chrome; its flags follow. */
  chrome: readonly string[];
  chromeTiming: ChromeTiming;
  /** The Chrome whose answers count. */
  managed?: Kind;
  /** Others that this owner starts: a headed fallback, a headless one. */
  descendants?: readonly Kind[];
  /** False: its watchdog hangs, so it does not notice that its Chrome is gone. */
  watches?: boolean;
}

/** A request for this uses the owner's Chrome. */
export const TOOL_PATH = '/mcp';

const UNAVAILABLE: Answer = { status: 503, body: '' };

export class OwnerSession implements Service {
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

  async run(): Promise<Ending> {
    this.#wellMs = await this.#ports.clock.monotonicMs();
    return serveAsOwner(this.#ports, this.#owner, this);
  }

  /** Uses Chrome. `null` if it does not answer, or if we are no longer the owner. */
  async tool(): Promise<string | null> {
    await this.#ready;
    let done: string | null = null;
    await this.#owner.act(async () => {
      if (await this.#managed.answers()) done = 'done';
    });
    return done;
  }

  /** A health check does not wait for a tool. */
  async answer(incoming: Incoming): Promise<Answer | null> {
    if (incoming.path === HEALTH_PATH) {
      const body = healthBody(this.#owner.claim.nonce);
      return (await this.#isWell()) ? { status: 200, body } : UNAVAILABLE;
    }
    if (incoming.path === TOOL_PATH) {
      const done = await this.tool();
      return done === null ? UNAVAILABLE : { status: 200, body: done };
    }
    return this.#broker?.answer(incoming, () => this.tool()) ?? null;
  }

  /** By asking Chrome now, whatever the watchdog believes. A Chrome that is being started again has its time. */
  async #isWell(): Promise<boolean> {
    const answers = await this.#managed.answers();
    const nowMs = await this.#ports.clock.monotonicMs();
    if (answers) this.#wellMs = nowMs;
    return nowMs - this.#wellMs <= this.#options.chromeTiming.recoverMs;
  }

  work(): Promise<Ending> {
    return this.#broker?.reclaim() ?? new Promise(() => {});
  }

  async keep(): Promise<Ending> {
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
        // If another process's Chrome has our port, a fresh owner would not fare better.
        if (surrender.failed()) return (await this.#managed.isBlocked()) ? 'blocked' : 'surrendered';
      }
      await clock.sleep(chromeTiming.lookEveryMs);
    }
  }

  /** Before another may own: two Chromes on one profile spoil it. */
  async close(): Promise<void> {
    for (const chrome of [this.#managed, ...this.#others]) await chrome.quit();
    if (this.#broker !== null) await withdrawBroker(this.#ports, this.#owner);
  }
}
