import {
  type Address,
  hasCode,
  type Ports,
  type ProcessIdentity,
  type ProcessInfo,
  type Self,
  type Signal,
} from '../ports/index.ts';
import { messageOf } from '../ports/message-of.ts';
import { isGoneWithin } from './eviction.ts';
import { hasNoCommand, infoOf, isGone } from './identity.ts';

/** How long an orphan may take to end after each signal, and how often we check. The values of ClosedLoop's pull request 257. */
export const RECLAIM = { pollMs: 100, termGraceMs: 2_000, killGraceMs: 2_000 } as const;
/** While one holder ends, another may take the port: how often we start again. */
const MAX_ROUNDS = 4;

export interface PortReconcileOptions {
  /** Where we are about to listen. A process that holds the TCP port on another address is not in the way. */
  address: Extract<Address, { kind: 'tcp' }>;
  /** Whether a process of our user is an instance of this program, according to its command line. */
  isOurs(info: ProcessInfo): boolean;
  /**
   * The declared owner of an instance; `null` if unknown: then the instance counts as live. Do not return its parent: a subreaper
   * may have adopted it, and PID 1 of a container may be its owner. If the owner is the calling process, the instance is a leftover,
   * since the caller has none.
   */
  ownerOf(info: ProcessInfo): ProcessIdentity | null;
  /**
   * Asks the user before a live instance is ended. For a start by a user; `null` during crash recovery. Only `true` counts
   * as consent.
   */
  consent: ((holder: ProcessInfo) => Promise<boolean>) | null;
}

export type PortVerdict =
  | { readonly kind: 'free' }
  /** Orphans, or with consent live instances, have been ended: the TCP port is free. */
  | { readonly kind: 'reclaimed'; readonly ended: readonly ProcessIdentity[] }
  /** Held by a foreign process, which was left alone. */
  | { readonly kind: 'foreign'; readonly why: string }
  /** Held by an instance with a live owner, which was left alone. The caller should not retry automatically. */
  | { readonly kind: 'blocked-live'; readonly holder: ProcessInfo }
  /** Held by an orphan that cannot be ended. */
  | { readonly kind: 'stuck'; readonly why: string }
  /** The holders could not be determined. Listening will show. */
  | { readonly kind: 'unknown'; readonly why: string };

/**
 * Frees a TCP port if the processes that hold it may be ended. Call it before starting what listens there. It examines all holders
 * on all addresses, and checks each again immediately before it signals exactly that process. Never throws, so that
 * it cannot make a start fail.
 */
export async function reconcilePort(ports: Ports, options: PortReconcileOptions): Promise<PortVerdict> {
  try {
    const self = await ports.process.self();
    return await new Reconciler(ports, self, options).run();
  } catch (error) {
    return { kind: 'unknown', why: messageOf(error) };
  }
}

/** A holder that is an instance of this program. */
interface Judged {
  readonly kind: 'orphan' | 'live';
  readonly info: ProcessInfo;
}

class Reconciler {
  readonly #ports: Ports;
  readonly #self: Self;
  readonly #options: PortReconcileOptions;
  readonly #ended: ProcessIdentity[] = [];
  /** Live instances that the user has allowed to end. */
  readonly #allowed = new Set<string>();

  constructor(ports: Ports, self: Self, options: PortReconcileOptions) {
    this.#ports = ports;
    this.#self = self;
    this.#options = options;
  }

  async run(): Promise<PortVerdict> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const judged = await this.#judgeAll();
      if (typeof judged === 'string') return { kind: 'foreign', why: judged };
      const live = judged.find(({ kind, info }) => kind === 'live' && !this.#allowed.has(nameOf(info)));
      if (live !== undefined) {
        if (!(await this.#asks(live.info))) return { kind: 'blocked-live', holder: live.info };
        // The answer may have taken long: examine the port again.
        this.#allowed.add(nameOf(live.info));
        continue;
      }
      const [first] = judged;
      if (first === undefined) return this.#free();
      if (!(await this.#end(first))) {
        const { pid } = first.info;
        return { kind: 'stuck', why: `TCP port ${this.#tcpPort}: PID ${pid} cannot be ended` };
      }
    }
    return { kind: 'stuck', why: `TCP port ${this.#tcpPort}: others take it again and again` };
  }

  get #tcpPort(): number {
    return this.#options.address.tcpPort;
  }

  #free(): PortVerdict {
    return this.#ended.length === 0 ? { kind: 'free' } : { kind: 'reclaimed', ended: this.#ended };
  }

