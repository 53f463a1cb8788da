import { type Scenario, ScenarioError, type ScenarioOptions, type Start, scenario } from './scenario.ts';

/** How far a search of every schedule goes: a scenario cut down to what can be searched whole. */
export interface Bounds {
  /** How many start at once; nobody comes later. */
  contenders: number;
  /** How many of them, at most, are killed, each at any point. */
  crashes: number;
  /** How many stops there are at most, each at any point and of any length that the scenario, or else the fault, knows. */
  stops: number;
  /** How many files vanish at most, each at any point. */
  losses: number;
  /** How long in all time may pass although somebody could go on, in simulated milliseconds: slow processes. */
  busyMs: number;
}

const NAMES = [
  'contenders',
  'crashes',
  'stops',
  'losses',
  'busyMs',
] as const satisfies readonly (keyof Bounds)[];
/** More would not fit into a token's name, or into anybody's patience. */
const MOST = 1_000_000;

/**
 * A scenario within bounds. Its operations take no time: time passes when nobody can go on, or as `busyMs` allows. Its id
 * tells the bounds, so that a token of it can be replayed: `model/lock/cold-start+contenders=2+crashes=1`.
 *
 * @throws ScenarioError
 */
export function bounded(whole: Scenario, bounds: Bounds): Scenario {
  for (const name of NAMES) {
    const value = bounds[name];
    const least = name === 'contenders' ? 1 : 0;
    if (Number.isInteger(value) && value >= least && value <= MOST) continue;
    throw new ScenarioError(
      `${whole.id}: ${name} is ${value}: expected a whole number from ${least} to ${MOST}`,
    );
  }
  const { contenders, crashes, stops, losses, busyMs } = bounds;
  const { kill, stop, 'lose-state': lose } = whole.faults;
  const { hash: _, programs, ...rest } = whole;
  const options: ScenarioOptions = {
    ...rest,
    id: `${whole.id}${suffixOf(bounds)}`,
    programs: Object.fromEntries(programs),
    start: startOf(whole, contenders),
    faults: {
      ...(crashes > 0 && { kill: { ...settingsOf(kill), max: crashes } }),
      ...(stops > 0 && { stop: { ...settingsOf(stop), max: stops } }),
      ...(losses > 0 && { 'lose-state': { ...settingsOf(lose), max: losses } }),
    },
    machine: {
      ...whole.machine,
      operationUs: 0,
      busyMs,
      inodes: 'by-creator',
      readdirBatch: Number.POSITIVE_INFINITY,
    },
  };
  return scenario(options);
}

/** The scenario that an id with bounds means; undefined when it has none, or they make no sense. */
export function findBounded(id: string, find: (id: string) => Scenario | undefined): Scenario | undefined {
  const [base = '', ...parts] = id.split('+');
  const whole = parts.length === 0 ? undefined : find(base);
  if (whole === undefined) return undefined;
  const bounds: Bounds = { contenders: 1, crashes: 0, stops: 0, losses: 0, busyMs: 0 };
  for (const part of parts) {
    const [name, digits] = part.split('=');
    const known = NAMES.find((candidate) => candidate.toLowerCase() === name);
    if (known === undefined || !/^\d{1,7}$/.test(digits ?? '')) return undefined;
    bounds[known] = Number(digits);
  }
  return suffixOf(bounds) === id.slice(base.length) ? bounded(whole, bounds) : undefined;
}

function suffixOf(bounds: Bounds): string {
  return NAMES.filter((name) => bounds[name] > 0)
    .map((name) => `+${name.toLowerCase()}=${bounds[name]}`)
    .join('');
}

/** Of those who start of themselves the first kind, as many as asked; whoever else of that program comes later does not. */
function startOf({ start }: Scenario, contenders: number): Start[] {
  const first = start.find(({ foreign, phase }) => !foreign && phase !== 'settle');
  if (first === undefined) return [...start];
  const others = start.filter(
    (other) => other !== first && (other.foreign || other.program !== first.program),
  );
  return start.includes(first) ? [{ ...first, count: contenders }, ...others] : others;
}

function settingsOf<T extends object>(setting: number | T | undefined): Partial<T> {
  return typeof setting === 'object' ? setting : {};
}
