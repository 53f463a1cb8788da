import type { Program } from '../ports/index.ts';
import { Digest, type Errno, isErrno, type Name, type Texts } from '../sim/index.ts';
import { type Deed, Instance, Unfit } from './instance.ts';
import { nameAfter } from './told.ts';

/** A program that has been started. */
interface Started {
  readonly program: Program;
  readonly argv: readonly string[];
}

/** Operations mostly come one at a time, and results are mostly plain: then the result alone tells which history is next. */
type Plain = string | number | boolean | undefined | null | Errno;

/** What a program has learned so far, result by result: that decides what it has done, and will do. */
export class History {
  readonly name: Name;
  /** What the program does upon the last result, until it waits for the next. */
  readonly deeds: readonly Deed[];
  readonly parent: History | null;
  readonly ordinal: number;
  readonly result: unknown;
  /** A real program that has come so far and no further. */
  instance: Instance | null;
  #plain: Map<Plain, History> | null = null;
  /** There are few. */
  #others: History[] | null = null;
  /** The operation whose results are in `#plain`. */
  #usual = -1;

  constructor(
    parent: History | null,
    { ordinal, result }: { ordinal: number; result: unknown },
    { deeds, instance, name }: { deeds: readonly Deed[]; instance: Instance; name: Name },
  ) {
    this.parent = parent;
    this.ordinal = ordinal;
    this.result = result;
    this.deeds = deeds;
    this.instance = instance;
    this.name = name;
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
    const all = [...(this.#plain?.values() ?? []), ...(this.#others ?? [])];
    this.#plain = null;
    this.#others = null;
    this.instance = null;
    for (const history of all) history.forgetNext();
  }
}

/** Of how many real programs the state is kept, for when they learn something new. */
const MOST_INSTANCES = 1_000;

/**
 * What programs do, remembered: real code runs only for what none has learned before. A program that is to learn something
 * else than it did is started again and fed what led there.
 */
export class Histories {
  /** How many there are, or were before they were forgotten. */
  known = 0;
  /** How often a real program was started. */
  starts = 0;
  #kept = 0;
  readonly #most: number;
  readonly #roots = new Map<string, History>();
  readonly #started = new WeakMap<History, Started>();
  readonly #awake: History[] = [];
  readonly #texts: Texts;

  /** Hears which real program is about to run. */
  onInstance: (instance: Instance) => void = () => {};

  constructor(texts: Texts, most: number) {
    this.#texts = texts;
    this.#most = most;
  }

  /** @param name of the program; with the arguments it tells what starts */
  begin(name: string, program: Program, argv: readonly string[]): History {
    const key = JSON.stringify([name, argv]);
    const known = this.#roots.get(key);
    if (known !== undefined) return known;
    const instance = this.#start();
    const deeds = instance.begin(program, argv);
    const digest = new Digest(this.#texts);
    digest.text(key);
    const history = new History(
      null,
      { ordinal: 0, result: undefined },
      { deeds, instance, name: digest.name() },
    );
    this.#started.set(history, { program, argv });
    this.#roots.set(key, history);
    this.#count(history);
    return history;
  }

  /** What follows when a program learns a result. */
  learn(history: History, ordinal: number, result: unknown): History {
    const known = history.next(ordinal, result);
    if (known !== undefined) return known;
    const instance = this.#wake(history);
    const kept = isPlain(result) ? result : structuredClone(result);
    const deeds = instance.learn(ordinal, result);
    const name = nameAfter(history.name, ordinal, result, this.#texts);
    const next = new History(history, { ordinal, result: kept }, { deeds, instance, name });
    history.add(next);
    this.#count(next);
    return next;
  }

  /** A real program that has come so far: the one that has, or another. */
  #wake(history: History): Instance {
    const { instance } = history;
    if (instance !== null) {
      history.instance = null;
      this.onInstance(instance);
      return instance;
    }
    const way: History[] = [];
    for (let at: History | null = history; at !== null; at = at.parent) way.push(at);
    const root = way.pop()!;
    const { program, argv } = this.#started.get(root)!;
    const another = this.#start();
    expectSame(root.deeds, another.begin(program, argv));
    for (const { ordinal, result, deeds } of way.reverse()) {
      expectSame(deeds, another.learn(ordinal, isPlain(result) ? result : structuredClone(result)));
    }
    return another;
  }

  #start(): Instance {
    this.starts++;
    const instance = new Instance();
    this.onInstance(instance);
    return instance;
  }

  #count(history: History): void {
    this.known++;
    if (++this.#kept > this.#most) this.#forget();
    this.#awake.push(history);
    if (this.#awake.length < 2 * MOST_INSTANCES) return;
    for (const old of this.#awake.splice(0, MOST_INSTANCES)) old.instance = null;
  }

  /** Whoever follows one goes on from there; its name stays the same. */
  #forget(): void {
    for (const root of this.#roots.values()) root.forgetNext();
    this.#kept = this.#roots.size;
    this.#awake.length = 0;
  }
}

function isPlain(result: unknown): result is Plain {
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

/** A program that does another thing upon the same results has a memory of its own, or rolls dice. */
function expectSame(before: readonly Deed[], now: readonly Deed[]): void {
  const same = before.length === now.length && before.every((deed, i) => isSameDeed(deed, now[i]!));
  if (!same) throw new Unfit('the same results made a program do two things');
}

function isSameDeed(a: Deed, b: Deed): boolean {
  return a.does === 'crashes' ? b.does === 'crashes' : isSame(a, b);
}
