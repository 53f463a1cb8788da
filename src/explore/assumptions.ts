import type { Scenario } from '../scenario/index.ts';
import { plannedFaults } from '../scenario/index.ts';
import type { FaultName } from '../sim/index.ts';

/**
 * What a search may take for granted until an operation shows otherwise: then it begins anew without. Each is true of nearly
 * every program, and none can be known beforehand.
 */
export interface Assumptions {
  /** No directory is removed, renamed, replaced by a link, or made inaccessible. */
  directoriesStay: boolean;
  /** No process writes to a file that another has read. */
  contentsStay: boolean;
  /** No process opens or looks at a file that another has created and not yet published under a second name. */
  draftsPrivate: boolean;
  /** A file has one path, but for those that link(2) gives it. */
  pathsPlain: boolean;
  /** No process asks how many names a file has that another has created. */
  linksUncounted: boolean;
  /** No invariant looks at files. */
  filesUnwatched: boolean;
  /** Paths that one process creates a file at and another looks at, or lists. All other paths are assumed to be private. */
  readonly shared: Set<string>;
}

export type Assumption = Exclude<keyof Assumptions, 'shared'>;

const IN_WORDS: Readonly<Record<Assumption, string>> = {
  directoriesStay: 'no directory is removed or replaced',
  contentsStay: 'no process writes to a file that another has read',
  draftsPrivate: 'no process opens a file that another has not yet published',
  pathsPlain: 'no path leads through a symbolic link, `.` or `..`',
  linksUncounted: 'no process asks how many names a file of another has',
  filesUnwatched: 'no invariant looks at files',
};

/**
 * These change neither directories nor what a file holds, and make no operation fail on what is open or on a directory. A
 * file that vanishes loses its name: who has it open reads and writes it as before.
 */
const HARMLESS: readonly FaultName[] = ['kill', 'stop', 'pid-reuse', 'parent-death', 'lose-state'];

export function isHarmless(scenario: Scenario): boolean {
  return plannedFaults(scenario).every((name) => HARMLESS.includes(name));
}

export function assumptionsFor(scenario: Scenario): Assumptions {
  const harmless = isHarmless(scenario);
  const { twoPhase, capacityBytes = Number.POSITIVE_INFINITY } = scenario.machine;
  // An effect that comes before its result, or a disk that another fills: nothing is one process's own.
  const own = harmless && !twoPhase?.length && capacityBytes === Number.POSITIVE_INFINITY;
  return {
    directoriesStay: harmless,
    contentsStay: harmless,
    draftsPrivate: own,
    pathsPlain: own,
    linksUncounted: own,
    filesUnwatched: own,
    shared: new Set(),
  };
}

/** Those that still stand. */
export function describe(assumptions: Assumptions): string[] {
  const names = Object.keys(IN_WORDS) as Assumption[];
  return [
    ...names.filter((name) => assumptions[name]).map((name) => IN_WORDS[name]),
    ...(assumptions.pathsPlain ? [shownShared(assumptions.shared)] : []),
  ];
}

function shownShared(shared: ReadonlySet<string>): string {
  const but = shared.size === 0 ? '' : `, but for ${shared.size} that the search has met`;
  return `no process looks at a path at which only another creates files${but}`;
}
