import { type Errno, type Fingerprint, isErrno } from '../sim/index.ts';
import { type Deed, type Instance, Unfit } from './instance.ts';

/** Operations mostly come one at a time, and results are mostly plain: then the result alone tells which history is next. */
type Plain = string | number | boolean | undefined | null | Errno;

/** Where an episode began that is open. */
export interface Begun {
  readonly name: Fingerprint;
  /** How often it was said in it what it keeps. */
  readonly laps: number;
}

/** Where a program has come to. */
export interface Standing {
  readonly deeds: readonly Deed[];
  readonly instance: Instance | null;
  readonly name: Fingerprint;
  readonly open: readonly Begun[];
  readonly joint: number;
}

/** Of how many that join one the way is kept, to see whether what follows is the same. */
const MOST_JOINING = 3;

/** What a program has learned so far, result by result: that decides what it has done, and will do. */
export class History {
  readonly name: Fingerprint;
  /** What the program does upon the last result, until it waits for the next. */
  readonly deeds: readonly Deed[];
  readonly parent: History | null;
  readonly ordinal: number;
  readonly result: unknown;
  /** A real program that has come so far and no further. */
  instance: Instance | null;
  /** The episodes that are open, the outermost first. */
  readonly open: readonly Begun[];
  /** The last of its deeds that says what is kept of an episode; -1: none. */
  readonly joint: number;
  /** The first that has come to that by another way. */
  readonly #joins: History | null;
  /** A real program that has come so far by another way: it must go on as this one does. */
  shadow: Instance | null = null;
  /** Some that join it. */
  readonly #joining: History[] = [];
  #tried = 0;
  #turn = 0;
  #plain: Map<Plain, History> | null = null;
  /** There are few. */
  #others: History[] | null = null;
  /** The operation whose results are in `#plain`. */
  #usual = -1;

  constructor(
    parent: History | null,
    { ordinal, result }: { ordinal: number; result: unknown },
    { deeds, instance, name, open, joint }: Standing,
    joins: History | null = null,
  ) {
    this.parent = parent;
    this.ordinal = ordinal;
    this.result = result;
    this.deeds = deeds;
    this.instance = instance;
    this.name = name;
    this.open = open;
    this.joint = joint;
    this.#joins = joins;
    if (joins !== null && joins.#joining.length < MOST_JOINING) joins.#joining.push(this);
  }

  /** The one that tells what follows. */
  get rest(): History {
    return this.#joins ?? this;
  }

  /** One that joins it, or this one, in turn: what a program does from here on must be the same. */
  any(): History {
    return this.#joining[this.#turn++ % (this.#joining.length + 1)] ?? this;
  }

  /** Whether another way that has joined it is to be tried. */
  tries(): boolean {
    return this.#tried++ < MOST_JOINING;
  }

  /** One of those that are known to follow, in turn. */
  anyNext(): History | null {
    const all = this.#following();
    return all[this.#turn++ % all.length] ?? null;
  }

  /** Undefined: no program has learned that yet. */
  next(ordinal: number, result: unknown): History | undefined {
    if (isPlain(result) && ordinal === this.#usual) return this.#plain?.get(result);
    return this.#others?.find((other) => other.ordinal === ordinal && isSame(other.result, result));
  }

  add(history: History): void {
    const { ordinal, result } = history;
    if (this.#usual < 0) this.#usual = ordinal;
    if (isPlain(result) && ordinal === this.#usual) {
      this.#plain ??= new Map();
      this.#plain.set(result, history);
    } else {
      this.#others ??= [];
      this.#others.push(history);
    }
  }

  forgetNext(): void {
    const all = this.#following();
    this.#plain = null;
    this.#others = null;
    this.sleep();
    for (const history of all) history.forgetNext();
  }

  /** No real program has come so far any more. */
  sleep(): void {
    this.instance = null;
    this.shadow = null;
  }

  #following(): History[] {
    return [...(this.#plain?.values() ?? []), ...(this.#others ?? [])];
  }
}

/** Not to be copied, to be kept. */
export function isPlain(result: unknown): result is Plain {
  return typeof result !== 'object' || result === null || isErrno(result);
}

/** Results are plain data. */
function isSame(a: unknown, b: unknown): boolean {
  if (isPlain(a) || isPlain(b)) return Object.is(a, b);
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  let members = 0;
  for (const name in left) {
    if (!isSame(left[name], right[name])) return false;
    members++;
  }
  for (const _ in right) members--;
  return members === 0 && Array.isArray(a) === Array.isArray(b);
}

/**
 * A program that does another thing upon the same results has a memory of its own, rolls dice, or keeps more of an episode than it
 * says.
 *
 * @throws Unfit
 */
export function expectSame(before: readonly Deed[], now: readonly Deed[]): void {
  const same = before.length === now.length && before.every((deed, i) => isSameDeed(deed, now[i]!));
  if (!same) throw new Unfit('the same results made a program do two things');
}

function isSameDeed(a: Deed, b: Deed): boolean {
  return a.does === 'crashes' ? b.does === 'crashes' : isSame(a, b);
}
