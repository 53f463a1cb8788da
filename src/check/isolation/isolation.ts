// Checks that the processes of a scenario do not share memory. Unlike real processes, they run in one process, and so could share
// variables of modules and closures.

import { messageOf } from '../../ports/message-of.ts';
import type { Stop } from '../../run/deadline.ts';
import type { Failure } from '../../run/failure.ts';
import { isByRealTime } from '../../run/real-time.ts';
import type { Scenario } from '../../scenario/options.ts';
import type { Choices } from '../../sim/index.ts';
import { locatedNotes } from '../located-run.ts';
import { type Origin, runApart } from './apart.ts';
import { Closures } from './closures.ts';
import { changedPlaces, fileOf, namesOf, sharedPlaces, toggledPlaces, usedPlaces } from './culprits.ts';
import { repeatFirstRuns } from './first-runs.ts';
import { isOwn, prepareLoading } from './fresh-modules.ts';
import { Memory, type Snapshot } from './memory.ts';
import type { VariablePlace } from './places.ts';
import { type TracedRun, tracedTwice, type Unstable } from './traced-run.ts';

/** The beginning of each line about something that could not be checked. */
const SHARES_NOTHING = 'programs share no memory';

/** How {@link check} looks for shared memory. */
export interface IsolationOptions {
  /**
   * The module that exports the scenario: a few runs are repeated with a fresh instance of it for each process. Default: the
   * variables of the programs are watched in a few runs. In both cases the first runs are repeated after the last. `done`: only the
   * first runs are repeated, because an earlier check of the same programs has done the rest. `false`: no check.
   */
  isolation?: Origin | 'done' | false;
  hangTimeoutMs?: number;
}

/** A schedule that shows shared memory. */
export interface SharedMemory extends Partial<Unstable>, Suspects {
  readonly schedule: Unstable['schedule'];
  /** How the second run was made, for display. */
  readonly then?: string;
}

/** What processes may share, for display. */
export interface Suspects {
  /** The variables; `null` if unknown. */
  readonly variables: string | null;
  /** The module; `null` if unknown. */
  readonly module: string | null;
}

/** How many runs are watched, each of which is several times slower. Chosen by hand. */
const WATCHED_RUNS = 2;

/** The variables of each scenario before its first run in this thread. */
const baselines = new WeakMap<Scenario, Snapshot>();

/** The isolation check of one scenario. Call `begin` before its first run, and `close` at the end. */
export class Isolation {
  readonly #scenario: Scenario;
  readonly #origin: Origin | null;
  readonly #isTurnedOff: boolean;
  /** Whether only the first runs are repeated. */
  readonly #off: boolean;
  readonly #hangTimeoutMs: number | undefined;
  #closures: Closures | null = null;
  /** How many runs were watched. */
  #watched = 0;
  #memory: Memory | null = null;
  /** Why fresh instances are not available. */
  #unloadable: string | null = null;
  readonly #assumed: string[] = [];

  constructor(scenario: Scenario, { isolation, hangTimeoutMs }: IsolationOptions) {
    this.#scenario = scenario;
    this.#origin = typeof isolation === 'object' ? isolation : null;
    this.#isTurnedOff = isolation === false;
    // The built-in scenarios are checked by the tests of this package.
    this.#off =
      this.#isTurnedOff || isolation === 'done' || (this.#origin !== null && isOwn(this.#origin.url));
    this.#hangTimeoutMs = hangTimeoutMs;
  }

  /** What could not be checked, as one line each. */
  get assumed(): readonly string[] {
    return this.#assumed;
  }

