import type { Operation, Program } from '../ports/index.ts';
import type { Fingerprint, ParkedOperation, Restore, SimMachine, SimProcess } from '../sim/index.ts';
import type { Histories } from './histories.ts';
import type { History } from './history.ts';
import type { Instance } from './instance.ts';

/** A simulated process whose program is remembered. */
interface Follower {
  readonly process: SimProcess;
  history: History;
  /** Asked for, and not yet answered. */
  pending: readonly ParkedOperation[];
}

/** What the process of a step has learned in it, and has not yet acted upon. */
type News = { readonly begins: string } | { readonly parked: ParkedOperation; readonly result: unknown };

const nothing = (): void => {};

/** In one run, what its processes have learned; they do what {@link Histories} remembers. */
export class Followers {
  readonly #histories: Histories;
  readonly #programs: ReadonlyMap<string, Program>;
  /** By the numbers of their processes. */
  readonly #all: (Follower | undefined)[] = [];
  #news: News | null = null;
  #current: SimProcess | null = null;

  constructor(histories: Histories, programs: ReadonlyMap<string, Program>) {
    this.#histories = histories;
    this.#programs = programs;
    histories.onInstance = (instance) => this.#listen(instance);
  }

  /** Programs that do nothing but say that they have begun. */
  get programs(): ReadonlyMap<string, Program> {
    return new Map([...this.#programs.keys()].map((name) => [name, this.#begins(name)]));
  }

  nameOf({ index }: SimProcess): Fingerprint | null {
    return this.#all[index]?.history.name ?? null;
  }

  learned(parked: ParkedOperation, result: unknown): void {
    this.#news = { parked, result };
  }

  /**
   * After a step: the process that has learned something does what it does upon that.
   *
   * @throws Unfit
   */
  goOn(machine: SimMachine): void {
    const news = this.#news;
    const process = machine.current;
    this.#news = null;
    if (news === null || process === null) return;
    this.#current = process;
    const follower = this.#follow(process, news);
    process.uncaught = null;
    for (const deed of follower.history.deeds) {
      if (deed.does === 'asks') ask(machine, follower, deed.operation);
      else if (deed.does === 'crashes') machine.crash(process, deed.error);
      else if (deed.does === 'withdraws')
        follower.pending.find(({ ordinal }) => ordinal === deed.ordinal)?.cancel();
      else if (deed.does === 'keeps') process.asked = deed.ordinal;
    }
  }

  save(): Restore {
    const all = this.#all.map((follower) => follower && { follower, ...follower });
    const parked = all.flatMap((saved) => saved?.pending.map((pending) => pending.save()) ?? []);
    return () => {
      this.#news = null;
      this.#all.length = all.length;
      for (const [index, saved] of all.entries()) {
        this.#all[index] = saved?.follower;
        if (saved === undefined) continue;
        saved.follower.history = saved.history;
        saved.follower.pending = saved.pending;
      }
      for (const restore of parked) restore();
    };
  }

  #begins(name: string): Program {
    return () => {
      this.#news = { begins: name };
      return new Promise<never>(nothing);
    };
  }

  /** What nobody has caught comes by way of the process in whose step it happens. */
  #listen(instance: Instance): void {
    this.#current!.uncaught = (error) => {
      instance.crashed(error);
      return true;
    };
  }

  #follow(process: SimProcess, news: News): Follower {
    if ('begins' in news) {
      const program = this.#programs.get(news.begins)!;
      const history = this.#histories.begin(news.begins, program, process.command.slice(1));
      const follower: Follower = { process, history, pending: [] };
      this.#all[process.index] = follower;
      return follower;
    }
    const { parked, result } = news;
    const follower = this.#all[process.index]!;
    follower.history = this.#histories.learn(follower.history, parked.ordinal, result);
    follower.pending = follower.pending.filter(({ state }) => state !== 'settled');
    return follower;
  }
}

function ask(machine: SimMachine, follower: Follower, operation: Operation): void {
  const parked = machine.execute(follower.process, operation, nothing, nothing) as ParkedOperation;
  if (parked.state !== 'settled') follower.pending = [...follower.pending, parked];
}
