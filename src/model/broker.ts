import { type Address, type Answer, type Incoming, isSystemError, type Ports } from '../ports/index.ts';
import type { Claim } from './claim.ts';
import { becomeOwner } from './contend.ts';
import type { Contest } from './contest.ts';
import { mayAsk } from './endpoints.ts';
import { Generations } from './generations.ts';
import { whoAnswers } from './health.ts';
import { parseAs } from './json.ts';
import { DEFAULT_LEASES, Leases, type LeaseTiming } from './leases.ts';
import type { OwnerOptions } from './owner-options.ts';
import type { Ownership } from './ownership.ts';
import { readFound } from './read-found.ts';
import { int, object, text } from './shape.ts';
import { DEFAULT_TIMING, type Timing } from './timing.ts';

/**
 * How a process takes part in sharing one owner. `off`: no sharing. `owner`: contends, and accepts clients if it becomes the
 * owner. `client`: only attaches, never contends. `auto`: the first process becomes the owner and accepts clients, the others attach.
 */
export type BrokerMode = 'off' | 'owner' | 'client' | 'auto';

/** Sharing is opt-in: whether a session is shared must not depend on when it was started. */
export const DEFAULT_BROKER_MODE: BrokerMode = 'off';

export interface BrokerOptions extends OwnerOptions {
  mode?: BrokerMode;
  leases?: LeaseTiming;
}

export type Joined =
  /** We are the owner. `broker` answers clients; `null` if the mode does not accept any. */
  | { readonly kind: 'owner'; readonly owner: Ownership; readonly broker: Broker | null }
  | { readonly kind: 'attached'; readonly attachment: Attachment }
  /** We are not the owner, and there is no broker to attach to. */
  | { readonly kind: 'alone'; readonly contest: Contest | null };

/** One attempt and ten retries, as in openchrome's #1479. */
const LOOKS = 11;
const LOOK_EVERY_MS = 300;

/** Becomes the owner or attaches to one, according to the mode. */
export async function joinBroker(ports: Ports, options: BrokerOptions): Promise<Joined> {
  const { mode = DEFAULT_BROKER_MODE, timing } = options;
  const contest = mode === 'client' ? null : await becomeOwner(ports, options);
  if (contest?.kind === 'owner') {
    const { owner } = contest;
    if (mode === 'off') return { kind: 'owner', owner, broker: null };
    const broker = new Broker(ports, options.leases);
    await publish(ports, owner);
    return { kind: 'owner', owner, broker };
  }
  if (mode === 'off' || mode === 'owner') return { kind: 'alone', contest };
  const attachment = await attach(ports, { ...options, timing: { ...DEFAULT_TIMING, ...timing } });
  return attachment === null ? { kind: 'alone', contest } : { kind: 'attached', attachment };
}

/** Our broker files are shorter. */
const MAX_BROKER_BYTES = 1_024;

const shape = object({ schemaVersion: int(1, 1), nonce: text() });

/**
 * Records on disk that this owner accepts clients. Each owner has its own file name, so that a late write of a former owner is
 * never read; the file is complete the moment it is visible, and no other owner writes or removes it while this one lives.
 */
async function publish(ports: Ports, owner: Ownership): Promise<void> {
  const { claim, directory } = owner;
  const { fs, process, mark } = ports;
  const temporary = `${directory}/tmp-${claim.pid}-${claim.startTicks}-${await process.randomHex(8)}`;
  await fs.writeFile(temporary, JSON.stringify({ schemaVersion: 1, nonce: claim.nonce }), {
    flag: 'wx',
    mode: 0o600,
  });
  await fs.rename(temporary, brokerPath(directory, claim));
  mark('broker-published');
}

/** For a clean end. After a crash, the next owner removes the file. */
export async function withdrawBroker(
  { fs }: Pick<Ports, 'fs'>,
  { directory, claim }: Ownership,
): Promise<void> {
  await fs.unlinkIfThere(brokerPath(directory, claim));
}

