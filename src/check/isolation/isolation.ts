// Checks that the processes of a scenario share no memory, as real processes do not: module globals and closures are shared here.

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

/** How each line begins that says what could not be checked. */
export const SHARES_NOTHING = 'programs share no memory';

/** How {@link check} looks for memory that processes share. */
export interface IsolationOptions {
  /**
   * The module that exports the scenario: a few runs are made again with a fresh instance of it for each process. Without
   * it, the variables of the programs are watched in a few runs. The first runs are repeated after the last. False: none of this. `done`: only that last part, since an
   * earlier check of the same programs has done the rest.
   * On unless false.
   */
  isolation?: Origin | 'done' | false;
  patienceMs?: number;
}

/** A schedule that shows shared memory. */
export interface SharedMemory extends Partial<Unstable>, Suspects {
  readonly schedule: Unstable['schedule'];
  /** What comes after a difference, for a reader: how the second run was made. */
  readonly then?: string;
}

/** What processes may share. */
export interface Suspects {
  /** The variables, for a reader; null: they are not known. */
  readonly variables: string | null;
  /** The module, for a reader; null: it is not known. */
  readonly module: string | null;
}

/** How many runs are watched. A watched run is several times slower. */
const WATCHED_RUNS = 2;

/** The check of one scenario. Call `begin` before the scenario runs for the first time, and `close` at the end. */
export class Isolation {
  readonly #scenario: Scenario;
  readonly #origin: Origin | null;
  readonly #isTurnedOff: boolean;
  /** Nothing is looked for but what the repeated first runs show. */
  readonly #off: boolean;
  readonly #patienceMs: number | undefined;
  /** Variables before the first run. */
  #before: Snapshot | null = null;
  #closures: Closures | null = null;
  /** How many runs have been watched, and what in them. */
  #watched = 0;
  #memory: Memory | null = null;
  /** Why no fresh instances can be had. */
  #unloadable: string | null = null;
  readonly #assumed: string[] = [];

  constructor(scenario: Scenario, { isolation, patienceMs }: IsolationOptions) {
    this.#scenario = scenario;
    this.#origin = typeof isolation === 'object' ? isolation : null;
    this.#isTurnedOff = isolation === false;
    // The scenarios that come with this package are checked by its own tests.
    this.#off =
      this.#isTurnedOff || isolation === 'done' || (this.#origin !== null && isOwn(this.#origin.url));
    this.#patienceMs = patienceMs;
  }

  /** What could not be checked, one line each. */
  get assumed(): readonly string[] {
    return this.#assumed;
  }

  async begin(): Promise<void> {
    if (this.#isTurnedOff) this.#assumes('the check was turned off');
    if (this.#off) return;
    if (this.#origin !== null) return prepareLoading();
    const closures = await this.#open();
    if (closures === null) this.#assumes('this Node has no inspector');
    else {
      this.#before = new Memory(closures, this.#scenario).read();
      this.#assumes(
        'the scenario comes from no module that can be loaded again: variables were watched in a few runs',
      );
    }
  }

  /**
   * Makes the first runs of this thread again.
   *
   * @param stop ends it early
   */
  async repeatFirst(stop?: Stop): Promise<SharedMemory | null> {
    if (this.#isTurnedOff) return null;
    const unstable = await repeatFirstRuns(this.#scenario, this.#patienceMs, stop);
    return unstable && this.#named(unstable);
  }

  /**
   * Makes a run, and makes it again in all the ways in which shared memory shows.
   *
   * @param notes gets what is worth knowing of the run
   * @param stop ends it early
   */
  async sample(choices: Choices, notes?: Map<string, string>, stop?: Stop): Promise<SharedMemory | null> {
    const { run, unstable } = await tracedTwice(this.#scenario, choices, this.#patienceMs, stop);
    if (run.cut) return null;
    if (run.hasNotes)
      for (const [key, note] of await locatedNotes(this.#scenario, run.schedule)) notes?.set(key, note);
    if (unstable !== null) return this.#named(unstable);
    if (this.#off || stop?.aborted) return null;
    const apart = await this.#apart(run, stop);
    if (apart?.unstable) return this.#namedApart(run, apart.unstable);
    return this.#watch(run);
  }

  /** Null: the violation is one of processes that share no memory too, as far as can be seen. */
  async explain(run: TracedRun, { invariant }: Failure): Promise<SharedMemory | null> {
    if (this.#off || isByRealTime(run.failure)) return null;
    const apart = await this.#apart(run);
    if (apart === null || apart.failure?.invariant === invariant || apart.unstable === null) return null;
    return this.#namedApart(run, apart.unstable);
  }

  /** The search for shared memory was ended before its end. */
  cutShort(): void {
    this.#assumes('this was not checked to the end');
  }

  /** After a run that did not go the same way again, whatever the reason. */
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
      return await runApart(this.#scenario, origin, run, this.#patienceMs, stop);
    } catch (error) {
      this.#unloadable = error instanceof Error ? error.message : String(error);
      this.#assumes(`its module could not be loaded again: ${this.#unloadable}`);
      return null;
    }
  }

  async #watch(run: TracedRun): Promise<SharedMemory | null> {
    if (this.#watched++ >= WATCHED_RUNS) return null;
    const closures = await this.#open();
    if (closures === null) return null;
    const toggled = await this.#toggled(closures, run);
    // A variable of the project's that has done no harm with instances does none.
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
      if (this.#before !== null) places.push(...changedPlaces(closures, this.#scenario, this.#before));
      else if (this.#origin !== null)
        places.push(...(await usedPlaces(closures, this.#scenario, this.#origin)));
    } catch {
      // The difference is reported even if its variables cannot be found.
    }
    return { variables: namesOf(places), module: fileOf(closures, this.#scenario) };
  }

  get #hasInstances(): boolean {
    return this.#origin !== null && this.#unloadable === null;
  }

  #toggled(closures: Closures, run: TracedRun): ReturnType<typeof toggledPlaces> {
    // Not when the check begins: a program may make its variables when it first runs.
    this.#memory ??= new Memory(closures, this.#scenario);
    return toggledPlaces(closures, this.#memory, this.#scenario, run, this.#patienceMs);
  }

  async #open(): Promise<Closures | null> {
    this.#closures ??= await Closures.open();
    return this.#closures;
  }

  #assumes(why: string): void {
    this.#assumed.push(`${SHARES_NOTHING}: ${why}`);
  }
}
