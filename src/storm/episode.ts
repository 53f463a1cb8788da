/** A part of a round: a race of the first starts, then faults, each followed by more starts; after each of them what is left is judged. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { judgementsOf, replacedLeavesAlone, type ToJudge } from '../judge/index.ts';
import { pauseFor } from '../real/pause.ts';
import { type Arena, OURS } from './arena.ts';
import { Idle } from './idle.ts';
import type { EpisodeOrder, EpisodeResult } from './order.ts';
import { describeRace, describeStrike, type RacePlan, type StrikePlan } from './plan.ts';
import { race } from './race.ts';
import { Round } from './round.ts';
import type { Start } from './starter.ts';
import { STRIKES } from './strikes.ts';
import { survivorsOf } from './survivors.ts';
import { waitUntil } from './wait.ts';
import type { Tracked } from './watch.ts';

const LOOK_MS = 20;
/** When nothing that matters has changed for so long, and nothing is wrong, the round has settled. */
const QUIET_MS = { last: 1_000, race: 500 } as const;
/** Two owners are judged when both were seen for so long, since one look at the system is not one moment. */
const TWO_OWNERS_MS = 250;
/** If there is no owner after a fault, one more start is made so many milliseconds after it, and at last after half of the settling time. */
const MORE_STARTS_MS = [1_000, 3_000, 7_000];
/** Something is judged to be wrong only if no process has begun or ended, and none has begun to listen, for so long, without the time in which they run or wait for a processor; or after some times the settling time. */
const STILL_MS = 3_000;
const MOST_SETTLES = 4;
const DEPOSED_WITHIN_MS = 5_000;
const ASKED_WITHIN_MS = 10_000;

export const FOREIGN_SIGNALLED = 'nothing foreign is signalled';

export class Episode implements Arena {
  readonly round: Round;
  readonly order: EpisodeOrder;
  readonly #judged: readonly ToJudge[];
  readonly #violations = new Map<string, string>();
  readonly #exercised = new Set<string>();
  readonly #survivors: number[] = [];
  readonly #struck: Record<string, number> = {};
  readonly #notes = new Set<string>();
  #overAtMs = 0;
  #recoveredMs: number | null = null;

