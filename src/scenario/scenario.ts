/** Makes a scenario from its options, and rejects inconsistent ones. */
import { FileSystem } from '../sim/vfs/index.ts';
import { BUILT_IN } from './built-in-invariants.ts';
import { containersOf } from './containers.ts';
import { asksForOwner } from './observed/judged-from-outside.ts';
import { describeIssues } from './option-issues.ts';
import type { Scenario, ScenarioOptions } from './options.ts';
import { hashOf } from './scenario-hash.ts';
import { acceptedAt, PARTS, shape } from './schema.ts';
import { suggesting } from './suggestions.ts';

const DEFAULTS = {
  about: '',
  remedy: '',
  expects: 'pass',
  faults: {},
  machine: {},
  faultsForMs: 3_000,
  settleMs: 10_000,
  maxSteps: 50_000,
  crashes: 'forbidden',
  ambient: 'forbidden',
} as const;

/** Invalid options of a scenario. The message says where, what was got, and what is accepted. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}

/**
 * Describes a scenario.
 *
 * @throws ScenarioError
 */
export function scenario(options: ScenarioOptions): Scenario {
  const whole = { ...DEFAULTS, ...options };
  const checked = shape.safeParse(whole);
  if (!checked.success) {
    const issues = describeIssues(checked.error.issues, whole, acceptedAt);
    const name = options?.id === undefined ? 'scenario' : `scenario ${JSON.stringify(options.id)}`;
    throw new ScenarioError(`${name}: ${issues}`);
  }
  for (const [i, { program }] of whole.start.entries()) {
    if (Object.hasOwn(whole.programs, program)) continue;
    const known = Object.keys(whole.programs);
    throw new ScenarioError(
      `scenario ${whole.id}: start[${i}].program: got ${JSON.stringify(program)}, which is not one of the programs${suggesting(program, known, `accepted: ${known.join(', ') || 'none'}`)}`,
    );
  }
  checkProcesses(whole);
  checkInvariants(whole);
  checkViolates(whole);
  checkFiles(whole);
  return Object.freeze({
    ...whole,
    programs: new Map(Object.entries(whole.programs)),
    hash: hashOf(whole),
  });
}

/** Rejects inconsistent PIDs, parents and containers. */
function checkProcesses({ id, start }: Pick<ScenarioOptions, 'id' | 'start'>): void {
  const named = new Set<string>();
  const pids = new Set<string>();
  const containers = containersOf(start);
  for (const { program, pidNamespace, hostname, network, pid, count = 1, parent } of start) {
    const wrong = (what: string): ScenarioError =>
      new ScenarioError(`scenario ${id}: start of ${JSON.stringify(program)}: ${what}`);
    if (parent !== undefined && !named.has(parent)) {
      throw wrong(`its parent is ${JSON.stringify(parent)}: expected a program that an earlier start names`);
    }
    named.add(program);
    const container = containers.get(pidNamespace ?? '');
    if (container !== undefined) {
      const other = (what: string, got: string, first: string): ScenarioError =>
        wrong(
          `its ${what} is ${JSON.stringify(got)}: another start of ${pidNamespace} says ${JSON.stringify(first)}; expected the same in all of them`,
        );
      if (hostname !== undefined && hostname !== container.hostname)
        throw other('hostname', hostname, container.hostname);
      if (network !== undefined && network !== container.network)
        throw other('network', network, container.network);
    }
    if (pid === undefined) continue;
    if (pidNamespace === undefined) throw wrong(`pid ${pid} requires a pidNamespace`);
    const whose = `${pidNamespace} ${pid}`;
    if (count > 1 || pids.has(whose))
      throw wrong(
        `pid ${pid} of ${pidNamespace} would be that of several processes: expected count 1, and another pid for each start`,
      );
    pids.add(whose);
  }
}

/** How to make an invariant of each kind. */
const EXPECTED = {
  always: (name: string) =>
    `expected always(${name}, (world) => …), where the function returns what is wrong, or null`,
  eventually: (name: string) =>
    `expected eventually(${name}, (world) => …), where the function returns what is wrong, or null`,
  sometimes: (name: string) => `expected sometimes(${name}, 'mark'), or a function instead of the mark`,
};

function checkInvariants({
  id,
  invariants,
  owner,
}: Pick<ScenarioOptions, 'id' | 'invariants' | 'owner'>): void {
  const names = new Set<string>();
  for (const each of invariants) {
    const { kind, name } = each;
    for (const part of PARTS[kind]) {
      if ((each as unknown as Record<string, unknown>)[part] !== undefined) continue;
      throw new ScenarioError(
        `scenario ${id}: the invariant ${JSON.stringify(name)} has no ${part}: ${part === 'when' ? 'make it with always(…)' : EXPECTED[kind](JSON.stringify(name))}`,
      );
    }
    if (each.kind !== 'sometimes' && owner === undefined && asksForOwner(each)) {
      throw new ScenarioError(
        `scenario ${id}: the invariant ${JSON.stringify(name)} asks who the owner is, and the scenario does not say how an owner is known: add the option owner, such as owner: { listensOn: { tcpPort: 7_000 } }`,
      );
    }
    if (names.has(name)) {
      throw new ScenarioError(`scenario ${id}: two invariants have the name ${JSON.stringify(name)}`);
    }
    names.add(name);
  }
}

/** A known bug that is said to violate an invariant that is not checked would never be found. */
function checkViolates({ id, violates, invariants }: ScenarioOptions): void {
  if (violates === undefined) return;
  const names = [...invariants.map(({ name }) => name), ...Object.values(BUILT_IN)];
  if (names.includes(violates)) return;
  throw new ScenarioError(
    `scenario ${id}: violates: got ${JSON.stringify(violates)}, which is not an invariant of the scenario${suggesting(violates, names, `accepted: ${names.join(', ')}`)}`,
  );
}

function checkFiles({ id, machine }: Required<Pick<ScenarioOptions, 'id' | 'machine'>>): void {
  try {
    new FileSystem({ wallMs: () => 0 }).load(machine.files ?? {});
  } catch (error) {
    throw new ScenarioError(`scenario ${id}: machine.files: ${(error as Error).message}`);
  }
}
