/** Makes a scenario of its options, and refuses what makes no sense. */
import { FileSystem } from '../sim/vfs/index.ts';
import { containersOf } from './containers.ts';
import { describeIssues } from './option-issues.ts';
import type { Scenario, ScenarioOptions } from './options.ts';
import { hashOf } from './scenario-hash.ts';
import { acceptedAt, PARTS, shape } from './schema.ts';

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

/** A scenario is described wrongly: says where, what was got, and what is accepted. */
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
  for (const { program } of whole.start) {
    if (Object.hasOwn(whole.programs, program)) continue;
    const known = Object.keys(whole.programs).join(', ');
    throw new ScenarioError(
      `scenario ${whole.id}: start names the program ${JSON.stringify(program)}; its programs are ${known}`,
    );
  }
  checkProcesses(whole);
  checkInvariants(whole);
  checkFiles(whole);
  return Object.freeze({
    ...whole,
    programs: new Map(Object.entries(whole.programs)),
    hash: hashOf(whole),
  });
}

/** PIDs and parents that a script cannot mean. */
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
    if (pidNamespace === undefined) throw wrong(`pid ${pid} needs a pidNamespace in which it is borne`);
    const whose = `${pidNamespace} ${pid}`;
    if (count > 1 || pids.has(whose))
      throw wrong(
        `pid ${pid} of ${pidNamespace} would be that of several processes: expected count 1, and another pid for each start`,
      );
    pids.add(whose);
  }
}

function checkInvariants({ id, invariants }: Pick<ScenarioOptions, 'id' | 'invariants'>): void {
  const names = new Set<string>();
  for (const each of invariants) {
    const { kind, name } = each;
    for (const part of PARTS[kind]) {
      if ((each as unknown as Record<string, unknown>)[part] !== undefined) continue;
      throw new ScenarioError(
        `scenario ${id}: the invariant ${JSON.stringify(name)} has no ${part}: make it with ${kind}(…)`,
      );
    }
    if (names.has(name)) {
      throw new ScenarioError(`scenario ${id}: two invariants have the name ${JSON.stringify(name)}`);
    }
    names.add(name);
  }
}

function checkFiles({ id, machine }: Required<Pick<ScenarioOptions, 'id' | 'machine'>>): void {
  try {
    new FileSystem({ wallMs: () => 0 }).load(machine.files ?? {});
  } catch (error) {
    throw new ScenarioError(`scenario ${id}: machine.files: ${(error as Error).message}`);
  }
}