  constructor(order: EpisodeOrder) {
    const { owner, faketime, directory } = order;
    const clock = join(directory, 'run', 'clock');
    const env: Record<string, string> =
      faketime === null || !order.plan.strikes.some(({ fault }) => fault === 'clock-jump')
        ? {}
        : {
            ...{ LD_PRELOAD: faketime, FAKETIME_TIMESTAMP_FILE: clock, FAKETIME_NO_CACHE: '1' },
            ...{ FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1' },
          };
    this.order = order;
    this.round = new Round(order, owner, { env, stateDir: order.stateDir });
    if (env.FAKETIME_TIMESTAMP_FILE !== undefined) writeFileSync(clock, '+0');
    this.#judged = judgementsOf({ ...order, countHelpers: false, endsEarly: true });
  }

  async run(): Promise<EpisodeResult> {
    const { race: first, strikes } = this.order.plan;
    const { round } = this;
    try {
      round.log(`${describeRace(first)}:`);
      await this.race(first);
      let isFine = await this.#settles(strikes.length === 0 ? 'race' : 'last', false);
      for (const strike of strikes) {
        if (!isFine || round.isStopped) break;
        isFine = await this.#strike(strike);
      }
      if (this.order.asksToEnd && isFine && !round.isStopped) await this.#askToEnd();
      return this.#result();
    } finally {
      await round.end();
    }
  }

  /** Starts the command several times. */
  race(plan: RacePlan): Promise<Start[]> {
    const { watch, view, starter } = this.round;
    const { startupMs, canPin, canDelay, paths, directory, expect, owner } = this.order;
    return race(plan, {
      ...{ watch, starter, startupMs, canPin },
      delays: canDelay && paths.length > 0 ? { directory, paths } : null,
      isOver: (starts) => {
        view.refresh();
        const left = survivorsOf(this.seen).length;
        return left <= expect && (owner === null ? starts.some(hasEnded) : view.owners.length > 0);
      },
      isStopped: () => this.round.isStopped,
    });
  }

  get seen() {
    const { overAtMs, struck } = { overAtMs: this.#overAtMs, struck: this.#struckSoFar };
    return this.round.view.observation({ overAtMs, struck });
  }

  get #struckSoFar(): number {
    return Object.values(this.#struck).reduce((sum, n) => sum + n, 0);
  }

  /** The owner, or what is left if it is not known how one is known. */
  get owner(): Tracked | null {
    const { view } = this.round;
    if (this.order.owner !== null) return view.owners[0] ?? null;
    return (survivorsOf(this.seen)[0] as Tracked | undefined) ?? null;
  }

  /** What a fault strikes with it: if it is not known who of them owns, all that it has started. */
  withHelpers(target: Tracked): readonly Tracked[] {
    if (this.order.owner !== null) return [target];
    return this.round.watch.living.filter((each) => {
      for (let at: Tracked | null = each; at !== null; at = at.startedBy) if (at === target) return true;
      return false;
    });
  }

  violate(invariant: string, detail: string): void {
    if (this.#violations.has(invariant)) return;
    this.#violations.set(invariant, detail);
    this.round.log(`✗ ${invariant}: ${detail}`);
  }

  note(text: string): void {
    this.#notes.add(text);
  }

  /** A fault has come to its end. */
  over(): void {
    this.#overAtMs = this.round.watch.nowMs;
  }

  async #strike(strike: StrikePlan): Promise<boolean> {
    const { round } = this;
    const { fault } = strike;
    round.log(`${describeStrike(strike)}:`);
    this.#struck[fault] = (this.#struck[fault] ?? 0) + 1;
    this.over();
    const { stopped = null, without = null } = await STRIKES[fault](this, strike);
    if (without !== null) {
      this.#struck[fault]--;
      round.log(`${fault} found nothing to strike: ${without}`);
      this.note(`${fault} found nothing to strike: ${without}`);
    }
    const isFine = await this.#settles('last', true);
    if (stopped !== null) await this.#endsDeposed(stopped);
    return isFine && this.#violations.size === 0;
  }

  /** Waits until it has settled, and judges it. @returns whether nothing is wrong */
  async #settles(until: keyof typeof QUIET_MS, startAgain: boolean): Promise<boolean> {
    const { round } = this;
    const { watch, view } = round;
    const { settleMs, startupMs, expect, owner } = this.order;
    const quietMs = Math.max(QUIET_MS[until], Math.min(3_000, startupMs));
    const sinceMs = watch.nowMs;
    const later = [...MORE_STARTS_MS.filter((ms) => ms < settleMs / 2), settleMs / 2 + 1];
    let signature = '';
    let changedMs = sinceMs;
    let ownedMs: number | null = null;
    let events = 0;
    const idle = new Idle();
    idle.begin(watch.living, sinceMs);
    while (!round.isStopped) {
      view.refresh();
      if (view.twoForMs > TWO_OWNERS_MS) this.#judge('always');
      if (view.signature !== signature) changedMs = watch.nowMs;
      signature = view.signature;
      const nowMs = watch.nowMs - sinceMs;
      const isQuiet = watch.nowMs - changedMs >= quietMs;
      const hasOwner =
        owner === null
          ? survivorsOf(this.seen).length > 0
          : view.owners.some(({ state }) => state === 'running');
      ownedMs = hasOwner ? (ownedMs ?? nowMs) : null;
      if (isQuiet && (hasOwner || expect === 0) && this.#wrong('at the end').length === 0) break;
      // On a busy machine it may still be starting.
      if (round.timeline.length !== events) idle.begin(watch.living, watch.nowMs);
      events = round.timeline.length;
      const isStill = idle.forMs(watch.living, watch.nowMs) >= Math.max(STILL_MS, 1.5 * startupMs);
      if (nowMs >= settleMs && (isStill || nowMs >= MOST_SETTLES * settleMs)) break;
      if (startAgain && !hasOwner && later[0] !== undefined && nowMs >= later[0]) {
        later.shift();
        round.log('there is no owner: one more start');
        round.starter.start();
      }
      const isEmpty = watch.living.length === 0 && watch.nowMs - changedMs > 300;
      if (isEmpty && (!startAgain || later.length === 0)) break;
      await pauseFor(LOOK_MS);
    }
    if (round.isStopped) return false;
    if (startAgain && ownedMs !== null) this.#recoveredMs = Math.max(this.#recoveredMs ?? 0, ownedMs);
    const left = survivorsOf(this.seen);
    this.#survivors.push(left.length);
    round.log(`settled: ${left.map(({ name }) => name).join(' and ') || 'no process'} left`);
    for (const each of view.inert)
      this.note(`${each.comm}, which an ended owner had started, is left and only sleeps: it is not counted`);
    this.#judge('at the end');
    return this.#violations.size === 0;
  }

  #wrong(when: 'always' | 'at the end') {
    const { seen } = this;
    return this.#judged.flatMap(({ judgement }) => {
      const detail = judgement.when === when ? judgement.wrong(seen) : null;
      return detail === null ? [] : [{ invariant: judgement.name, detail }];
    });
  }

  #judge(when: 'always' | 'at the end'): void {
    const { seen } = this;
    for (const { invariant, detail } of this.#wrong(when)) this.violate(invariant, detail);
    for (const { judgement } of this.#judged)
      if (judgement.requires?.met(seen) ?? true) this.#exercised.add(judgement.name);
    for (const each of this.round.watch.all)
      if (each.foreign) {
        this.#exercised.add(FOREIGN_SIGNALLED);
        if (each.state === 'ended' && each.endedBy !== OURS)
          this.violate(FOREIGN_SIGNALLED, `${each.name} was ended by ${each.endedBy ?? 'another process'}`);
      }
  }

  /** An owner that was replaced while it was stopped is asked to end: does it take anything from the one that owns now? */
  async #endsDeposed(stopped: Tracked): Promise<void> {
    const { watch, view } = this.round;
    view.refresh();
    if (this.order.owner === null || stopped.state === 'ended' || view.owners.includes(stopped)) return;
    if (!stopped.hasOwned || view.owners.length === 0) return;
    const [owner] = view.owners;
    this.round.log(`${stopped.name} has gone on, although ${owner!.name} is the owner now: SIGTERM to it`);
    watch.signal(stopped, 'SIGTERM');
    await waitUntil(() => {
      view.refresh();
      return stopped.state === 'ended';
    }, DEPOSED_WITHIN_MS);
    // What it removes last may be seen a moment later.
    await pauseFor(QUIET_MS.race);
    view.refresh();
    const judgement = replacedLeavesAlone();
    const detail = judgement.wrong(this.seen);
    this.#exercised.add(judgement.name);
    if (detail !== null) this.violate(judgement.name, detail);
  }

  /** At last, what is left is asked to end. */
  async #askToEnd(): Promise<void> {
    const { watch, view } = this.round;
    const left = survivorsOf(this.seen) as readonly Tracked[];
    for (const each of left) watch.signal(each, 'SIGTERM');
    this.round.log('SIGTERM to all that is left');
    const ended = await waitUntil(() => {
      view.refresh();
      return this.round.isStopped || left.every(({ state }) => state === 'ended');
    }, ASKED_WITHIN_MS);
    if (!ended) this.note(`what was left did not end within ${ASKED_WITHIN_MS / 1000} s of SIGTERM`);
  }

  #result(): EpisodeResult {
    return {
      violations: [...this.#violations].map(([invariant, detail]) => ({ invariant, detail })),
      survivors: this.#survivors,
      struck: this.#struck,
      exercised: [...this.#exercised],
      notes: [...this.#notes],
      timeline: this.round.timeline,
      recoveredMs: this.#recoveredMs,
      interrupted: this.round.isStopped,
    };
  }
}

function hasEnded({ process }: Start): boolean {
  return process.state === 'ended';
}
