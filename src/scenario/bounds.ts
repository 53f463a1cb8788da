/**
 * A bounded copy of a scenario: with other numbers of contenders and faults, and operations that take no time. The bounds are part
 * of its ID, so that its tokens can be replayed.
 */

import { FAULTS, type FaultName, type FaultPlan } from '../sim/index.ts';
import { checkScenario } from './arguments.ts';
import type { Scenario, ScenarioOptions, Start } from './options.ts';
import { plannedFaults } from './planned-faults.ts';
import { mostOf } from './run-bounds.ts';
import { ScenarioError, scenario } from './scenario.ts';

/** Faults with their own field in {@link Bounds}. */
const NAMED = { kill: 'crashes', stop: 'stops', 'lose-state': 'losses' } as const;

/** The faults in the field `faults` of {@link Bounds}. */
export type OtherFault = Exclude<FaultName, keyof typeof NAMED>;

/** The bounds of an exhaustive search. */
export interface Bounds {
  /** How many processes of the system start: the first ones, in the order of `start`. */
  contenders: number;
  /** At most how many kills, each at any point. */
  crashes: number;
  /** At most how many stops, each at any point and of any length that the scenario (or by default the fault) defines. */
  stops: number;
  /** At most how many lost files, each at any point. */
  losses: number;
  /** At most how often each other fault strikes. Default: none. */
  faults?: Readonly<Partial<Record<OtherFault, number>>>;
  /** For how long in total time may pass although a process could continue (slow processes), in simulated milliseconds. */
  busyMs: number;
}

/** The maximum of each bound: {@link findBounded} accepts up to seven digits. */
const MOST = 1_000_000;

/**
 * A bounded copy of a scenario. Its operations take no time: time passes only when no process can continue, or as far as `busyMs`
 * allows. A directory is read in one step, and inode numbers are not reused. The bounds are part of its ID:
 * `model/lock/cold-start+contenders=2+crashes=1`.
 *
 * The first processes of `start` remain, in the order of the entries. If the bounds ask for more than the scenario has, the counts
 * of its entries are increased in turn. Foreign processes always remain.
 *
 * @throws ScenarioError if a bound is invalid
 * @throws TypeError if it is not given a scenario
 */
export function bounded(whole: Scenario, bounds: Bounds): Scenario {
  checkScenario('bounded', whole);
  for (const [name, value] of entriesOf(bounds)) {
    const least = name === 'contenders' ? 1 : 0;
    if (Number.isInteger(value) && value >= least && value <= MOST) continue;
    throw new ScenarioError(
      `${whole.id}: ${name} is ${value}: expected a whole number from ${least} to ${MOST}`,
    );
  }
  const { hash: _, programs, ...rest } = whole;
  const options: ScenarioOptions = {
    ...rest,
    id: `${whole.id}${suffixOf(bounds)}`,
    programs: Object.fromEntries(programs),
    start: startOf(whole, bounds.contenders),
    faults: faultsOf(whole, bounds),
    machine: {
      ...whole.machine,
      operationUs: 0,
      busyMs: bounds.busyMs,
      inodes: 'by-creator',
      readdirBatch: Number.POSITIVE_INFINITY,
    },
  };
  return scenario(options);
}

/** The bounds that include all processes and faults of a scenario; `busyMs` is 0. */
export function boundsOf(whole: Scenario): Bounds {
  checkScenario('boundsOf', whole);
  const bounds: Bounds = {
    contenders: Math.max(1, contendersOf(whole)),
    ...{ crashes: 0, stops: 0, losses: 0, busyMs: 0 },
  };
  return plannedFaults(whole).reduce(
    (with_, name) => withFault(with_, name, Math.min(MOST, mostOf(whole, name))),
    bounds,
  );
}

/** The same bounds with another maximum for one fault. */
export function withFault(bounds: Bounds, name: FaultName, most: number): Bounds {
  if (isNamed(name)) return { ...bounds, [NAMED[name]]: most };
  return { ...bounds, faults: { ...bounds.faults, [name]: most } };
}

