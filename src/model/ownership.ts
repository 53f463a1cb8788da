/**
 * What an owner does to stay the owner. For example, our claim is `gen-5`:
 *
 * - The newest generation is `gen-5` with our nonce: we are the owner.
 * - It is the challenge `gen-6`: a contender got no answer from us. If our endpoint answers us, we publish our claim again as
 *   `gen-7`. If it does not, we are broken and end.
 * - Our file is lost and the directory is empty: we publish `gen-6` and remain the owner, because a contender that started again at
 *   `gen-1` cannot listen on our TCP port. Without a TCP port we could not exclude that, and end.
 * - It is `gen-7` by another process: we have been superseded, and end.
 */
import { ignore } from '../ports/ignore.ts';
import type { Child, Ports, Self, SpawnRequest } from '../ports/index.ts';
import { type Certificate, removeExpired } from './certificate.ts';
import { childEnvironment } from './child-mark.ts';
import type { Claim } from './claim.ts';
import type { Exemption } from './exemption.ts';
import { freeClaim } from './free-claim.ts';
import { type Generations, hasRoom } from './generations.ts';
import { answersAs, type Phase } from './health.ts';
import { removeLitter } from './litter.ts';
import { quietly } from './quietly.ts';
import { reapOrphans } from './reaper.ts';
import type { Timing } from './timing.ts';
import { nextToken, untilPast } from './token.ts';
import { sharedPath } from './unix-path.ts';
import { Unmarked } from './unmarked.ts';
import { orUnusable } from './unusable.ts';

type SpawnOptions = Partial<Omit<SpawnRequest, 'command'>>;

/** The right to act, as long as {@link isCurrent} returns true. */
export class Ownership {
  readonly timing: Timing;
  /** The descriptor that listens at the endpoint; `null` if there is no endpoint. */
  listener: number | null = null;
  readonly #ports: Ports;
  readonly #self: Self;
  readonly #generations: Generations;
  readonly #certificate: Certificate | null;
  readonly #exemption: Exemption | null;
  readonly #unmarked = new Unmarked();
  #claim: Claim;
  #generation: number;
  #renewing: Promise<boolean> | null = null;
  #serving = false;
  #inherits = false;
  #begun = false;
  #over = false;
  #checks: Promise<'fenced'> | null = null;

  constructor(
    ports: Ports,
    self: Self,
    { claim, generation }: { claim: Claim; generation: number },
    generations: Generations,
    timing: Timing,
    certificate: Certificate | null,
    exemption: Exemption | null,
  ) {
    this.#ports = ports;
    this.#self = self;
    this.#claim = claim;
    this.#generation = generation;
    this.#generations = generations;
    this.timing = timing;
    this.#certificate = certificate;
    this.#exemption = exemption;
  }

  get claim(): Claim {
    return this.#claim;
  }

  /** The number of our claim on disk. Grows when the claim is renewed. */
  get generation(): number {
    return this.#generation;
  }

  /** Everything that can still change after {@link begin} and {@link serves}. */
  get state(): object {
    return {
      generation: this.#generation,
      token: this.#claim.token,
      over: this.#over,
      listener: this.listener,
      unmarked: this.#unmarked.state,
    };
  }

  get directory(): string {
    return this.#generations.directory;
  }

