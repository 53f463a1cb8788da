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
  /** How many faults there are that may strike where none is unmatched; a value of `faults`. */
  readonly matchedFaults: number;
}

const DIMENSIONS = ['faults', 'preemptions', 'busyMs', 'unmatched'] as const;
/** How much larger a level is than the one before it in a dimension, until that has been measured. */
const USUAL_GROWTH: readonly number[] = [8, 6, 10, 50];
/** Races show with few preemptions, in nearly all known bugs. */
const FEW_PREEMPTIONS = 2;
/** A level with fewer edges says little: neither how much larger the next one is, nor how long an edge takes once the code is warm. */
const ENOUGH_EDGES = 1_000;
/** Important levels are begun up to this many times the time that is left: estimates are usually too high, since growth slows down. */
const HOPEFUL = 1.5;
/** A level that is expected to take longer than this many times what is left is not begun. */
const HOPELESS = 3;

/** The last stage. */
const REST = 3;

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

  /** `null` if there is none left, or none that could be completed in time. */
  next(leftMs: number): Point | null {
    const candidates = this.#places
      .filter((place) => this.#isNext(place))
      .map((place) => ({ place, stage: this.#stageOf(place), ms: this.#expectedMs(place) }))
      .sort((a, b) => a.stage - b.stage || a.ms - b.ms);
    const isMeasured = this.#completed.some(({ edges }) => edges >= ENOUGH_EDGES);
    if (!isMeasured && leftMs > 0)
      return candidates.length === 0 ? null : this.#pointOf(candidates[0]!.place);
    const fitting = candidates.find(({ stage, ms }) => ms <= leftMs * (stage < REST ? HOPEFUL : 1));
    const next = fitting ?? candidates.find(({ ms }) => ms <= leftMs * HOPELESS);
    return next === undefined ? null : this.#pointOf(next.place);
  }

  /** @param ms how long the search took, without what is done once before it */
  completed(point: Point, { edges, ms }: { edges: number; ms: number }): void {
    this.#completed.push({ place: this.#placeOf(point), edges, ms });
  }

  /** Whatever contains it is not tried either. */
  failed(point: Point): void {
    this.#failed.push(this.#placeOf(point));
  }

  /** Not known yet, and what comes before it in each dimension is. */
  #isNext(place: Place): boolean {
    if (!this.#isOfInterest(place) || this.#isKnown(place)) return false;
    if (this.#failed.some((failed) => contains(place, failed))) return false;
    return this.#allBefore(place).every((before) => before === null || this.#isKnown(before));
  }

  #isKnown(place: Place): boolean {
    return this.#completed.some((made) => contains(made.place, place));
  }

  /** By dimension the next smaller place; null: there is none of interest. */
  #allBefore(place: Place): (Place | null)[] {
    return place.map((at, axis) => {
      for (let smaller = at - 1; smaller >= 0; smaller--) {
        const before = place.with(axis, smaller);
        if (this.#isOfInterest(before)) return before;
      }
      return null;
    });
  }

  /**
   * With preemptions and busy time go no fault, one, or as many as there may be. A fault that is not allowed to strike needs no
   * level.
   */
  #isOfInterest([faults = 0, preemptions = 0, busy = 0, unmatched = 0]: Place): boolean {
    const last = this.#lastFaults(unmatched);
    if (faults > last || (unmatched > 0 && this.#axes.faults[faults] === 0)) return false;
    return preemptions + busy + unmatched === 0 || faults <= 1 || faults === last;
  }

  #expectedMs(place: Place): number {
    if (this.#completed.length === 0) return 0;
    // Small levels spend most of their time on other things than their edges, so the lowest figure is the best estimate.
    const msPerEdge = Math.min(...this.#completed.map(({ edges, ms }) => ms / Math.max(1, edges)));
    const edges = this.#allBefore(place).map((before, axis) =>
      before === null ? 0 : this.#edgesOf(before) * this.#growth(axis, place[axis]!),
    );
    return Math.max(...edges) * msPerEdge;
  }

  /** Of a level that was completed, or the smallest that contains it. */
  #edgesOf(place: Place): number {
    const larger = this.#completed.filter((made) => contains(made.place, place));
    const exact = larger.find((made) => contains(place, made.place));
    return exact?.edges ?? Math.min(...larger.map(({ edges }) => edges));
  }

  /** The largest that was measured between these two values, or the last two before them, or the usual. */
  #growth(axis: number, at: number): number {
    const steps = this.#completed.flatMap(({ place, edges }) => {
      const smaller = this.#allBefore(place)[axis]!;
      const before = smaller && this.#completed.find((made) => isSame(made.place, smaller));
      if (!before || before.edges < ENOUGH_EDGES || place[axis]! > at) return [];
      return [{ at: place[axis]!, by: edges / before.edges }];
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
    if (busy > 0 || many) return REST;
    if (preemptions === 0) return unmatched > 0 ? 1 : 0;
    return faults === 0 || (faults === 1 && preemptions === 1) ? 0 : 2;
  }

  /** The place of as many faults as there may be. */
  #lastFaults(unmatched: number): number {
    const { faults, matchedFaults } = this.#axes;
    return unmatched > 0 ? faults.length - 1 : Math.max(0, faults.indexOf(matchedFaults));
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

function isSame(one: Place, other: Place): boolean {
  return one.every((at, axis) => at === other[axis]);
}