  async #asks(info: ProcessInfo): Promise<boolean> {
    const { consent } = this.#options;
    return consent !== null && (await consent(info)) === true;
  }

  /** All holders in our way; a string if one of them is foreign. */
  async #judgeAll(): Promise<readonly Judged[] | string> {
    const judged: Judged[] = [];
    const unclear: ProcessInfo[] = [];
    for (const { pid, uid, host } of await this.#ports.probe.holders(this.#tcpPort)) {
      if (!this.#clashes(host) || pid === this.#self.pid) continue;
      const info = pid === null ? null : await infoOf(pid, this.#ports);
      // It ended between the two calls, or is ending.
      if (pid !== null && (info === null || info.state === 'zombie')) continue;
      if (info === null) return this.#foreign(`a process of user ${uid} that we may not look at`, host);
      if (info.uid === this.#self.uid && hasNoCommand(info)) {
        // It is ending: a process loses its command line first and its descriptors last.
        await isGoneWithin(info, RECLAIM.killGraceMs, this.#ports);
        continue;
      }
      const kind = this.#judge(info) ?? 'unclear';
      if (kind === 'live') judged.push({ kind: (await this.#isOrphan(info)) ? 'orphan' : 'live', info });
      else unclear.push(info);
    }
    for (const info of unclear) {
      // A child of an instance has inherited the socket: it is ended with its group.
      if (judged.some(({ info: leader }) => leader.pid === leader.pgid && leader.pgid === info.pgid))
        continue;
      return this.#foreign(`PID ${info.pid} of user ${info.uid} (${info.command.join(' ')})`, 'this machine');
    }
    return judged;
  }

  #judge(info: ProcessInfo): 'live' | null {
    return info.uid === this.#self.uid && this.#options.isOurs(info) ? 'live' : null;
  }

  async #isOrphan(info: ProcessInfo): Promise<boolean> {
    const owner = this.#options.ownerOf(info);
    if (owner === null) return false;
    return nameOf(owner) === nameOf(this.#self) || (await isGone(owner, this.#ports));
  }

  #foreign(who: string, where: string): string {
    return `TCP port ${this.#tcpPort} of ${where} is held by ${who}, which is not ours`;
  }

  /** On Linux, a listener on the wildcard address excludes all others on that TCP port. */
  #clashes(listening: string): boolean {
    const { address } = this.#options;
    // An IPv6 socket bound to an IPv4 address.
    const host = listening.replace(/^::ffff:/, '');
    return host === address.host || WILDCARDS.has(host) || WILDCARDS.has(address.host);
  }

  /** Sends SIGTERM, then SIGKILL, to an instance and its process group. `false` if a process survives, or we may not signal it. */
  async #end({ info }: Judged): Promise<boolean> {
    const group = await this.#groupOf(info);
    if (!(await this.#holdsStill(info))) return true;
    for (const [signal, graceMs] of [
      ['SIGTERM', RECLAIM.termGraceMs],
      ['SIGKILL', RECLAIM.killGraceMs],
    ] as const) {
      for (const member of group) await this.#signal(member, signal);
      if (await this.#areGoneWithin(group, graceMs)) {
        this.#ended.push({ pid: info.pid, startTicks: info.startTicks });
        return true;
      }
    }
    return false;
  }

  /** The check immediately before the signal: the same process, still in our way, and still ours. */
  async #holdsStill(info: ProcessInfo): Promise<boolean> {
    const holders = await this.#ports.probe.holders(this.#tcpPort);
    if (!holders.some(({ pid, host }) => pid === info.pid && this.#clashes(host))) return false;
    const now = await infoOf(info.pid, this.#ports);
    return now !== null && now.startTicks === info.startTicks && this.#judge(now) !== null;
  }

  async #groupOf(leader: ProcessInfo): Promise<readonly ProcessInfo[]> {
    if (leader.pgid !== leader.pid) return [leader];
    const group = [leader];
    for (const pid of await this.#ports.process.list()) {
      const info = pid === leader.pid ? null : await infoOf(pid, this.#ports);
      if (info?.pgid === leader.pgid && info.uid === leader.uid) group.push(info);
    }
    return group;
  }

  async #signal(identity: ProcessIdentity, signal: Signal): Promise<void> {
    try {
      await this.#ports.process.killExactly(identity, signal);
    } catch (error) {
      // It is gone, or we may not signal it and it stays.
      if (!hasCode(error, 'ESRCH') && !hasCode(error, 'EPERM')) throw error;
    }
  }

  async #areGoneWithin(group: readonly ProcessIdentity[], withinMs: number): Promise<boolean> {
    const { clock } = this.#ports;
    const untilMs = (await clock.monotonicMs()) + withinMs;
    for (;;) {
      let left = 0;
      for (const member of group) if (!(await isGone(member, this.#ports))) left++;
      if (left === 0) return true;
      if ((await clock.monotonicMs()) >= untilMs) return false;
      await clock.sleep(RECLAIM.pollMs);
    }
  }
}

function nameOf({ pid, startTicks }: ProcessIdentity): string {
  return `${pid}.${startTicks}`;
}

const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);
