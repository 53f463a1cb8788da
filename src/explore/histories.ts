import type { Program } from '../ports/index.ts';
import { StateHasher, type StringInterner } from '../sim/index.ts';
import { expectSame, History, isPlain, type Standing } from './history.ts';
import { type Deed, Instance } from './instance.ts';
import { nameAfter, nameOfKept } from './told.ts';

/** A program that has been started. */
interface Started {
  readonly program: Program;
  readonly argv: readonly string[];
}

/** Of how many real programs the state is kept, for when they learn something new. */
const MOST_INSTANCES = 1_000;

/** A way that has joined another is followed for so many results at most: a loop may go round for ever. */
const MOST_TRIED = 1_000;

/**
 * What programs do, remembered: real code runs only for what none has learned before. A program that is to learn something
 * else than it did is started again and fed what led there.
 */
export class Histories {
  /** How many there are, or were before they were forgotten. */
  known = 0;
  /** How often a real program was started. */
  starts = 0;
  /** How often an episode came to a result that was known. */
  joined = 0;
  /** Whether programs are taken at their word about what they keep of an episode. */
  readonly episodes: boolean;
  #kept = 0;
  readonly #most: number;
  readonly #roots = new Map<string, History>();
  readonly #started = new WeakMap<History, Started>();
  readonly #awake: History[] = [];
  readonly #texts: StringInterner;
  /** By their names: those whose last episode has come to a result first. */
  readonly #joints = new Map<string, History>();

  /** Hears which real program is about to run. */
  onInstance: (instance: Instance) => void = () => {};

  constructor(texts: StringInterner, most: number, episodes: boolean) {
    this.#texts = texts;
    this.#most = most;
    this.episodes = episodes;
  }

  /** @param name of the program; with the arguments it tells what starts */
  begin(name: string, program: Program, argv: readonly string[]): History {
    const key = JSON.stringify([name, argv]);
    const known = this.#roots.get(key);
    if (known !== undefined) return known;
    const instance = this.#start();
    const deeds = instance.begin(program, argv);
    const digest = new StateHasher(this.#texts);
    digest.text(key);
    const standing = this.#stands({ name: digest.name(), open: [] }, deeds, instance);
    const history = new History(null, { ordinal: 0, result: undefined }, standing);
    this.#started.set(history, { program, argv });
    this.#roots.set(key, history);
    this.#count(history);
    return history;
  }

  /** What follows when a program learns a result. */
  learn({ rest }: History, ordinal: number, result: unknown): History {
    const known = rest.next(ordinal, result);
    if (known !== undefined) return known;
    const kept = isPlain(result) ? result : structuredClone(result);
    const { shadow } = rest;
    rest.shadow = null;
    const others = shadow && this.#feed(shadow, ordinal, kept);
    const instance = this.#wake(rest);
    const deeds = instance.learn(ordinal, result);
    if (others !== null) expectSame(deeds, others);
    const name = nameAfter(rest.name, ordinal, result, this.#texts);
    const standing = this.#stands({ name, open: rest.open }, deeds, instance);
    const next = this.#follow(rest, { ordinal, result: kept }, standing);
    rest.add(next);
    if (next.rest !== next && next.rest.tries()) this.#tries(next.rest, instance);
    next.rest.shadow ??= shadow;
    this.#count(next.rest);
    return next;
  }

  /** Where a program stands after some deeds. */
  #stands(before: Pick<Standing, 'name' | 'open'>, deeds: readonly Deed[], instance: Instance): Standing {
    let { name, open } = before;
    let joint = -1;
    for (const [i, deed] of deeds.entries()) {
      if (deed.does === 'begins') open = [...open, { name, laps: 0 }];
      else if (deed.does === 'ends') open = open.toSpliced(deed.at, 1);
      else if (deed.does === 'keeps') {
        const begun = open[deed.at]!;
        name = nameOfKept(begun, deed, this.#texts);
        open = open.with(deed.at, { ...begun, laps: begun.laps + 1 });
        joint = i;
      }
    }
    return { deeds, instance, name, open, joint };
  }

  /** What has come to the result of an episode by another way goes on as the first that has. */
  #follow(parent: History, learned: { ordinal: number; result: unknown }, standing: Standing): History {
    const { name, joint, deeds } = standing;
    if (joint < 0) return new History(parent, learned, standing);
    const key = `${name.a},${name.b}`;
    const first = this.#joints.get(key);
    if (first === undefined) {
      const history = new History(parent, learned, standing);
      this.#joints.set(key, history);
      return history;
    }
    this.joined++;
    expectSame(first.deeds.slice(first.joint), deeds.slice(joint));
    return new History(parent, learned, { ...standing, instance: null }, first);
  }

  /** A program that has come there by another way must go on as is known. */
  #tries(history: History, instance: Instance): void {
    let at = history;
    for (let results = 0; results < MOST_TRIED; results++) {
      const next = at.anyNext();
      if (next === null) {
        at.shadow ??= instance;
        return;
      }
      expectSame(next.deeds, this.#feed(instance, next.ordinal, next.result));
      at = next.rest;
    }
  }

  #feed(instance: Instance, ordinal: number, result: unknown): readonly Deed[] {
    this.onInstance(instance);
    return instance.learn(ordinal, isPlain(result) ? result : structuredClone(result));
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
    for (let at: History | null = history; at !== null; at = way.at(-1)!.parent) way.push(at.any());
    const root = way.pop()!;
    const { program, argv } = this.#started.get(root)!;
    const another = this.#start();
    expectSame(root.deeds, another.begin(program, argv));
    for (const { ordinal, result, deeds } of way.reverse()) {
      expectSame(deeds, this.#feed(another, ordinal, result));
    }
    return another;
  }

  #start(): Instance {
    this.starts++;
    const instance = new Instance(this.episodes);
    this.onInstance(instance);
    return instance;
  }

  #count(history: History): void {
    this.known++;
    if (++this.#kept > this.#most) this.#forget();
    this.#awake.push(history);
    if (this.#awake.length < 2 * MOST_INSTANCES) return;
    for (const old of this.#awake.splice(0, MOST_INSTANCES)) old.sleep();
  }

  /** Whoever follows one goes on from there; its name stays the same. */
  #forget(): void {
    for (const root of this.#roots.values()) root.forgetNext();
    this.#joints.clear();
    this.#kept = this.#roots.size;
    this.#awake.length = 0;
  }
}
