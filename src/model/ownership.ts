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
import { type Child, isSystemError, type Ports, type Self, type SpawnRequest } from '../ports/index.ts';
import { type Certificate, removeExpired } from './certificate.ts';
import { childEnvironment } from './child-mark.ts';
import type { Claim } from './claim.ts';
import type { Exemption } from './exemption.ts';
import type { Generations } from './generations.ts';
import type { Phase } from './health.ts';
import { removeLitter } from './litter.ts';
import { quietly } from './quietly.ts';
import { reapOrphans } from './reaper.ts';
import { Tenure } from './tenure.ts';
import type { Timing } from './timing.ts';
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
  readonly #tenure: Tenure;
  readonly #lost = new AbortController();
  #checks: Promise<'fenced'> | null = null;

  constructor(
    ports: Ports,
    self: Self,
    won: { claim: Claim; generation: number },
    generations: Generations,
    timing: Timing,
    certificate: Certificate | null,
    exemption: Exemption | null,
  ) {
    this.#ports = ports;
    this.#self = self;
    this.#generations = generations;
    this.timing = timing;
    this.#certificate = certificate;
    this.#exemption = exemption;
    this.#tenure = new Tenure(ports, won, generations, timing, () => {
      this.leaves();
      this.#lost.abort();
    });
  }

  get claim(): Claim {
    return this.#tenure.claim;
  }

  /** The number of our claim on disk. Grows when the claim is renewed. */
  get generation(): number {
    return this.#tenure.generation;
  }

  /** Everything that can still change after {@link begin} and {@link serves}. */
  get state(): object {
    return {
      generation: this.generation,
      token: this.claim.token,
      over: this.#tenure.isOver,
      listener: this.listener,
      unmarked: this.#unmarked.state,
    };
  }

  get directory(): string {
    return this.#generations.directory;
  }

  /** The path of our Unix socket, if all owners have the same. */
  get sharedPath(): string | null {
    return sharedPath(this.claim, this.directory);
  }

  /**
   * Aborted in the moment in which we learn that we are no longer the owner: for a program that waits neither for {@link untilFenced} nor
   * for {@link isCurrent}. Not by a release.
   */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** What marks a child as ours, for programs that are not started by {@link spawn}: to be added to their environment. */
  get childEnvironment(): Record<string, string> {
    return childEnvironment(this.directory, this.claim);
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
    this.#tenure.inherits = true;
    await this.#generations.removeBelow(this.generation);
  }

  /**
   * Publishes the claim again with a current token (others may have owned since the first), and begins to act. `false` if another
   * contender has taken over.
   */
  async begin(): Promise<boolean> {
    if (!(await this.#tenure.begin())) return false;
    this.#enter('ready');
    // A lock without a service asks before each act.
    if (this.claim.endpoint !== null) void this.#checkByItself();
    return true;
  }

  /** From now on the endpoint is expected to answer: a challenge is met only if it does. */
  serves(): void {
    this.#tenure.isServing = true;
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
        () => this.#tenure.isCurrent(),
        (is) => [is, this.state],
      ),
    );
  }

  /**
   * Stays the owner: {@link isCurrent} is called every `selfCheckMs`. An owner with an endpoint does that by itself from {@link begin}
   * on; if a check fails while the program does not wait for this, the mark `unchecked` says why, and the next one comes. Wait for the end
   * of it beside the work of the process and {@link keepTidy}, or use {@link lost}.
   *
   * @returns when we are no longer the owner: exit with `EXIT.fenced`
   * @throws SystemError if the state directory cannot be used
   */
  untilFenced(): Promise<'fenced'> {
    this.#checks ??= this.#check();
    return this.#checks;
  }

  /** One that fails is not the last: a disk that is full, or has an error, may recover before there is a challenge. */
  async #checkByItself(): Promise<void> {
    for (;;) {
      try {
        await this.untilFenced();
        return;
      } catch (error) {
        if (!isSystemError(error)) throw error;
        this.#ports.mark('unchecked', { why: error.message });
        this.#checks = null;
      }
    }
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
    this.#ports.mark('act', { token: this.claim.token });
    await deed();
    return true;
  }

  /** Removes older generations and the files of ended processes, and ends orphans. */
  tidy(): Promise<void> {
    return orUnusable(this.directory, this.#tidy());
  }

  async #tidy(): Promise<void> {
    await this.#generations.removeBelow(this.generation);
    await removeLitter(this.directory, this.#self, this.#ports, this.timing.probeTimeoutMs);
    if (this.#certificate !== null)
      await removeExpired(this.directory, this.#ports, this.timing.probeTimeoutMs, () =>
        this.#tenure.isHead(),
      );
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
    const owned = await this.#tenure.finish();
    if (owned) this.#ports.mark('release');
    try {
      if (listener !== null) await this.#ports.net.close(listener);
    } finally {
      try {
        if (owned) await this.#removeSharedPath();
        if (owned) await this.#tenure.free();
        else if (this.#lost.signal.aborted) await quietly(() => this.#tenure.withdraw());
      } finally {
        await this.#exemption?.revoke();
        await this.#certificate?.revoke();
      }
    }
  }

  /** Only while the newest claim is ours: until then no other owner listens there. */
  async #removeSharedPath(): Promise<void> {
    const { sharedPath } = this;
    if (sharedPath === null || !this.#tenure.hasBegun) return;
    if (await this.#tenure.isHead()) await this.#ports.fs.unlinkIfThere(sharedPath);
  }
}
