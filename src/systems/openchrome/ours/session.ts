/** openchrome's `serve` on our protocol. */
import {
  type BrokerMode,
  type BrokerOptions,
  DegradedResponder,
  type Diagnosis,
  type Ending,
  exitCodeOf,
  INITIALISE_WITHIN_MS,
  type Joined,
  joinBroker,
  linesOf,
} from '../../../model/index.ts';
import { isSystemError, type Ports, type Program } from '../../../ports/index.ts';
import { answer, orElse, parseAny } from '../../vocabulary/index.ts';
import { EXIT_REFUSED } from '../constants.ts';
import { flagOf } from '../programs/chrome.ts';
import { MANAGED } from '../programs/launcher.ts';
import { stdioAddress } from '../programs/stdio.ts';
import { modeOf } from './flags.ts';
import { OwnerSession, type OwnerSessionOptions } from './owner.ts';

export interface OurSessionOptions extends BrokerOptions, OwnerSessionOptions {
  /** How soon a session that does not own looks again whether another still does. */
  lookAgainMs: number;
  /** How often a client uses the broker. */
  useEveryMs: number;
  /** A file of the user: `{ "autoBroker": true }` allows sessions to share by themselves. Without it they do not. */
  trustFile?: string;
}

/**
 * Owns a Chrome; or uses that of another owner, if it was asked to share; or says over its host's protocol why it does
 * neither, and takes the owner's place when that is gone. Takes `--stdio=`, `--broker`, `--connect-broker`, `--auto-broker`,
 * and for tests `--hung-watchdog`.
 */
export function session(options: OurSessionOptions): Program {
  return (ports, argv) => exitCodeOf(ports, () => new OurSession(ports, argv, options).run());
}

type Handler = (body: string) => Promise<string>;

const HANDLER_LOOK_MS = 100;

class OurSession {
  readonly #ports: Ports;
  readonly #argv: readonly string[];
  readonly #options: OurSessionOptions;
  #mode: BrokerMode | undefined;
  /** What answers the host now; it may change while the host is there. */
  #handler: Handler | null = null;
  #shakenHands = false;

  constructor(ports: Ports, argv: readonly string[], options: OurSessionOptions) {
    this.#ports = ports;
    this.#argv = argv;
    this.#options = { ...options, watches: !argv.includes('--hung-watchdog') };
    this.#mode = modeOf(argv);
  }

  async run(): Promise<Ending | number> {
    if (this.#mode === 'auto' && !(await this.#isTrusted())) this.#mode = undefined;
    const mode = this.#mode === undefined ? {} : { mode: this.#mode };
    const beganMs = await this.#ports.clock.monotonicMs();
    const hasHost = await this.#listenToHost();
    for (let looks = 0; ; looks++) {
      const joined = await joinBroker(this.#ports, { ...this.#options, ...mode });
      if (joined.kind === 'owner') {
        if (looks > 0) this.#ports.mark('promoted');
        const owner = new OwnerSession(this.#ports, joined.owner, joined.broker, this.#options);
        this.#handler = async (body) => reply(body, await owner.tool());
        return await owner.run();
      }
      if (joined.kind === 'attached') {
        await this.#use(joined);
        continue;
      }
      const diagnosis = this.#diagnose(joined);
      if (!hasHost) return joined.contest?.kind === 'blocked' ? 'blocked' : EXIT_REFUSED;
      this.#degrade(diagnosis);
      await this.#ports.clock.sleep(this.#options.lookAgainMs);
      const waitedMs = (await this.#ports.clock.monotonicMs()) - beganMs;
      if (!this.#shakenHands && waitedMs > INITIALISE_WITHIN_MS) return EXIT_REFUSED;
    }
  }

  /** A flag alone could come from a project's configuration: that of the user must agree. */
  async #isTrusted(): Promise<boolean> {
    const { trustFile } = this.#options;
    const text = trustFile === undefined ? '' : await orElse(this.#ports.fs.readFile(trustFile), '');
    const trusted = parseAny<{ autoBroker?: unknown }>(text)?.autoBroker === true;
    if (!trusted) this.#ports.mark('untrusted');
    return trusted;
  }

  /** As a client, for as long as the broker is there. */
  async #use({ attachment }: Joined & { kind: 'attached' }): Promise<void> {
    this.#handler = async (body) => {
      const used = await attachment.use(body);
      return reply(body, used.kind === 'done' ? used.body : null);
    };
    for (let used = await attachment.use('look'); used.kind !== 'gone'; used = await attachment.use('look')) {
      if (used.kind === 'done') this.#ports.mark('brokered');
      await this.#ports.clock.sleep(this.#options.useEveryMs);
    }
    this.#handler = null;
    // A client that has just attached and is refused must not ask on and on.
    await this.#ports.clock.sleep(this.#options.useEveryMs);
  }

  #degrade(diagnosis: Diagnosis): void {
    const responder = new DegradedResponder(diagnosis, { name: 'openchrome' });
    this.#ports.mark('degraded');
    this.#handler = async (body) => linesOf(responder.answer(body));
  }

  #diagnose({ contest }: Joined & { kind: 'alone' }): Diagnosis {
    const { managed = MANAGED, directory } = this.#options;
    const claim = contest?.kind === 'client' ? contest.claim : null;
    if (contest === null) this.#ports.mark('no-broker');
    return {
      why:
        contest === null
          ? 'no broker is there to connect to'
          : contest.kind === 'blocked'
            ? contest.why
            : `another openchrome controls the Chrome on TCP port ${managed.tcpPort}`,
      tcpPort: managed.tcpPort,
      profile: managed.userDataDir,
      ownerPid: claim?.pid ?? null,
      lockPath: directory,
      remediations: contest === null ? START_ONE : SHARE,
    };
  }

  /** False: there is no host that an explanation could reach. */
  async #listenToHost(): Promise<boolean> {
    const path = flagOf(this.#argv, 'stdio');
    if (path === null) return false;
    const listener = await this.#ports.net.listen(stdioAddress(path));
    this.#answerHost(listener).catch((error) => {
      if (!isSystemError(error)) throw error;
    });
    return true;
  }

  async #answerHost(listener: number): Promise<never> {
    const { net, clock } = this.#ports;
    for (;;) {
      const { request, body } = await net.accept(listener);
      while (this.#handler === null) await clock.sleep(HANDLER_LOOK_MS);
      this.#shakenHands = true;
      await answer(this.#ports, request, await this.#handler(body));
    }
  }
}

/** The reply of a session that has a service: the handshake needs none. */
function reply(body: string, done: string | null): string {
  const { id, method } = JSON.parse(body) as { id: unknown; method: string };
  const works = method !== 'tools/call' || done !== null;
  const outcome = works ? { result: {} } : { error: { code: -32_000, message: 'Chrome does not answer' } };
  return JSON.stringify({ jsonrpc: '2.0', id, ...outcome });
}

const SHARE = [
  'use the session that owns it, or stop that session: this one takes its place then',
  'give this session a --port and a --user-data-dir of its own',
  'share one owner: start it with --broker, and the others with --connect-broker; or all with --auto-broker, if the trust file allows it',
];
const START_ONE = ['start one with: openchrome serve --auto-launch --broker'];
