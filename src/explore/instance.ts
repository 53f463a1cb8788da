import { ambient, drain } from '../host/index.ts';
import {
  type Episode,
  type Episodes,
  type Immediate,
  type Machine,
  type Operation,
  type Pending,
  type Program,
  portsOf,
  type Reject,
  type Resolve,
  SystemError,
} from '../ports/index.ts';
import { isErrno } from '../sim/index.ts';
import { OpenEpisodes, whyNotPlain } from './episodes.ts';

/** What a program does of itself, between two results that it learns. */
export type Deed =
  | { readonly does: 'asks'; readonly operation: Operation }
  | { readonly does: 'withdraws'; readonly ordinal: number }
  | { readonly does: 'crashes'; readonly error: unknown }
  /** An episode. */
  | { readonly does: 'begins' }
  /** `at`: which of those that have begun, counted from the outermost. */
  | { readonly does: 'ends'; readonly at: number }
  | KeepsOnly;

/** All that a program keeps of an episode is a value. */
export interface KeepsOnly {
  readonly does: 'keeps';
  readonly at: number;
  readonly value: unknown;
  /** The episode is about to end. */
  readonly over: boolean;
  /** Of the next operation, as if the episode had had none. */
  readonly ordinal: number;
}

/** A program does what no memory of results can stand for: it must be executed again each time. */
export class Unfit extends Error {
  override readonly name: string = 'Unfit';
}

/** A program cannot be searched as it is: whoever wrote it has to mend it. */
export class Misuse extends Unfit {
  override readonly name = 'Misuse';
}

/** The one that is being fed: code of another one must not run meanwhile. */
let fed: Instance | null = null;

/**
 * A real program on no machine: it is fed the results of its operations by hand, and tells what it does. In place of
 * simulated processes whose programs it is to speak for.
 */
export class Instance implements Machine {
  readonly #asked = new Map<number, { operation: Operation; resolve: Resolve; reject: Reject }>();
  readonly #open = new OpenEpisodes();
  /** Null: to the program episodes are just calls. */
  readonly episodes: Episodes | null;
  #deeds: Deed[] = [];
  /** The start of a program is an operation of its own. */
  #ordinals = 1;
  #unfit: Unfit | null = null;
  /** Nothing that a program may look at: see {@link seamOf}. */
  readonly #process = new Proxy(
    {},
    {
      get: () => this.#refuse('a program looks behind its ports'),
      set: () => this.#refuse('a program looks behind its ports'),
    },
  );

  constructor(episodes: boolean) {
    this.episodes = episodes ? { begins: () => this.#beginsEpisode() } : null;
  }

  /** @returns what it does first */
  begin(program: Program, argv: readonly string[]): readonly Deed[] {
    return this.#watch(() => {
      const crash = (error: unknown): void => this.crashed(error);
      const exit = (code: unknown): void => {
        const operation: Operation = { op: 'exit', code: typeof code === 'number' ? code : 0 };
        this.execute(this.#process, operation, ignore, ignore);
      };
      try {
        Promise.resolve(program(portsOf(this, this.#process), argv)).then(exit, crash);
      } catch (error) {
        crash(error);
      }
    });
  }

  /** @param result is its own from now on @returns what it does then */
  learn(ordinal: number, result: unknown): readonly Deed[] {
    const asked = this.#asked.get(ordinal);
    if (asked === undefined) throw new Unfit('a program has not asked for what it asked for before');
    this.#asked.delete(ordinal);
    return this.#watch(() => {
      if (isErrno(result)) asked.reject(new SystemError(result.code, asked.operation));
      else asked.resolve(result);
    });
  }

  execute(_: unknown, operation: Operation, resolve: Resolve, reject: Reject): Pending {
    this.#expectFed();
    const ordinal = this.#ordinals++;
    this.#deeds.push({ does: 'asks', operation: copyOf(operation) });
    if (operation.op === 'mark') resolve(undefined);
    else this.#asked.set(ordinal, { operation, resolve, reject });
    return {
      cancel: () => {
        this.#expectFed();
        if (this.#asked.delete(ordinal)) this.#deeds.push({ does: 'withdraws', ordinal });
      },
    };
  }

  /** What programs ask that call synchronously. */
  get immediate(): Immediate {
    return this.#refuse('a program calls synchronously');
  }

  /** Also by an error that it has left to nobody. */
  crashed(error: unknown): void {
    this.#deeds.push({ does: 'crashes', error: error ?? new Error('rejected without a reason') });
  }

  #beginsEpisode(): Episode {
    this.#expectFed();
    const begun = this.#open.begin(this.#ordinals, this.#asked.size > 0);
    this.#deeds.push({ does: 'begins' });
    const keeps = (value: unknown, over = false): void => {
      this.#expectFed();
      const why = whyNotPlain(value);
      if (why !== null) this.#give(new Misuse(why));
      const { at, counts } = this.#open.look(begun, this.#asked.size > 0);
      if (!counts) return;
      const { ordinal } = begun;
      this.#ordinals = ordinal;
      this.#deeds.push({ does: 'keeps', at, value: structuredClone(value), over, ordinal });
    };
    const fails = (): void => {
      this.#expectFed();
      this.#deeds.push({ does: 'ends', at: this.#open.end(begun) });
    };
    const ends = (value: unknown): void => {
      keeps(value, true);
      fails();
    };
    return { keeps: (value) => keeps(value), ends, fails };
  }

  /** Else it is told when the one is at rest whose step this is. */
  #expectFed(): void {
    if (fed !== this) (fed ?? this).#unfit ??= new Unfit('programs share memory');
  }

  #refuse(why: string): never {
    return this.#give(new Unfit(why));
  }

  /** Also where the program catches all. */
  #give(unfit: Unfit): never {
    this.#unfit ??= unfit;
    throw unfit;
  }

  #watch(work: () => void): readonly Deed[] {
    const outer = fed;
    fed = this;
    this.#deeds = [];
    ambient.stand = this;
    ambient.stepping = ambient.armed;
    try {
      work();
    } catch (error) {
      // A handler of signals, which is called at once.
      this.crashed(error);
    }
    try {
      drain();
    } finally {
      fed = outer;
      ambient.stepping = false;
      ambient.stand = null;
    }
    if (this.#unfit !== null) throw this.#unfit;
    return this.#deeds;
  }
}

/** A program may change what it has given. The operation itself its ports have made. */
function copyOf(operation: Operation): Operation {
  for (const name in operation) {
    if (typeof operation[name as keyof Operation] === 'object') return structuredClone(operation);
  }
  return operation;
}

const ignore = (): void => {};
