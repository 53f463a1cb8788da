/** The invariant that the whole project is about: at the end exactly one process is left, and it serves. */
import { type Complaint, type Eventually, eventually } from './invariant.ts';
import type { World } from './world.ts';

type SeenProcess = World['processes'][number];

/** What counts as a survivor. */
export interface OneSurvivorOptions {
  /** Completes the name "one survivor of …": for a scenario with more than one such invariant. Default: the name is "one survivor". */
  of?: string;
  /**
   * The candidates: a program, of which all processes count that run, or are stopped, and are not foreign; or a function.
   * Default: the processes that own, according to their marks.
   */
  among?: string | ((world: World) => readonly SeenProcess[]);
  /** What is wrong with the only candidate; `null` if it serves. A candidate that is stopped does not serve anyway. */
  serves?: (survivor: SeenProcess, world: World) => Complaint;
  /** Whether no survivor is needed, for example because there is nothing to serve: then it holds whatever is left. */
  unless?: (world: World) => boolean;
  /** Added to the message when the number is wrong: why there is none, for example. */
  because?: (world: World) => string;
}

/**
 * Liveness: at the end, after the faults have stopped and the system has settled, exactly one process survives, it runs, and it serves.
 *
 * `oneSurvivor()` counts the processes that have marked `own`; `oneSurvivor({ among: 'worker' })` the living processes of a program.
 */
export function oneSurvivor({ of, among, serves, unless, because }: OneSurvivorOptions = {}): Eventually {
  const candidatesIn = typeof among === 'function' ? among : (world: World) => defaultsIn(world, among);
  return eventually(of === undefined ? ONE_SURVIVOR : `${ONE_SURVIVOR} of ${of}`, (world) => {
    if (unless?.(world)) return null;
    const candidates = candidatesIn(world);
    const [survivor] = candidates;
    if (survivor === undefined || candidates.length > 1) {
      const names = candidates.map(({ name }) => name).join(' and ');
      const count =
        candidates.length === 0 ? 'there is no survivor' : `${candidates.length} survivors: ${names}`;
      return because === undefined ? count : `${count}; ${because(world)}`;
    }
    if (survivor.state !== 'running') return `the survivor, ${survivor.name}, is ${survivor.state}`;
    return serves?.(survivor, world) ?? null;
  });
}

/** The beginning of the names of these invariants. */
export const ONE_SURVIVOR = 'one survivor';

function defaultsIn(
  { processes, currentClaims }: World,
  program: string | undefined,
): readonly SeenProcess[] {
  if (program === undefined) return currentClaims.map(({ process }) => process);
  return processes.filter(({ name, alive, foreign }) => alive && !foreign && name.startsWith(`${program}#`));
}