/** The owner's claim, if it accepts clients and answers. Never removes anything. */
export async function findBroker(
  ports: Pick<Ports, 'fs' | 'probe' | 'summarize'>,
  directory: string,
  timing: Pick<Timing, 'probeTimeoutMs'>,
): Promise<(Claim & { endpoint: Address }) | null> {
  try {
    const { claim } = await new Generations(ports, directory).head();
    if (claim?.kind !== 'owner' || claim.endpoint === null) return null;
    if (!mayAsk(claim.endpoint, directory, null)) return null;
    const record = parseAs(shape, await readFound(ports, brokerPath(directory, claim), MAX_BROKER_BYTES));
    if (record?.nonce !== claim.nonce) return null;
    const answers = (await whoAnswers(claim.endpoint, ports, timing)) === claim.nonce;
    return answers ? { ...claim, endpoint: claim.endpoint } : null;
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}

function brokerPath(directory: string, { pid, startTicks, nonce }: Claim): string {
  return `${directory}/broker-${pid}-${startTicks}-${nonce.slice(0, 8)}`;
}

const ATTACH_PATH = '/broker/attach';
const USE_PATH = '/broker/use';
const DETACH_PATH = '/broker/detach';
/** The lease is gone: the client must attach again. */
const GONE = 410;
/** The lease is valid, but the work cannot be done now. */
const UNAVAILABLE = 503;

/** The owner's side. */
export class Broker {
  readonly #ports: Ports;
  readonly #leases: Leases;
  readonly #timing: LeaseTiming;

  constructor(ports: Ports, timing: LeaseTiming = DEFAULT_LEASES) {
    this.#ports = ports;
    this.#timing = timing;
    this.#leases = new Leases(timing);
  }

  get leases(): readonly string[] {
    return this.#leases.ids;
  }

  /**
   * The answer to a client's request; `null` if the request is not for a broker.
   *
   * @param work does what a client asks for, and returns `null` if that is not possible now
   */
  async answer(
    { path, body }: Incoming,
    work: (body: string) => Promise<string | null>,
  ): Promise<Answer | null> {
    const { clock, process, mark } = this.#ports;
    if (![ATTACH_PATH, USE_PATH, DETACH_PATH].includes(path)) return null;
    const nowMs = await clock.monotonicMs();
    const [lease = '', ...rest] = body.split('\n');
    if (path === ATTACH_PATH) {
      const id = await process.randomHex(8);
      this.#leases.grant(id, nowMs);
      mark('lease-granted');
      return { status: 200, body: id };
    }
    if (path === DETACH_PATH) {
      this.#leases.end(lease);
      return { status: 200, body: '' };
    }
    return this.#leases.use(lease, nowMs) ? answerOf(await work(rest.join('\n'))) : NONE;
  }

  /** Revokes the leases of clients that have gone, for as long as the owner lives. */
  async reclaim(taken: (lease: string) => Promise<void> = async () => {}): Promise<never> {
    const { clock, mark } = this.#ports;
    for (;;) {
      await clock.sleep(this.#timing.sweepEveryMs);
      for (const lease of this.#leases.reclaim(await clock.monotonicMs())) {
        mark('lease-reclaimed');
        await taken(lease);
      }
    }
  }
}

const NONE = { status: GONE, body: '' };

function answerOf(done: string | null): Answer {
  return done === null ? { status: UNAVAILABLE, body: '' } : { status: 200, body: done };
}

/** The outcome of a client's request. `gone`: the broker or the lease no longer exists: attach again. */
export type Used =
  | { readonly kind: 'done'; readonly body: string }
  | { readonly kind: 'unavailable' | 'gone' };

/** The client's side: the right to use an owner, which expires if it is not used. */
export class Attachment {
  readonly #ports: Pick<Ports, 'probe'>;
  readonly broker: Claim & { endpoint: Address };
  readonly lease: string;
  readonly #timeoutMs: number;

  constructor(
    ports: Pick<Ports, 'probe'>,
    broker: Claim & { endpoint: Address },
    lease: string,
    timeoutMs: number,
  ) {
    this.#ports = ports;
    this.broker = broker;
    this.lease = lease;
    this.#timeoutMs = timeoutMs;
  }

  async use(body: string): Promise<Used> {
    const answer = await ask(
      this.#ports,
      this.broker.endpoint,
      USE_PATH,
      `${this.lease}\n${body}`,
      this.#timeoutMs,
    );
    if (answer?.status === 200) return { kind: 'done', body: answer.body };
    return { kind: answer?.status === UNAVAILABLE ? 'unavailable' : 'gone' };
  }

  async detach(): Promise<void> {
    await ask(this.#ports, this.broker.endpoint, DETACH_PATH, this.lease, this.#timeoutMs);
  }
}

/** Looks for a broker, with retries. `null` if there is none. */
async function attach(
  ports: Ports,
  { directory, timing }: { directory: string; timing: Timing },
): Promise<Attachment | null> {
  for (let look = 0; look < LOOKS; look++) {
    if (look > 0) await ports.clock.sleep(LOOK_EVERY_MS);
    const broker = await findBroker(ports, directory, timing);
    if (broker === null) continue;
    const answer = await ask(ports, broker.endpoint, ATTACH_PATH, '', timing.probeTimeoutMs);
    if (answer?.status !== 200) continue;
    ports.mark('attached');
    return new Attachment(ports, broker, answer.body, timing.probeTimeoutMs);
  }
  return null;
}

async function ask(
  { probe }: Pick<Ports, 'probe'>,
  endpoint: Address,
  path: string,
  body: string,
  timeoutMs: number,
): Promise<{ status: number; body: string } | null> {
  try {
    return await probe.request(endpoint, { path, body }, timeoutMs);
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}
