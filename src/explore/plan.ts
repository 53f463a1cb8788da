/** In which order levels of growing bounds are explored, so that small bugs show at once and the time is used. */

/** One level: how far a search goes in each dimension. */
export interface Point {
  /** How many faults may strike in one run, of all kinds together. */
  readonly faults: number;
  readonly preemptions: number;
  readonly busyMs: number;
  /** Whether faults may strike after which no two states can be told to be the same: see `UNMATCHED`. */
  readonly unmatched: boolean;
}

/** For each dimension the values that are to be tried, the smallest first. */
export interface Axes {
  readonly faults: readonly number[];
  readonly preemptions: readonly number[];
  readonly busyMs: readonly number[];
  readonly unmatched: readonly boolean[];
}

const DIMENSIONS = ['faults', 'preemptions', 'busyMs', 'unmatched'] as const;
/** How much larger a level is than the one before it in a dimension, until that has been measured. */
const USUAL_GROWTH: readonly number[] = [8, 6, 10, 50];
/** Races show with few preemptions, in nearly all known bugs. */
const FEW_PREEMPTIONS = 2;
/** A level that is expected to take longer than this many times what is left is not begun. */
const HOPELESS = 3;

/** A level by the places of its values on their axes. */
type Place = readonly number[];

interface Made {
  readonly place: Place;
  readonly edges: number;
  readonly ms: number;
}

export class Plan {
  readonly #axes: Axes;
  readonly #places: readonly Place[];
  readonly #completed: Made[] = [];
  readonly #failed: Place[] = [];

  constructor(axes: Axes) {
    this.#axes = axes;
    this.#places = DIMENSIONS.reduce<Place[]>(
      (places, dimension) => places.flatMap((place) => axes[dimension].map((_, i) => [...place, i])),
      [[]],
    );
  }

  /** Null: there is none left, or none that could be completed in the time that is left. */
  next(leftMs: number): Point | null {
    const candidates = this.#places
      .filter((place) => this.#isNext(place))
      .map((place) => ({ place, stage: this.#stageOf(place), ms: this.#expectedMs(place) }))
      .sort((a, b) => a.stage - b.stage || a.ms - b.ms);
    const fitting = candidates.find(({ ms }) => ms <= leftMs);
    const next = fitting ?? candidates.find(({ ms }) => ms <= leftMs * HOPELESS);
    return next === undefined ? null : this.#pointOf(next.place);
  }

  completed(point: Point, { edges, ms }: { edges: number; ms: number }): void {
    this.#completed.push({ place: this.#placeOf(point), edges, ms });
  }

  /** Whatever contains it is not tried either. */
  failed(point: Point): void {
    this.#failed.push(this.#placeOf(point));
  }

  /** Not known yet, and all that it contains by one step is. */
  #isNext(place: Place): boolean {
    if (this.#isKnown(place) || this.#failed.some((failed) => contains(place, failed))) return false;
    const isAllowed = this.#isOfInterest(place);
    return isAllowed && place.every((at, axis) => at === 0 || this.#isKnown(place.with(axis, at - 1)));
  }

  #isKnown(place: Place): boolean {
    return this.#completed.some((made) => contains(made.place, place)) || !this.#isOfInterest(place);
  }

  /**
   * With preemptions and busy time go no fault, one, or as many as there may be. A fault that is not allowed to strike needs no
   * level.
   */
  #isOfInterest([faults = 0, preemptions = 0, busy = 0, unmatched = 0]: Place): boolean {
    const last = this.#axes.faults.length - 1;
    if (unmatched > 0 && this.#axes.faults[faults] === 0) return false;
    return preemptions + busy + unmatched === 0 || faults <= 1 || faults === last;
  }

  #expectedMs(place: Place): number {
    if (this.#completed.length === 0) return 0;
    // What a small level takes is mostly not for its edges.
    const msPerEdge = Math.min(...this.#completed.map(({ edges, ms }) => ms / Math.max(1, edges)));
    const edges = place.map((at, axis) =>
      at === 0 ? 0 : this.#edgesOf(place.with(axis, at - 1)) * this.#growth(axis, at),
    );
    return Math.max(...edges) * msPerEdge;
  }

  /** Of a level that was completed, or the smallest that contains it; 0: there is none. */
  #edgesOf(place: Place): number {
    const larger = this.#completed.filter((made) => contains(made.place, place));
    const exact = larger.find((made) => contains(place, made.place));
    if (exact !== undefined) return exact.edges;
    return larger.length === 0 ? 0 : Math.min(...larger.map(({ edges }) => edges));
  }

  /** The largest that was measured between these two values, or the last two before them, or the usual. */
  #growth(axis: number, at: number): number {
    const steps = this.#completed.flatMap(({ place, edges }) => {
      const before = this.#completed.find((made) => isStep(made.place, place, axis));
      if (before === undefined || place[axis]! > at) return [];
      return [{ at: place[axis]!, by: edges / Math.max(1, before.edges) }];
    });
    const last = Math.max(...steps.map((step) => step.at));
    const measured = steps.filter((step) => step.at === last).map(({ by }) => by);
    return measured.length === 0 ? USUAL_GROWTH[axis]! : Math.max(...measured);
  }

  /**
   * What comes first: a look at all that can be found soon, then all faults; then all faults with a few preemptions; then the
   * rest.
   */
  #stageOf([faults = 0, preemptions = 0, busy = 0, unmatched = 0]: Place): number {
    const many = this.#axes.preemptions[preemptions]! > FEW_PREEMPTIONS;
    if (busy > 0 || many) return 3;
    if (preemptions === 0) return unmatched > 0 ? 1 : 0;
    if (faults === 0 || (faults === 1 && preemptions === 1)) return 0;
    return faults === this.#axes.faults.length - 1 ? 2 : 3;
  }

  #pointOf([faults = 0, preemptions = 0, busy = 0, unmatched = 0]: Place): Point {
    return {
      faults: this.#axes.faults[faults]!,
      preemptions: this.#axes.preemptions[preemptions]!,
      busyMs: this.#axes.busyMs[busy]!,
      unmatched: this.#axes.unmatched[unmatched]!,
    };
  }

  #placeOf(point: Point): Place {
    return DIMENSIONS.map((dimension) =>
      (this.#axes[dimension] as readonly unknown[]).indexOf(point[dimension]),
    );
  }
}

function contains(larger: Place, smaller: Place): boolean {
  return larger.every((at, axis) => at >= smaller[axis]!);
}

/** Whether one step along an axis leads from the one to the other. */
function isStep(from: Place, to: Place, axis: number): boolean {
  return from.every((at, i) => at === to[i]! - (i === axis ? 1 : 0));
}
