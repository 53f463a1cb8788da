/**
 * How a contender becomes the owner. For example, three processes start in an empty directory:
 *
 * - 1001 finds no claim, links its own as `gen-1`, and looks again: `gen-1` is the newest. There is no former owner, so it
 *   listens at the endpoint, publishes `gen-2` with a current fencing token, and acts.
 * - 1002 finds no claim either, but its link fails with EEXIST. It looks again, finds that 1001 answers, and becomes a client.
 * - 1001 is stopped (Ctrl-Z). 1003 finds `gen-2` and gets no answer until the lease has expired: it publishes the challenge
 *   `gen-3`. 1001 does not answer that either. 1003 claims `gen-4`, ends 1001, listens, publishes `gen-5`, and acts.
 *
 * Had 1001 continued in time, it would have met the challenge by publishing its own claim as `gen-4`: see ownership.ts.
 */
import type { Address, Keeps, Ports, Self } from '../ports/index.ts';
import { printable } from '../ports/printable.ts';
import { Certificate } from './certificate.ts';
import { type Claim, claimOf, FORMAT } from './claim.ts';
import { Exemption } from './exemption.ts';
import { FormerOwners } from './former-owners.ts';
import { Generations, type Head, hasRoom } from './generations.ts';
import { Judge } from './judge.ts';
import { socketPath } from './litter.ts';
import { Liveness } from './liveness.ts';
import { checkOwnerOptions, type OwnerOptions, timingOf } from './owner-options.ts';
import { Ownership } from './ownership.ts';
import { quietly } from './quietly.ts';
import { reapOrphans } from './reaper.ts';
import { makeStateDirectory, syncAbove } from './state-directory.ts';
import { STOPPED } from './stop.ts';
import { SUPERSEDED, takeEndpoint } from './take-endpoint.ts';
import type { Timing } from './timing.ts';
import { nextToken } from './token.ts';
import { orUnusable } from './unusable.ts';

/** The outcome of contending. */
export type Contest =
  | { readonly kind: 'owner'; readonly owner: Ownership }
  /** A healthy owner answers: use it, or exit. */
  | { readonly kind: 'client'; readonly claim: Claim }
  /** The owner could not be judged, or not replaced. No other process was touched. */
  | { readonly kind: 'blocked'; readonly why: string };

/** A claim that we have published, and the lower generations that existed when it was the newest. */
interface Won extends Head {
  readonly claim: Claim;
  readonly lower: readonly number[];
}

/**
 * Becomes the owner, or finds the existing one.
 *
 * @throws TypeError or RangeError if an option is invalid
 * @throws SystemError if the state directory cannot be used; it has the `exitCode` of `EXIT.stateUnusable`
 */
export async function becomeOwner(ports: Ports, options: OwnerOptions): Promise<Contest> {
  checkOwnerOptions(options);
  const timing = timingOf(options.timing);
  return orUnusable(options.directory, contend(ports, options, timing));
}

async function contend(ports: Ports, options: OwnerOptions, timing: Timing): Promise<Contest> {
  const self = await ports.process.self();
  const directory = await makeStateDirectory(ports.fs, options.directory, self.uid);
  const { command, ppid } = await ports.process.info(self.pid);
  const nonce = await ports.process.randomHex(16);
  const exemption = await Exemption.declare(ports, directory, self, ppid, nonce);
  const { endpoint, signal } = options;
  const address: Address | null =
    endpoint === 'unix' ? { kind: 'unix', path: socketPath(directory, self, nonce) } : endpoint;
  const claim = claimOf(self, command, nonce, address);
  const generations = new Generations(ports, directory);
  const contender = new Contender(ports, self, claim, generations, timing, exemption, signal);
  return ports.summarize(
    (keeps) => contender.contend(keeps),
    (contest) => (contest.kind === 'owner' ? contest.owner.state : contest),
  );
}

