import type { Address, Keeps, Ports, Self } from '../ports/index.ts';
import { type Claim, claimOf, isCommandOf } from './claim.ts';
import { evict, isGoneWithin } from './eviction.ts';
import { Generations, type Head, hasRoom, socketPath } from './generations.ts';
import { Watch, whoAnswers } from './health.ts';
import { fateOf, hasNoCommand, infoOf } from './identity.ts';
import { Ownership } from './ownership.ts';
import { reapOrphans } from './reaper.ts';
import { pause, STOPPED } from './stop.ts';
import { SUPERSEDED, takeEndpoint } from './take-endpoint.ts';
import { DEFAULT_TIMING, type Timing } from './timing.ts';
import { nextToken } from './token.ts';

/** How a contender becomes the owner: where the claims are, where it will listen, how patient it is. */
export interface OwnerOptions {
  /** Holds the claims, and nothing else. One directory, one owner. Made if missing. */
  directory: string;
  /**
   * Where the owner will listen and answer; `unix`: a Unix socket in the state directory, of a name of its own; null: a
   * lock without a service. Without an endpoint an owner that is alive but stopped or hung keeps the lock for ever. Without a
   * TCP port, which only one can have, an owner whose claim is lost has lost the lock; it learns so when it looks.
   */
  endpoint: Address | 'unix' | null;
  timing?: Partial<Timing>;
  /** Aborted when we are asked to stop: whoever contends withdraws and is blocked. An owner it does not concern. */
  signal?: AbortSignal | undefined;
}

/** How contending has ended. */
export type Contest =
  | { readonly kind: 'owner'; readonly owner: Ownership }
  /** A healthy owner answers; we are its client, or leave. */
  | { readonly kind: 'client'; readonly claim: Claim }
  /** There is no telling, or no way: nobody was touched. */
  | { readonly kind: 'blocked'; readonly why: string };

/** A claim that we have published, and the lower generations that were on disk when it was the newest. */
interface Won extends Head {
  readonly claim: Claim;
  readonly lower: readonly number[];
}

/** Becomes the owner, or finds the one there is. */
export async function becomeOwner(ports: Ports, options: OwnerOptions): Promise<Contest> {
  const self = await ports.process.self();
  await ports.fs.mkdir(options.directory, { recursive: true, mode: 0o700 });
  // One name for it, however it is reached: children bear it, and others look for it.
  const directory = await ports.fs.realpath(options.directory);
  const { command } = await ports.process.info(self.pid);
  const nonce = await ports.process.randomHex(16);
  const { endpoint, timing, signal } = options;
  const address: Address | null =
    endpoint === 'unix' ? { kind: 'unix', path: socketPath(directory, self, nonce) } : endpoint;
  const claim = claimOf(self, command, nonce, address);
  const generations = new Generations(ports, directory);
  const contender = new Contender(ports, self, claim, generations, { ...DEFAULT_TIMING, ...timing }, signal);
  return ports.episode(
    (keeps) => contender.contend(keeps),
    (contest) => (contest.kind === 'owner' ? contest.owner.state : contest),
  );
}

class Contender {
  readonly #ports: Ports;
  readonly #self: Self;
  readonly #claim: Claim;
  readonly #timing: Timing;
  readonly #generations: Generations;
  readonly #signal: AbortSignal | undefined;
  #watch: Watch | null = null;

  constructor(
    ports: Ports,
    self: Self,
    claim: Claim,
    generations: Generations,
    timing: Timing,
    signal: AbortSignal | undefined,
  ) {
    this.#ports = ports;
    this.#self = self;
    this.#claim = claim;
    this.#generations = generations;
    this.#timing = timing;
    this.#signal = signal;
  }