  /** The path of our Unix socket, if all owners have the same. */
  get sharedPath(): string | null {
    return sharedPath(this.#claim, this.directory);
  }

  /** What marks a child as ours, for programs that are not started by {@link spawn}: to be added to their environment. */
  get childEnvironment(): Record<string, string> {
    return childEnvironment(this.directory, this.#claim);
  }

  /** Whether we own although we have inherited the mark of another owner: see exemption.ts. */
  get isExempt(): boolean {
    return this.#exemption !== null;
  }

  /**
   * Starts a child that is marked as ours: if we are killed, the next owner ends it, with all that it has started.
   *
   * @param how as for `ports.process.spawn`
   */
  spawn(command: readonly string[], how: SpawnOptions = {}): Promise<Child> {
    return this.#ports.process.spawn(command, { ...how, env: { ...how.env, ...this.childEnvironment } });
  }

  /** All former owners are gone: removes their claims. */
  async inherit(): Promise<void> {
    this.#inherits = true;
    await this.#generations.removeBelow(this.#generation);
  }

  /**
   * Publishes the claim again with a current token (others may have owned since the first), and begins to act. `false` if another
   * contender has taken over.
   */
  async begin(): Promise<boolean> {
    if (!(await this.#renew({ begins: true }))) return false;
    this.#enter('ready');
    // A lock without a service asks before each act.
    if (this.#claim.endpoint !== null) void this.untilFenced().catch(ignore);
    return true;
  }

  /** From now on the endpoint is expected to answer: a challenge is met only if it does. */
  serves(): void {
    this.#serving = true;
    this.#enter('serving');
  }

  /** From now on contenders wait for the end of this owner: it closes what it owns, and will release. */
  leaves(): void {
    this.#enter('leaving');
  }

  #enter(phase: Phase): void {
    if (this.#certificate !== null) this.#certificate.phase = phase;
  }

  /**
   * Whether we are still the owner. Call it before each act, and at least every `selfCheckMs`. It also answers a challenge, and
   * repairs a lost or damaged claim. `false` is final: exit.
   */
  isCurrent(): Promise<boolean> {
    return orUnusable(
      this.directory,
      this.#ports.summarize(
        () => this.#isCurrent(),
        (is) => [is, this.state],
      ),
    );
  }

  async #isCurrent(): Promise<boolean> {
    if (this.#over) return false;
    // We may be released while we look.
    if (await this.#generations.isHead(this.#generation, this.claim.nonce)) return !this.#over;
    // A claim published now would outlive its owner.
    if (this.#over) return false;
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = null;
    });
    return (await this.#renewing) && !this.#over;
  }

  /**
   * Stays the owner: {@link isCurrent} is called every `selfCheckMs`. An owner with an endpoint does that by itself from {@link begin}
   * on. Wait for the end of it beside the work of the process and {@link keepTidy}.
   *
   * @returns when we are no longer the owner: exit with `EXIT.fenced`
   * @throws SystemError if the state directory cannot be used
   */
  untilFenced(): Promise<'fenced'> {
    this.#checks ??= this.#check();
    return this.#checks;
  }

  async #check(): Promise<'fenced'> {
    do await this.#ports.clock.sleep(this.timing.selfCheckMs);
    while (await this.isCurrent());
    return 'fenced';
  }

  /**
   * Calls {@link tidy} now and every `tidyEveryMs`.
   *
   * @returns when we are no longer the owner
   * @throws SystemError if the state directory cannot be used
   */
  async keepTidy(): Promise<'fenced'> {
    do {
      await this.tidy();
      await this.#ports.clock.sleep(this.timing.tidyEveryMs);
    } while (await this.isCurrent());
    return 'fenced';
  }

  /** Does what only the owner may do. `false` if we are no longer the owner; then nothing was done. */
  async act(deed: () => unknown): Promise<boolean> {
    if (!(await this.isCurrent())) return false;
    this.#ports.mark('act', { token: this.#claim.token });
    await deed();
    return true;
  }

  /** Removes older generations and the files of ended processes, and ends orphans. */
  tidy(): Promise<void> {
    return orUnusable(this.directory, this.#tidy());
  }

  async #tidy(): Promise<void> {
    await this.#generations.removeBelow(this.#generation);
    await removeLitter(this.directory, this.#self, this.#ports, this.timing.probeTimeoutMs);
    if (this.#certificate !== null)
      await removeExpired(this.directory, this.#ports, this.timing.probeTimeoutMs);
    await reapOrphans(this.directory, this.#self, this.#ports, this.timing, this.#unmarked);
  }

  /** Gives up the claim and closes the listener. Harmless if the claim has been superseded, and possible on a full disk. */
  release(): Promise<void> {
    return orUnusable(
      this.directory,
      this.#ports.summarize(() => this.#release()),
    );
  }

  /** The same on the way out of a failure: a further one is dropped. */
  abandon(): Promise<void> {
    return quietly(() => this.release());
  }

  async #release(): Promise<void> {
    const { listener } = this;
    this.listener = null;
    const owned = !this.#over;
    this.#over = true;
    // A renewal in progress would claim again what we give up.
    await this.#renewing?.catch(() => {});
    if (owned) this.#ports.mark('release');
    try {
      if (listener !== null) await this.#ports.net.close(listener);
    } finally {
      try {
        if (owned) await this.#removeSharedPath();
        if (owned) await freeClaim(this.#claim, this.#generation, this.#generations, this.#inherits);
      } finally {
        await this.#exemption?.revoke();
        await this.#certificate?.revoke();
      }
    }
  }

  /** Only while the newest claim is ours: until then no other owner listens there. */
  async #removeSharedPath(): Promise<void> {
    const { sharedPath } = this;
    if (sharedPath === null || !this.#begun) return;
    if (await this.#generations.isHead(this.#generation, this.#claim.nonce))
      await this.#ports.fs.unlinkIfThere(sharedPath);
  }

  /**
   * Publishes the claim again, unless another process has taken over.
   *
   * @param begins whether we begin to own with it: then also if the claim is intact and unchallenged
   */
  async #renew({ begins = false } = {}): Promise<boolean> {
    const head = await this.#generations.head();
    const { claim, generation } = head;
    const ours = claim?.nonce === this.#claim.nonce && generation === this.#generation;
    if (ours && !begins) return true;
    // There is an owner after us, or our state was lost and another contender started again.
    const superseded = claim !== null && claim.kind !== 'challenge' && claim.nonce !== this.#claim.nonce;
    const mustAnswer = this.#serving ? this.claim.endpoint : null;
    if (
      superseded ||
      head.newer !== undefined ||
      !hasRoom(head) ||
      !(await answersAs(this.claim.nonce, mustAnswer, this.#ports, this.timing))
    )
      return this.#end();
    const next = Math.max(generation, this.#generation) + 1;
    const renewed = { ...this.#claim, token: await nextToken(this.#claim.token, this.#ports) };
    if (!(await this.#generations.publish(next, renewed))) return this.#renew({ begins });
    if ((await this.#generations.newest()) !== next) return this.#renew({ begins });
    const before = this.#isExclusive ? null : await this.#generations.hold(this.#generation, renewed.nonce);
    if (before === 'gone') return this.#withdraw(renewed, next);
    await untilPast(renewed.token, this.#ports);
    if (before !== null && !(await before.isThere())) {
      await before.close();
      return this.#withdraw(renewed, next);
    }
    this.#grant(renewed, next, begins);
    await before?.close();
    return true;
  }

  /** Nothing may happen between the last look at our claims and this. */
  #grant(claim: Claim, generation: number, begins: boolean): void {
    this.#claim = claim;
    this.#generation = generation;
    if (begins) this.#begun = true;
    if (this.#begun) this.#ports.mark('own', { token: claim.token });
  }

  /**
   * Whether only one process at a time can have our endpoint: Unix sockets have a different name for each owner. If not, the claim that we
   * renew must still be there: if it was lost, another contender may have started again and lost its claim in turn.
   */
  get #isExclusive(): boolean {
    return this.claim.endpoint?.kind === 'tcp';
  }

  async #withdraw(claim: Claim, generation: number): Promise<boolean> {
    this.#claim = claim;
    this.#generation = generation;
    this.#end();
    await freeClaim(this.#claim, this.#generation, this.#generations, this.#inherits);
    return false;
  }

  #end(): boolean {
    this.#over = true;
    this.#ports.mark('release');
    this.#ports.mark('fenced');
    return false;
  }
}