  async begin(): Promise<void> {
    if (this.#isTurnedOff) this.#assumes('the check was turned off');
    if (this.#off) return;
    if (this.#origin !== null) await prepareLoading();
    const closures = await this.#open();
    if (closures !== null && !baselines.has(this.#scenario))
      baselines.set(this.#scenario, new Memory(closures, this.#scenario).read());
    if (this.#origin !== null) return;
    this.#assumes(
      closures === null
        ? 'this Node has no inspector'
        : 'the scenario comes from no module that can be loaded again: variables were watched in a few runs',
    );
  }

  /**
   * Repeats the first runs of this thread.
   *
   * @param stop stops early
   */
  async repeatFirst(stop?: Stop): Promise<SharedMemory | null> {
    if (this.#isTurnedOff) return null;
    const unstable = await repeatFirstRuns(this.#scenario, this.#hangTimeoutMs, stop);
    return unstable && this.#named(unstable);
  }

  /**
   * Executes a run, and repeats it in all the ways that reveal shared memory.
   *
   * @param notes receives the notes of the run
   * @param stop stops early
   */
  async sample(choices: Choices, notes?: Map<string, string>, stop?: Stop): Promise<SharedMemory | null> {
    const { run, unstable } = await tracedTwice(this.#scenario, choices, this.#hangTimeoutMs, stop);
    if (run.cut) return null;
    if (run.hasNotes)
      for (const [key, note] of await locatedNotes(this.#scenario, run.schedule, this.#hangTimeoutMs))
        notes?.set(key, note);
    if (unstable !== null) return this.#named(unstable);
    if (this.#off || stop?.aborted) return null;
    const apart = await this.#apart(run, stop);
    if (apart?.unstable) return this.#namedApart(run, apart.unstable);
    return this.#watch(run);
  }

  /** `null` if the violation also occurs when processes do not share memory, as far as can be observed. */
  async explain(run: TracedRun, { invariant }: Failure): Promise<SharedMemory | null> {
    if (this.#off || isByRealTime(run.failure)) return null;
    const apart = await this.#apart(run);
    if (apart === null || apart.failure?.invariant === invariant || apart.unstable === null) return null;
    return this.#namedApart(run, apart.unstable);
  }

  /** The search for shared memory was stopped early. */
  cutShort(): void {
    this.#assumes('this was not checked to the end');
  }

  /** What may be shared, after a run that could not be repeated. */
  suspects(): Promise<Suspects> {
    return this.#names(() => Promise.resolve([]));
  }

  close(): void {
    this.#closures?.close();
    this.#closures = null;
  }

  async #apart(run: TracedRun, stop?: Stop) {
    const origin = this.#origin;
    if (origin === null || this.#unloadable !== null) return null;
    try {
      return await runApart(this.#scenario, origin, run, this.#hangTimeoutMs, stop);
    } catch (error) {
      this.#unloadable = messageOf(error);
      this.#assumes(`its module could not be loaded again: ${this.#unloadable}`);
      return null;
    }
  }

  async #watch(run: TracedRun): Promise<SharedMemory | null> {
    if (this.#watched++ >= WATCHED_RUNS) return null;
    const closures = await this.#open();
    if (closures === null) return null;
    const toggled = await this.#toggled(closures, run);
    // With fresh instances, variables of the project are not shared.
    const places = this.#hasInstances
      ? await sharedPlaces(closures, this.#memory!, this.#scenario, this.#origin!, toggled)
      : toggled;
    const variables = namesOf(places);
    return variables === null ? null : { schedule: run.schedule, variables, module: places[0]!.file };
  }

  async #named(unstable: Unstable): Promise<SharedMemory> {
    return { ...unstable, ...(await this.suspects()) };
  }

  async #namedApart(run: TracedRun, unstable: Unstable): Promise<SharedMemory> {
    const toggled = (closures: Closures) => this.#toggled(closures, run);
    const then = 'with a fresh instance of its module for each process';
    return { ...unstable, then, ...(await this.#names(toggled)) };
  }

  async #names(more: (closures: Closures) => Promise<VariablePlace[]>): Promise<Suspects> {
    const closures = this.#off ? null : await this.#open();
    if (closures === null) return { variables: null, module: this.#origin?.url ?? null };
    const places = await more(closures);
    try {
      if (this.#origin !== null) places.push(...(await usedPlaces(closures, this.#scenario, this.#origin)));
      // Fresh instances of a module have packages and built-in objects in common.
      const before = baselines.get(this.#scenario);
      if (before !== undefined) places.push(...changedPlaces(closures, this.#scenario, before));
    } catch {
      // The difference is reported even if the variables cannot be found.
    }
    return { variables: namesOf(places), module: fileOf(closures, this.#scenario) };
  }

  get #hasInstances(): boolean {
    return this.#origin !== null && this.#unloadable === null;
  }

  #toggled(closures: Closures, run: TracedRun): ReturnType<typeof toggledPlaces> {
    // Not at the beginning of the check: a program may create its variables in its first run.
    this.#memory ??= new Memory(closures, this.#scenario);
    return toggledPlaces(closures, this.#memory, this.#scenario, run, this.#hangTimeoutMs);
  }

  async #open(): Promise<Closures | null> {
    this.#closures ??= await Closures.open();
    return this.#closures;
  }

  #assumes(why: string): void {
    this.#assumed.push(`${SHARES_NOTHING}: ${why}`);
  }
}