class Contender {
  readonly #ports: Ports;
  readonly #self: Self;
  readonly #timing: Timing;
  readonly #generations: Generations;
  readonly #exemption: Exemption | null;
  readonly #signal: AbortSignal | undefined;
  readonly #liveness: Liveness;
  readonly #former: FormerOwners;
  readonly #judge: Judge;
  #claim: Claim;
  /** `undefined`: not asked for yet. `null`: there can be none. */
  #certificate: Certificate | null | undefined;

  constructor(
    ports: Ports,
    self: Self,
    claim: Claim,
    generations: Generations,
    timing: Timing,
    exemption: Exemption | null,
    signal: AbortSignal | undefined,
  ) {
    this.#ports = ports;
    this.#self = self;
    this.#claim = claim;
    this.#generations = generations;
    this.#timing = timing;
    this.#exemption = exemption;
    this.#signal = signal;
    const { endpoint, nonce } = claim;
    this.#liveness = new Liveness(ports, self, generations.directory, endpoint, timing);
    this.#former = new FormerOwners(ports, self, nonce, generations, timing, this.#liveness);
    this.#judge = new Judge(ports, self, endpoint, timing, generations, this.#former, this.#liveness);
  }

  async contend(keeps: Keeps): Promise<Contest> {
    let contest: Contest | null = null;
    try {
      contest = await this.#contend(keeps);
      return contest;
    } finally {
      // An owner keeps them.
      if (contest?.kind !== 'owner') {
        await quietly(() => this.#certificate?.revoke());
        await this.#exemption?.revoke();
      }
    }
  }

  async #contend(keeps: Keeps): Promise<Contest> {
    const { clock } = this.#ports;
    const giveUpAtMs = (await clock.monotonicMs()) + this.#timing.patienceMs;
    for (;;) {
      keeps([giveUpAtMs, this.#judge.state, this.#certificate?.path ?? null]);
      if (this.#signal?.aborted) return blocked(STOPPED);
      const head = await this.#generations.head();
      if (!hasRoom(head))
        return blocked(`no generation can follow gen-${head.generation}: who has written it?`);
      if (head.newer !== undefined)
        return blocked(
          `gen-${head.generation} is of format ${head.newer}, and this version reads up to ${FORMAT}: update it`,
        );
      const verdict = await this.#judge.judge(head);
      const ours = verdict === 'claim' ? await this.#claimNext(head) : null;
      if (ours !== null) {
        if (head.claim !== null && head.claim.kind !== 'free')
          this.#ports.mark('takeover', { from: head.generation });
        const contest = await this.#settle(ours, head, giveUpAtMs);
        if (contest !== 'again') return contest;
      }
      if (verdict === 'challenge') await this.#publishChallenge(head.generation, head.claim);
      if (verdict === 'client') return this.#lost(head.claim!);
      if ((await clock.monotonicMs()) > giveUpAtMs) return blocked(await this.#judge.whyUnjudged(head));
      if (verdict === 'wait') await this.#judge.pause(head, this.#signal);
    }
  }

  #lost(claim: Claim): Contest {
    this.#ports.mark('lost');
    return { kind: 'client', claim };
  }

  /** Unless its owner publishes the claim again, the claim becomes void. */
  async #publishChallenge(generation: number, of: Claim | null): Promise<void> {
    this.#ports.mark('challenge', { generation });
    await this.#generations.publish(generation + 1, {
      ...this.#claim,
      kind: 'challenge',
      token: of?.token ?? this.#claim.token,
      challenges: of?.nonce ?? null,
    });
  }

