import { ambient, drain } from '../../host/index.ts';
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
} from '../../ports/index.ts';
import { isErrno } from '../../sim/index.ts';
import { OpenEpisodes, whyNotPlain } from './open-summaries.ts';

/** What a program does between two results that it receives. */
export type ProgramEffect =
  | { readonly kind: 'asks'; readonly operation: Operation }
  | { readonly kind: 'withdraws'; readonly ordinal: number }
  | { readonly kind: 'crashes'; readonly error: unknown }
  /** A summarized piece of work begins. */
  | { readonly kind: 'begins' }
  /** `at`: which open summary ends, counted from the outermost. */
  | { readonly kind: 'ends'; readonly at: number }
  | Summarizes;

/** The program keeps nothing of some work but a value. */
export interface Summarizes {
  readonly kind: 'keeps';
  readonly at: number;
  readonly value: unknown;
  /** The work is about to end. */
  readonly over: boolean;
  /** The number of the next operation, as if the work had had none. */
  readonly ordinal: number;
}

/** What a program does does not follow from its results alone: it has to be executed in each run. */
export class NotMemoizable extends Error {
  override readonly name: string = 'NotMemoizable';
  /** Programs could be remembered, but not what invariants keep. */
  readonly isOfInvariants: boolean;

  constructor(message: string, isOfInvariants = false) {
    super(message);
    this.isOfInvariants = isOfInvariants;
  }
}

/** A program makes a wrong use of summaries: the search ends with an error. */
export class InvalidSummary extends NotMemoizable {
  override readonly name = 'InvalidSummary';
}

/** The program that is being given a result: code of another one must not run meanwhile. */
let running: DetachedProgram | null = null;

/**
 * A program that runs without a machine: it is given the results of its operations, and reports its effects. So what a program does can be
 * remembered for all simulated processes of it.
 */
export class DetachedProgram implements Machine {
  readonly #asked = new Map<number, { operation: Operation; resolve: Resolve; reject: Reject }>();
  readonly #open = new OpenEpisodes();
  /** `null`: the program's summaries are ordinary calls. */
  readonly episodes: Episodes | null;
  #effects: ProgramEffect[] = [];
  /** The start of a program counts as an operation. */
  #ordinals = 1;
  #refusal: NotMemoizable | null = null;
  /** Must not be read by a program: see {@link seamOf}. */
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

  /** @returns the first effects */
  begin(program: Program, argv: readonly string[]): readonly ProgramEffect[] {
    return this.#effectsOf(() => {
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

  /** @param result belongs to the program from now on @returns the effects of it */
  learn(ordinal: number, result: unknown): readonly ProgramEffect[] {
    const asked = this.#asked.get(ordinal);
    if (asked === undefined) throw new NotMemoizable('a program has not asked for what it asked for before');
    this.#asked.delete(ordinal);
    return this.#effectsOf(() => {
      if (isErrno(result)) asked.reject(new SystemError(result.code, asked.operation));
      else asked.resolve(result);
    });
  }

  execute(_: unknown, operation: Operation, resolve: Resolve, reject: Reject): Pending {
    this.#expectRunning();
    const ordinal = this.#ordinals++;
    this.#effects.push({ kind: 'asks', operation: copyOf(operation) });
    if (operation.op === 'mark') resolve(undefined);
    else this.#asked.set(ordinal, { operation, resolve, reject });
    return {
      cancel: () => {
        this.#expectRunning();
        if (this.#asked.delete(ordinal)) this.#effects.push({ kind: 'withdraws', ordinal });
      },
    };
  }

  /** Used by programs that call synchronously. */
  get immediate(): Immediate {
    return this.#refuse('a program calls synchronously');
  }

  /** Also called for an error that the program has not caught. */
  crashed(error: unknown): void {
    this.#effects.push({ kind: 'crashes', error: error ?? new Error('rejected without a reason') });
  }

  #beginsEpisode(): Episode {
    this.#expectRunning();
    const begun = this.#open.begin(this.#ordinals, this.#asked.size > 0);
    this.#effects.push({ kind: 'begins' });
    const keeps = (value: unknown, over = false): void => {
      this.#expectRunning();
      const why = whyNotPlain(value);
      if (why !== null) this.#stop(new InvalidSummary(why));
      const { at, counts } = this.#open.look(begun, this.#asked.size > 0);
      if (!counts) return;
      const { ordinal } = begun;
      this.#ordinals = ordinal;
      this.#effects.push({ kind: 'keeps', at, value: structuredClone(value), over, ordinal });
    };
    const fails = (): void => {
      this.#expectRunning();
      this.#effects.push({ kind: 'ends', at: this.#open.end(begun) });
    };
    const ends = (value: unknown): void => {
      keeps(value, true);
      fails();
    };
    return { keeps: (value) => keeps(value), ends, fails };
  }

  /** If another program is running, it gets the error once it has come to rest. */
  #expectRunning(): void {
    if (running !== this) (running ?? this).#refusal ??= new NotMemoizable('programs share memory');
  }

  #refuse(why: string): never {
    return this.#stop(new NotMemoizable(why));
  }

  /** Also ends a program that catches every error. */
  #stop(refusal: NotMemoizable): never {
    this.#refusal ??= refusal;
    throw refusal;
  }

  #effectsOf(work: () => void): readonly ProgramEffect[] {
    const outer = running;
    running = this;
    this.#effects = [];
    ambient.stand = this;
    ambient.stepping = ambient.armed;
    try {
      work();
    } catch (error) {
      // A handler of signals is called at once.
      this.crashed(error);
    }
    try {
      drain();
    } finally {
      running = outer;
      ambient.stepping = false;
      ambient.stand = null;
    }
    if (this.#refusal !== null) throw this.#refusal;
    return this.#effects;
  }
}

/** A program may change what it has passed. The operation object itself is made by the ports. */
function copyOf(operation: Operation): Operation {
  for (const name in operation) {
    if (typeof operation[name as keyof Operation] === 'object') return structuredClone(operation);
  }
  return operation;
}

const ignore = (): void => {};
