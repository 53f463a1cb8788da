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
import { type Claim, claimOf, FORMAT } from './claim.ts';
import { Claiming } from './claiming.ts';
import { blocked, type Contest } from './contest.ts';
import { Exemption } from './exemption.ts';
import { FormerOwners } from './former-owners.ts';
import { Generations, hasRoom } from './generations.ts';
import { Judge } from './judge.ts';
import { socketPath } from './litter.ts';
import { Liveness } from './liveness.ts';
import { checkOwnerOptions, type OwnerOptions, timingOf } from './owner-options.ts';
import { quietly } from './quietly.ts';
import { Settlement } from './settlement.ts';
import { makeStateDirectory } from './state-directory.ts';
import { STOPPED } from './stop.ts';
import type { Timing } from './timing.ts';
import { orUnusable } from './unusable.ts';

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
  readonly #timing: Timing;
  readonly #generations: Generations;
  readonly #exemption: Exemption | null;
  readonly #signal: AbortSignal | undefined;
  readonly #judge: Judge;
  readonly #claiming: Claiming;
  readonly #settlement: Settlement;

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
    this.#generations = generations;
    this.#timing = timing;
    this.#exemption = exemption;
    this.#signal = signal;
    const { endpoint, nonce } = claim;
    const liveness = new Liveness(ports, self, generations.directory, endpoint, timing);
    const former = new FormerOwners(ports, self, nonce, generations, timing, liveness);
    this.#judge = new Judge(ports, self, endpoint, timing, generations, former, liveness);
    this.#claiming = new Claiming(ports, self, claim, generations, liveness);
    this.#settlement = new Settlement(
      ports,
      self,
      generations,
      timing,
      this.#claiming,
      former,
      exemption,
      signal,
    );
  }

  async contend(keeps: Keeps): Promise<Contest> {
    let contest: Contest | null = null;
    try {
      contest = await this.#contend(keeps);
      return contest;
    } finally {
      // An owner keeps them.
      if (contest?.kind !== 'owner') {
        await quietly(() => this.#claiming.certificate?.revoke());
        await this.#exemption?.revoke();
      }
    }
  }

  async #contend(keeps: Keeps): Promise<Contest> {
    const { clock } = this.#ports;
    const giveUpAtMs = (await clock.monotonicMs()) + this.#timing.patienceMs;
    for (;;) {
      keeps([giveUpAtMs, this.#judge.state, this.#claiming.certificate?.path ?? null]);
      if (this.#signal?.aborted) return blocked(STOPPED);
      const head = await this.#generations.head();
      if (!hasRoom(head))
        return blocked(`no generation can follow gen-${head.generation}: who has written it?`);
      if (head.newer !== undefined)
        return blocked(
          `gen-${head.generation} is of format ${head.newer}, and this version reads up to ${FORMAT}: update it`,
        );
      const verdict = await this.#judge.judge(head);
      const ours = verdict === 'claim' ? await this.#claiming.claimNext(head) : null;
      if (ours !== null) {
        if (head.claim !== null && head.claim.kind !== 'free')
          this.#ports.mark('takeover', { from: head.generation });
        const contest = await this.#settlement.settle(ours, head, giveUpAtMs);
        if (contest !== 'again') return contest;
      }
      if (verdict === 'challenge') await this.#claiming.challenge(head.generation, head.claim);
      if (verdict === 'client') return this.#lost(head.claim!);
      if ((await clock.monotonicMs()) > giveUpAtMs) return blocked(await this.#judge.whyUnjudged(head));
      if (verdict === 'wait') await this.#judge.pause(head, this.#signal);
    }
  }

  #lost(claim: Claim): Contest {
    this.#ports.mark('lost');
    return { kind: 'client', claim };
  }
}
