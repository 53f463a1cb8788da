import type { Program } from '../../ports/index.ts';
import { StateHasher, type StringInterner } from '../../sim/index.ts';
import { DetachedProgram, type ProgramEffect } from './detached-program.ts';
import { fingerprintAfter, fingerprintOfSummary } from './history-fingerprint.ts';
import { expectSame, isPlain, MemoNode, type MemoState } from './memo-node.ts';

/** A program that was started. */
interface Started {
  readonly program: Program;
  readonly argv: readonly string[];
}

/** How many programs are kept alive, for new results. */
const MOST_LIVE = 1_000;

/** After a merge, at most so many known results are compared: a loop may have no end. */
const MOST_CHECKED_RESULTS = 1_000;

/**
 * What programs do, by the results that they receive. Code runs only for a sequence of results that is new; a program that is to receive
 * another result than it did is started again and given the same results up to there.
 */
export class MemoTable {
  /** How many nodes there are, with those that were forgotten. */
  known = 0;
  /** How many programs were started. */
  starts = 0;
  /** How many nodes were merged into another after a summary. */
  merged = 0;
  /** Whether summaries are used: programs keep nothing else. */
  readonly episodes: boolean;
  #kept = 0;
  readonly #most: number;
  readonly #roots = new Map<string, MemoNode>();
  readonly #started = new WeakMap<MemoNode, Started>();
  readonly #live: MemoNode[] = [];
  readonly #texts: StringInterner;
  /** By fingerprint, the first node with that state after a summary. */
  readonly #afterSummaries = new Map<string, MemoNode>();

  /** Called with the program that is about to run. */
  onDetached: (detached: DetachedProgram) => void = () => {};

  constructor(texts: StringInterner, most: number, episodes: boolean) {
    this.#texts = texts;
    this.#most = most;
    this.episodes = episodes;
  }

  /** @param name of the program; with the arguments it determines what starts */
  begin(name: string, program: Program, argv: readonly string[]): MemoNode {
    const key = JSON.stringify([name, argv]);
    const known = this.#roots.get(key);
    if (known !== undefined) return known;
    const detached = this.#start();
    const effects = detached.begin(program, argv);
    const digest = new StateHasher(this.#texts);
    digest.text(key);
    const state = this.#stateAfter({ name: digest.name(), open: [] }, effects, detached);
    const node = new MemoNode(null, { ordinal: 0, result: undefined }, state);
    this.#started.set(node, { program, argv });
    this.#roots.set(key, node);
    this.#count(node);
    return node;
  }

  /** The node after another result. */
  learn({ canonical }: MemoNode, ordinal: number, result: unknown): MemoNode {
    const known = canonical.next(ordinal, result);
    if (known !== undefined) return known;
    const kept = isPlain(result) ? result : structuredClone(result);
    const { crossCheck } = canonical;
    canonical.crossCheck = null;
    const others = crossCheck && this.#learn(crossCheck, ordinal, kept);
    const detached = this.#programAt(canonical);
    const effects = detached.learn(ordinal, result);
    if (others !== null) expectSame(effects, others);
    const name = fingerprintAfter(canonical.name, ordinal, result, this.#texts);
    const state = this.#stateAfter({ name, open: canonical.open }, effects, detached);
    const next = this.#follow(canonical, { ordinal, result: kept }, state);
    canonical.add(next);
    if (next.canonical !== next && next.canonical.shouldCheck()) this.#check(next.canonical, detached);
    next.canonical.crossCheck ??= crossCheck;
    this.#count(next.canonical);
    return next;
  }

  /** The state of a program after some effects. */
  #stateAfter(
    before: Pick<MemoState, 'name' | 'open'>,
    effects: readonly ProgramEffect[],
    detached: DetachedProgram,
  ): MemoState {
    let { name, open } = before;
    let lastSummary = -1;
    for (const [i, effect] of effects.entries()) {
      if (effect.kind === 'begins') open = [...open, { name, iterations: 0 }];
      else if (effect.kind === 'ends') open = open.toSpliced(effect.at, 1);
      else if (effect.kind === 'keeps') {
        const begun = open[effect.at]!;
        name = fingerprintOfSummary(begun, effect, this.#texts);
        open = open.with(effect.at, { ...begun, iterations: begun.iterations + 1 });
        lastSummary = i;
      }
    }
    return { effects, detached, name, open, lastSummary };
  }

  /** Merges a node that comes to the same state after a summary into the first one. */
  #follow(parent: MemoNode, learned: { ordinal: number; result: unknown }, state: MemoState): MemoNode {
    const { name, lastSummary, effects } = state;
    if (lastSummary < 0) return new MemoNode(parent, learned, state);
    const key = `${name.a},${name.b},${name.c},${name.d}`;
    const first = this.#afterSummaries.get(key);
    if (first === undefined) {
      const node = new MemoNode(parent, learned, state);
      this.#afterSummaries.set(key, node);
      return node;
    }
    this.merged++;
    expectSame(first.effects.slice(first.lastSummary), effects.slice(lastSummary));
    return new MemoNode(parent, learned, { ...state, detached: null }, first);
  }

  /** Compares a program that came to this state by other results with what is known to follow. */
  #check(node: MemoNode, detached: DetachedProgram): void {
    let at = node;
    for (let results = 0; results < MOST_CHECKED_RESULTS; results++) {
      const next = at.anyNext();
      if (next === null) {
        at.crossCheck ??= detached;
        return;
      }
      expectSame(next.effects, this.#learn(detached, next.ordinal, next.result));
      at = next.canonical;
    }
  }

  #learn(detached: DetachedProgram, ordinal: number, result: unknown): readonly ProgramEffect[] {
    this.onDetached(detached);
    return detached.learn(ordinal, isPlain(result) ? result : structuredClone(result));
  }

  /** A program that has received these results: the one that has, or another one that is given them. */
  #programAt(node: MemoNode): DetachedProgram {
    const { detached } = node;
    if (detached !== null) {
      node.detached = null;
      this.onDetached(detached);
      return detached;
    }
    const way: MemoNode[] = [];
    for (let at: MemoNode | null = node; at !== null; at = way.at(-1)!.parent) way.push(at.any());
    const root = way.pop()!;
    const { program, argv } = this.#started.get(root)!;
    const another = this.#start();
    expectSame(root.effects, another.begin(program, argv));
    for (const { ordinal, result, effects } of way.reverse()) {
      expectSame(effects, this.#learn(another, ordinal, result));
    }
    return another;
  }

  #start(): DetachedProgram {
    this.starts++;
    const detached = new DetachedProgram(this.episodes);
    this.onDetached(detached);
    return detached;
  }

  #count(node: MemoNode): void {
    this.known++;
    if (++this.#kept > this.#most) this.#forget();
    this.#live.push(node);
    if (this.#live.length < 2 * MOST_LIVE) return;
    for (const old of this.#live.splice(0, MOST_LIVE)) old.evict();
  }

  /** Processes keep their nodes and go on from there; fingerprints stay the same. */
  #forget(): void {
    for (const root of this.#roots.values()) root.forgetNext();
    this.#afterSummaries.clear();
    this.#kept = this.#roots.size;
    this.#live.length = 0;
  }
}