  async contend(keeps: Keeps): Promise<Contest> {
    const { clock } = this.#ports;
    const giveUpAtMs = (await clock.monotonicMs()) + this.#timing.patienceMs;
    for (;;) {
      keeps([giveUpAtMs, this.#watch?.state ?? null]);
      if (this.#signal?.aborted) return blocked(STOPPED);
      const head = await this.#generations.head();
      if (!hasRoom(head))
        return blocked(`no generation can follow gen-${head.generation}: who has written it?`);
      const verdict = await this.#judge(head);
      const ours = verdict === 'claim' ? await this.#claimNext(head) : null;
      if (ours !== null) {
        if (head.claim !== null && head.claim.kind !== 'free')
          this.#ports.mark('takeover', { from: head.generation });
        const contest = await this.#settle(ours, head, giveUpAtMs);
        if (contest !== 'again') return contest;
      }
      if (verdict === 'challenge') await this.#publishChallenge(head.generation, head.claim);
      if (typeof verdict === 'object') return verdict;
      if ((await clock.monotonicMs()) > giveUpAtMs)
        return blocked(`the owner of generation ${head.generation} neither answers nor can be judged`);
      if (verdict === 'wait') await pause(this.#timing.probeEveryMs, clock, this.#signal);
    }
  }

  /** What may be done about the newest generation. */
  async #judge(head: Head): Promise<'claim' | 'challenge' | 'wait' | Contest> {
    const { generation, claim } = head;
    if (generation === 0 || claim?.kind === 'free') return 'claim';
    const owner = claim?.kind === 'owner' ? claim : null;
    const fate = owner === null ? 'unknown' : await fateOf(owner, this.#self, this.#ports);
    if (fate === 'dead') return 'claim';
    if (this.#claim.endpoint === null && fate === 'alive') return this.#lost(owner!);
    this.#watch = this.#watch?.isOf(head) ? this.#watch : new Watch(head, this.#timing);
    if (await this.#answers(claim)) {
      this.#watch.answered();
      if (owner !== null) return this.#lost(owner);
      // A challenge, or a record that cannot be read, and yet an owner: it will publish its claim again.
      return 'wait';
    }
    const nowMs = await this.#ports.clock.monotonicMs();
    this.#watch.silent(nowMs);
    if (claim?.kind === 'challenge')
      return this.#watch.isSilentFor(this.#timing.challengeMs, nowMs) ? 'claim' : 'wait';
    // Whom we could not end we do not challenge.
    const mayEnd = fate !== 'elsewhere' && (owner === null || owner.uid === this.#self.uid);
    return mayEnd && this.#watch.isOverdue(nowMs) ? 'challenge' : 'wait';
  }

  /** Whether the owner that a claim, or a challenge, is about answers; any owner, when neither can be read. */
  async #answers(claim: Claim | null): Promise<boolean> {
    const endpoint = claim?.kind === 'owner' ? claim.endpoint : this.#claim.endpoint;
    if (endpoint === null) return false;
    const expected = claim?.kind === 'challenge' ? claim.challenges : (claim?.nonce ?? null);
    const nonce = await whoAnswers(endpoint, this.#ports, this.#timing);
    return nonce !== null && (expected === null || nonce === expected);
  }

  #lost(claim: Claim): Contest {
    this.#ports.mark('lost');
    return { kind: 'client', claim };
  }

  /** Unless its owner publishes again, the claim is void. */
  async #publishChallenge(generation: number, of: Claim | null): Promise<void> {
    this.#ports.mark('challenge', { generation });
    await this.#generations.publish(generation + 1, {
      ...this.#claim,
      kind: 'challenge',
      token: of?.token ?? this.#claim.token,
      challenges: of?.nonce ?? null,
    });
  }

  /** Publishes our claim as the next generation. It counts only if it is the newest when we look again. Null: it does not. */
  #claimNext(head: Head): Promise<Won | null> {
    return this.#ports.episode(() => this.#tryNext(head));
  }

  async #tryNext(head: Head): Promise<Won | null> {
    const next = head.generation + 1;
    const claim = { ...this.#claim, token: await nextToken(head.claim?.token ?? null, this.#ports) };
    if (next === 1) await this.#generations.syncDirectories();
    if (!(await this.#generations.publish(next, claim))) return null;
    const generations = await this.#generations.list();
    const newest = Math.max(0, ...generations);
    if (newest === next) return { generation: next, claim, lower: below(next, generations) };
    // A generation that had been collected: newer ones exist, so this one means nothing and may go. Without newer ones it
    // was lost, and whoever bears its number by now has won it.
    if (newest > next) await this.#generations.remove(next);
    return null;
  }

  /**
   * Nobody acts as the owner before all former owners are gone, their orphans too, and the endpoint is ours.
   *
   * @param head the one that we have superseded
   */
  async #settle(ours: Won, head: Head, giveUpAtMs: number): Promise<Contest | 'again'> {
    const owner = new Ownership(this.#ports, this.#self, ours, this.#generations, this.#timing);
    const former = await this.#ports.episode(() => this.#formerOwners(ours.lower));
    const unjudged = await this.#firstUnjudged(former, head);
    if (unjudged !== null) {
      await this.#publishChallenge(owner.generation, unjudged);
      return 'again';
    }
    const obstacle = await this.#clearTheWay(owner, former, giveUpAtMs);
    if (obstacle === null) return { kind: 'owner', owner };
    await owner.release();
    return blocked(obstacle);
  }

  /** Null: the way is clear. */
  async #clearTheWay(owner: Ownership, former: readonly Claim[], giveUpAtMs: number): Promise<string | null> {
    for (const claim of former) {
      if (await this.#end(claim)) continue;
      return `the former owner, PID ${claim.pid}, does not answer and may not or cannot be ended`;
    }
    await reapOrphans(this.#generations.directory, this.#self, this.#ports, this.#timing);
    const obstacle = await takeEndpoint(
      owner,
      this.#ports,
      this.#self,
      this.#timing,
      giveUpAtMs,
      this.#signal,
    );
    // Whatever is in the way there, the former owners are gone.
    await owner.inherit();
    if (obstacle !== null) return obstacle;
    return (await owner.begin()) ? null : SUPERSEDED;
  }

  /** Who claimed one of these generations, has not withdrawn that claim, and may still believe in it. */
  async #formerOwners(lower: readonly number[]): Promise<Claim[]> {
    const former = new Map<string, Claim>();
    for (const number of lower) {
      const claim = await this.#generations.read(number);
      if (claim === null || claim === 'gone' || claim.nonce === this.#claim.nonce) continue;
      if (claim.kind === 'owner') former.set(claim.nonce, claim);
      else former.delete(claim.nonce);
    }
    return [...former.values()];
  }

  /**
   * A former owner that lives and that nobody has judged: it was hidden behind the head that we have superseded. Who has
   * left a challenge unanswered has been judged.
   */
  async #firstUnjudged(former: readonly Claim[], { claim }: Head): Promise<Claim | null> {
    if (claim?.kind === 'challenge') return null;
    for (const candidate of former) {
      if ((await fateOf(candidate, this.#self, this.#ports)) !== 'dead') return candidate;
    }
    return null;
  }

  async #end(former: Claim): Promise<boolean> {
    const fate = await fateOf(former, this.#self, this.#ports);
    if (fate === 'dead') return true;
    if (fate === 'elsewhere') return false;
    const info = await infoOf(former.pid, this.#ports);
    if (info === null) return true;
    if (info.uid !== this.#self.uid || former.uid !== this.#self.uid) return false;
    if (hasNoCommand(info)) return isGoneWithin(former, this.#timing.killGraceMs, this.#ports);
    if (!isCommandOf(former, info.command)) return false;
    this.#ports.mark('evict', { pid: former.pid, startTicks: former.startTicks });
    return evict(former, this.#ports, this.#timing);
  }
}

function below(generation: number, generations: readonly number[]): number[] {
  return generations.filter((number) => number < generation).sort((a, b) => a - b);
}

function blocked(why: string): Contest {
  return { kind: 'blocked', why };
}
