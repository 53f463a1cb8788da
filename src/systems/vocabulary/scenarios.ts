/** Families of scenarios: what they share is said once, and the id of each is its key. */
import { type Invariant, type Scenario, type ScenarioOptions, scenario } from '../../scenario/index.ts';
import { type Starting, startOf } from './starts.ts';

/** What a family shares, or one of its scenarios has of its own. */
export interface Member extends Partial<Omit<ScenarioOptions, 'id' | 'start' | 'violates'>> {
  start?: readonly Starting[];
  /**
   * The invariant that a known bug violates: it is checked too, and the scenario expects the violation. A text names one that
   * is always checked, such as `no program crashes`.
   */
  breaks?: Invariant | string;
}

/**
 * The scenarios of a family, in the order of their keys: `scenariosOf('claude-mem/after', shared, { suspend: { … } })` makes
 * `claude-mem/after/suspend`. A member's programs, files and invariants are added to those of the family; everything else
 * replaces what the family says.
 *
 * @throws ScenarioError
 */
export function scenariosOf(
  prefix: string,
  shared: Member,
  members: Readonly<Record<string, Member>>,
): readonly Scenario[] {
  return Object.entries(members).map(([name, member]) => scenarioOf(`${prefix}/${name}`, shared, member));
}

/** One scenario of a family. */
export function scenarioOf(id: string, shared: Member, member: Member): Scenario {
  const { breaks, start = [], ...rest } = { ...shared, ...member };
  return scenario({
    ...rest,
    id,
    ...(breaks !== undefined && { expects: 'violation', violates: nameOf(breaks) }),
    start: start.map(startOf),
    programs: { ...shared.programs, ...member.programs },
    machine: machineOf(shared, member),
    invariants: invariantsOf(shared, member),
  });
}

function machineOf(
  { machine: common }: Member,
  { machine: own }: Member,
): NonNullable<ScenarioOptions['machine']> {
  const files = { ...common?.files, ...own?.files };
  return { ...common, ...own, ...((common?.files ?? own?.files) && { files }) };
}

function nameOf(invariant: Invariant | string): string {
  return typeof invariant === 'string' ? invariant : invariant.name;
}

/** The broken one comes first, unless it is listed. */
function invariantsOf(shared: Member, { breaks, invariants = [] }: Member): readonly Invariant[] {
  const listed = [...(shared.invariants ?? []), ...invariants];
  if (breaks === undefined || typeof breaks === 'string' || listed.includes(breaks)) return listed;
  return [breaks, ...listed];
}
