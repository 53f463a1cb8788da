import { type Errno, type Fingerprint, isErrno } from '../../sim/index.ts';
import { type DetachedProgram, NotMemoizable, type ProgramEffect } from './detached-program.ts';

/** Operations mostly come one at a time, and results are mostly primitive: then the result alone selects the next node. */
type Plain = string | number | boolean | undefined | null | Errno;

/** Where a summary that is open began. */
export interface Begun {
  readonly name: Fingerprint;
  /** How often the program has said what it keeps. */
  readonly iterations: number;
}

/** The state of a program after some results. */
export interface MemoState {
  readonly effects: readonly ProgramEffect[];
  readonly detached: DetachedProgram | null;
  readonly name: Fingerprint;
  readonly open: readonly Begun[];
  readonly lastSummary: number;
}

/** How many of the nodes that were merged into one are kept, to compare what follows. */
const MOST_MERGED = 3;

/** What a search relies on once sequences were merged into one. */
export const SUMMARIES_ASSUMED = `programs keep of a summary no more than they say: of all ways to one value ${1 + MOST_MERGED} are tried`;

/** A sequence of results that a program has received: it determines what the program has done and will do. */
export class MemoNode {
  readonly name: Fingerprint;
  /** What the program does after the last result, until it waits for the next. */
  readonly effects: readonly ProgramEffect[];
  readonly parent: MemoNode | null;
  readonly ordinal: number;
  readonly result: unknown;
  /** A program that has received these results and no more. */
  detached: DetachedProgram | null;
  /** The open summaries, outermost first. */
  readonly open: readonly Begun[];
  /** The index of the last effect that is a summary; -1: none. */
  readonly lastSummary: number;
  /** The first node with the same state, reached by other results. */
  readonly #mergedInto: MemoNode | null;
  /** A program that came to this state by other results: it must do the same from here on. */
  crossCheck: DetachedProgram | null = null;
  /** Some nodes that were merged into this one. */
  readonly #merged: MemoNode[] = [];
  #checks = 0;
  #turn = 0;
  #plain: Map<Plain, MemoNode> | null = null;
  /** Few in number. */
  #others: MemoNode[] | null = null;
  /** The operation whose results are in `#plain`. */
  #usual = -1;

  constructor(
    parent: MemoNode | null,
    { ordinal, result }: { ordinal: number; result: unknown },
    { effects, detached, name, open, lastSummary }: MemoState,
    mergedInto: MemoNode | null = null,
  ) {
    this.parent = parent;
    this.ordinal = ordinal;
    this.result = result;
    this.effects = effects;
    this.detached = detached;
    this.name = name;
    this.open = open;
    this.lastSummary = lastSummary;
    this.#mergedInto = mergedInto;
    if (mergedInto !== null && mergedInto.#merged.length < MOST_MERGED) mergedInto.#merged.push(this);
  }

  /** The node from which the program goes on. */
  get canonical(): MemoNode {
    return this.#mergedInto ?? this;
  }

  /** This node or one that was merged into it, in turn: what follows must be the same. */
  any(): MemoNode {
    return this.#merged[this.#turn++ % (this.#merged.length + 1)] ?? this;
  }

  /** Whether another node that was merged into this one should be compared. */
  shouldCheck(): boolean {
    return this.#checks++ < MOST_MERGED;
  }

  /** One of the known next nodes, in turn. */
  anyNext(): MemoNode | null {
    const all = this.#following();
    return all[this.#turn++ % all.length] ?? null;
  }

  /** `undefined`: no program has received that result here. */
  next(ordinal: number, result: unknown): MemoNode | undefined {
    if (isPlain(result) && ordinal === this.#usual) return this.#plain?.get(result);
    return this.#others?.find((other) => other.ordinal === ordinal && isSame(other.result, result));
  }

  add(node: MemoNode): void {
    const { ordinal, result } = node;
    if (this.#usual < 0) this.#usual = ordinal;
    if (isPlain(result) && ordinal === this.#usual) {
      this.#plain ??= new Map();
      this.#plain.set(result, node);
    } else {
      this.#others ??= [];
      this.#others.push(node);
    }
  }

  forgetNext(): void {
    const all = this.#following();
    this.#plain = null;
    this.#others = null;
    this.evict();
    for (const node of all) node.forgetNext();
  }

  /** Frees the programs that have come this far. */
  evict(): void {
    this.detached = null;
    this.crossCheck = null;
  }

  #following(): MemoNode[] {
    return [...(this.#plain?.values() ?? []), ...(this.#others ?? [])];
  }
}

/** Primitive values and error codes need not be copied. */
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
 * The same results must have the same effects. If not, the program has a memory of its own, uses random numbers of its own, or keeps
 * more of a summary than it says.
 *
 * @throws NotMemoizable
 */
export function expectSame(before: readonly ProgramEffect[], now: readonly ProgramEffect[]): void {
  const same = before.length === now.length && before.every((effect, i) => isSameEffect(effect, now[i]!));
  if (!same) throw new NotMemoizable('the same results made a program do two things');
}

function isSameEffect(a: ProgramEffect, b: ProgramEffect): boolean {
  return a.kind === 'crashes' ? b.kind === 'crashes' : isSame(a, b);
}