/** The maximum of each fault that may strike within the bounds. */
export function faultCounts(bounds: Bounds): Partial<Record<FaultName, number>> {
  const { crashes, stops, losses, faults } = bounds;
  const all = Object.entries({ kill: crashes, stop: stops, 'lose-state': losses, ...faults });
  return Object.fromEntries(all.filter(([, most]) => most > 0));
}

/** How many processes of the system a scenario starts. */
export function contendersOf({ start }: Pick<Scenario, 'start'>): number {
  return start.reduce((sum, { foreign, count = 1 }) => sum + (foreign ? 0 : count), 0);
}

/** Whether a scenario was made by {@link bounded}, according to its ID. */
export function isBounded({ id }: Pick<Scenario, 'id'>): boolean {
  return id.includes('+');
}

/** The scenario with this bounded ID; `undefined` if the ID has no bounds, or invalid ones. */
export function findBounded(id: string, find: (id: string) => Scenario | undefined): Scenario | undefined {
  const [base = '', ...parts] = id.split('+');
  const whole = parts.length === 0 ? undefined : find(base);
  if (whole === undefined) return undefined;
  let bounds: Bounds = { contenders: 1, crashes: 0, stops: 0, losses: 0, busyMs: 0 };
  for (const part of parts) {
    const [name = '', digits = ''] = part.split('=');
    if (!/^\d{1,7}$/.test(digits)) return undefined;
    const value = Number(digits);
    const field = FIELDS.find((candidate) => candidate.toLowerCase() === name);
    if (field !== undefined) bounds = { ...bounds, [field]: value };
    else if (Object.hasOwn(FAULTS, name)) bounds = withFault(bounds, name as FaultName, value);
    else return undefined;
  }
  return suffixOf(bounds) === id.slice(base.length) ? bounded(whole, bounds) : undefined;
}

const FIELDS = ['contenders', 'crashes', 'stops', 'losses', 'busyMs'] as const;

/** The bounds in the order in which an ID names them. */
function entriesOf({ contenders, crashes, stops, losses, busyMs, faults = {} }: Bounds): [string, number][] {
  const others = Object.keys(FAULTS).filter((name) => Object.hasOwn(faults, name));
  return [
    ...Object.entries({ contenders, crashes, stops, losses }),
    ...others.map((name): [string, number] => [name, faults[name as OtherFault]!]),
    ['busyMs', busyMs],
  ];
}

function suffixOf(bounds: Bounds): string {
  return entriesOf(bounds)
    .filter(([, value]) => value > 0)
    .map(([name, value]) => `+${name.toLowerCase()}=${value}`)
    .join('');
}

function faultsOf({ faults }: Scenario, bounds: Bounds): FaultPlan {
  const counts = Object.entries(faultCounts(bounds)) as [FaultName, number][];
  return Object.fromEntries(
    counts.map(([name, max]) => {
      const known = faults[name];
      return [name, { ...(typeof known === 'object' && known), max }];
    }),
  );
}

function startOf(whole: Scenario, contenders: number): Start[] {
  const counts = countsOf(whole, contenders);
  const programs = new Set<string>();
  return whole.start.flatMap((start, i) => {
    const { program, parent, foreign } = start;
    const count = counts[i]!;
    // A foreign process whose parent does not start cannot start either.
    if (count === 0 || (foreign && parent !== undefined && !programs.has(parent))) return [];
    programs.add(program);
    return count === (start.count ?? 1) ? [start] : [{ ...start, count }];
  });
}

/** For each entry of `start`, how many of its processes remain. */
function countsOf(whole: Scenario, contenders: number): number[] {
  let left = contenders;
  const counts = whole.start.map(({ foreign, count = 1 }) => {
    if (foreign) return count;
    const some = Math.min(left, count);
    left -= some;
    return some;
  });
  // An entry with a fixed PID cannot have more than one process.
  const growing = counts.flatMap((_, i) => {
    const { foreign, pid } = whole.start[i]!;
    return foreign || pid !== undefined ? [] : [i];
  });
  for (let at = 0; left > 0 && growing.length > 0; at++, left--) counts[growing[at % growing.length]!]!++;
  return counts;
}

function isNamed(name: FaultName): name is keyof typeof NAMED {
  return Object.hasOwn(NAMED, name);
}