  /** Publishes our claim as the next generation. `null` unless it is still the newest when we look again. */
  #claimNext(head: Head): Promise<Won | null> {
    return this.#ports.summarize(() => this.#tryNext(head));
  }

  async #tryNext(head: Head): Promise<Won | null> {
    await this.#certify();
    const next = head.generation + 1;
    const claim = { ...this.#claim, token: await nextToken(head.claim?.token ?? null, this.#ports) };
    if (next === 1) await syncAbove(this.#ports.fs, this.#generations.directory);
    if (!(await this.#published(next, claim))) return null;
    const generations = await this.#generations.list();
    const newest = Math.max(0, ...generations);
    if (newest === next) return { generation: next, claim, lower: below(next, generations) };
    // If newer generations exist, this number had been removed as outdated: our claim is void and can be removed. If none exist, our
    // file was lost, and a file that has this number by now belongs to another contender.
    if (newest > next) await this.#generations.remove(next);
    return null;
  }

  /** Before the first claim, so that a reader of the claim can rely on its certificate. */
  async #certify(): Promise<void> {
    if (this.#certificate !== undefined) return;
    const { directory } = this.#generations;
    const filesystem = await this.#liveness.filesystem();
    const isLocal = (await this.#liveness.extent()) === 'local';
    this.#certificate = isLocal
      ? await Certificate.issue(this.#ports, directory, this.#self, this.#claim.nonce)
      : null;
    this.#claim = { ...this.#claim, certificate: this.#certificate !== null, filesystem };
    // A lock without a service is not asked: that its holder lives is enough.
    if (this.#claim.endpoint !== null) void this.#certificate?.answer();
  }

  /** `false` if another contender was faster. If it fails, the claim may be visible all the same: it is withdrawn. */
  async #published(generation: number, claim: Claim): Promise<boolean> {
    try {
      return await this.#generations.publish(generation, claim, { lasts: false });
    } catch (error) {
      await quietly(() => this.#generations.withdraw(generation, claim.nonce));
      throw error;
    }
  }

  /**
   * Before we act, all former owners and their orphans must be gone, and the endpoint must be ours.
   *
   * @param head the generation that we have superseded
   */
  async #settle(ours: Won, head: Head, giveUpAtMs: number): Promise<Contest | 'again'> {
    const owner = new Ownership(
      this.#ports,
      this.#self,
      ours,
      this.#generations,
      this.#timing,
      this.#certificate ?? null,
      this.#exemption,
    );
    try {
      return await this.#become(owner, ours, head, giveUpAtMs);
    } catch (error) {
      await owner.abandon();
      throw error;
    }
  }

  async #become(owner: Ownership, ours: Won, head: Head, giveUpAtMs: number): Promise<Contest | 'again'> {
    const former = await this.#former.among(ours.lower);
    const unjudged = await this.#former.firstUnjudged(former, head);
    // Also one that we could not end, in another container: it has been superseded already, and may publish its claim again.
    if (unjudged !== null) {
      await this.#publishChallenge(owner.generation, unjudged);
      return 'again';
    }
    // Who left alone has ended its children, and found those of all before it gone.
    const isCleared = head.claim?.kind === 'free' && ours.lower.length === 1;
    const obstacle = await this.#clearTheWay(owner, isCleared ? null : former, giveUpAtMs);
    if (obstacle === null) return { kind: 'owner', owner };
    await owner.release();
    return blocked(obstacle);
  }

  /**
   * @param former the owners before us; `null`: they are known to be gone, and their children too
   * @returns `null` on success, otherwise what is in the way
   */
  async #clearTheWay(
    owner: Ownership,
    former: readonly Claim[] | null,
    giveUpAtMs: number,
  ): Promise<string | null> {
    for (const claim of former ?? []) {
      const obstacle = await this.#former.end(claim);
      if (obstacle === null) continue;
      return `the former owner, PID ${claim.pid}, does not answer and may not or cannot be ended: ${obstacle}`;
    }
    if (former !== null)
      await reapOrphans(this.#generations.directory, this.#self, this.#ports, this.#timing);
    const obstacle = await takeEndpoint(
      owner,
      this.#ports,
      this.#self,
      this.#timing,
      giveUpAtMs,
      this.#signal,
    );
    // Even if the endpoint is taken, the former owners are gone.
    await owner.inherit();
    if (obstacle !== null) return obstacle;
    return (await owner.begin()) ? null : SUPERSEDED;
  }
}

function below(generation: number, generations: readonly number[]): number[] {
  return generations.filter((number) => number < generation).sort((a, b) => a - b);
}

function blocked(why: string): Contest {
  return { kind: 'blocked', why: printable(why) };
}
