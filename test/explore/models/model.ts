// A generated model: what its processes do, on which machine, under which fault. Plain data, so that it can be printed and repeated.
import {
  isSystemError,
  type Keeps,
  type Machine,
  type OperationName,
  type Ports,
  type Program,
  portsOf,
  seamOf,
} from '../../../src/ports/index.ts';
import {
  always,
  atMostOneOwner,
  eventually,
  type Invariant,
  type Scenario,
  type Start,
  scenario,
} from '../../../src/scenario/index.ts';
import type { FaultName, FaultSettings, MachineOptions } from '../../../src/sim/index.ts';
import { FIRST_PID, type Hands, LAST_PID, STEPS, type Step } from './steps.ts';

export interface Model {
  /** What each process does, step by step, whatever the results are. The exit code is made of all results. */
  readonly processes: readonly ProcessOfModel[];
  /** What a child does that a process starts. */
  readonly child: readonly Step[];
  readonly way: Way;
  readonly machine: MachineOptions;
  readonly fault: { readonly name: FaultName; readonly settings: Partial<FaultSettings> } | null;
  readonly judge: Judge;
}

export interface ProcessOfModel {
  readonly steps: readonly Step[];
  /** How it starts. */
  readonly start: Omit<Start, 'program'>;
}

/**
 * How a process goes through its steps: one after the other; each in a summary; as a loop in one summary; or all at once, each in a
 * summary.
 */
export type Way = 'plain' | 'summaries' | 'loop' | 'at once';

/** What the invariants look at. `notes` remembers the order in which things were seen; `claims` can be violated. */
export type Judge = 'nothing' | 'files' | 'notes' | 'claims' | 'processes';

/**
 * Processes with equal steps are several starts of one program.
 *
 * @param onOperation is called with each operation that a process requests
 */
export function scenarioOf(model: Model, onOperation: (name: OperationName) => void = () => {}): Scenario {
  const { processes, child, way, machine, fault, judge } = model;
  const programs: Record<string, Program> = { child: programOf(child, 'plain', onOperation) };
  const names = new Map<string, string>();
  const start = processes.map((process, i): Start => {
    const key = JSON.stringify(process.steps);
    const program = names.get(key) ?? `p${i}`;
    names.set(key, program);
    programs[program] ??= programOf(process.steps, way, onOperation);
    return { program, ...process.start };
  });
  return scenario({
    id: 'generated/model/any',
    programs,
    start,
    machine: {
      files: { '/d/a': 'abc', '/d/sub': null },
      ...{ operationUs: 0, busyMs: 0, firstPid: FIRST_PID, pidMax: LAST_PID },
      ...machine,
    },
    faults: fault === null ? {} : { [fault.name]: { max: 1, ...fault.settings } },
    faultsForMs: 13,
    settleMs: 15,
    maxSteps: 400,
    crashes: 'allowed',
    invariants: INVARIANTS[judge],
  });
}

const INVARIANTS: Readonly<Record<Judge, readonly Invariant[]>> = {
  nothing: [],
  files: [eventually('files are looked at', (world) => (world.files() ? null : 'no'))],
  notes: [
    always('what was seen is noted', ({ invariantState, currentClaims }) => {
      const order = (invariantState.get('order') as string | undefined) ?? '';
      const now = currentClaims.map(({ process }) => process.name).join();
      if (!order.endsWith(`;${now}`)) invariantState.set('order', `${order};${now}`);
      return null;
    }),
  ],
  claims: [atMostOneOwner],
  processes: [
    always('processes are counted', ({ invariantState, processes }) => {
      const most = (invariantState.get('most') as number | undefined) ?? 0;
      const now = processes.filter(({ state }) => state === 'running').length;
      if (now > most) invariantState.set('most', now);
      return null;
    }),
  ],
};

function programOf(steps: readonly Step[], way: Way, onOperation: (name: OperationName) => void): Program {
  return async (own) => {
    const ports = observed(own, onOperation);
    let told = 7;
    const tell = (what: unknown): void => {
      for (const character of JSON.stringify(what ?? null))
        told = (told * 31 + character.charCodeAt(0)) % 251;
    };
    const hands: Hands = { ports, fds: [], children: [], tell };
    const perform = async (step: Step): Promise<unknown> => {
      try {
        return await STEPS[step.does](hands, step);
      } catch (error) {
        if (!isSystemError(error)) throw error;
        return error.code;
      }
    };
    await WAYS[way](ports, steps, perform, tell, () => [told, hands.fds, hands.children]);
    return told;
  };
}

type Goes = (
  ports: Ports,
  steps: readonly Step[],
  perform: (step: Step) => Promise<unknown>,
  tell: (what: unknown) => void,
  all: () => unknown,
) => Promise<void>;

const WAYS: Readonly<Record<Way, Goes>> = {
  plain: async (_, steps, perform, tell) => {
    for (const step of steps) tell(await perform(step));
  },
  summaries: async (ports, steps, perform, tell, all) => {
    for (const step of steps) await ports.summarize(async () => tell(await perform(step)), all);
  },
  loop: async (ports, steps, perform, tell, all) => {
    const loop = async (keeps: Keeps): Promise<void> => {
      for (const [i, step] of steps.entries()) {
        keeps([i, all()]);
        tell(await perform(step));
      }
    };
    await ports.summarize(loop, all);
  },
  'at once': async (_, steps, perform, tell) => {
    for (const what of await Promise.all(steps.map(perform))) tell(what);
  },
};

/** Ports of the same process that report its operations. */
function observed(own: Ports, onOperation: (name: OperationName) => void): Ports {
  const { machine, process } = seamOf(own);
  const observing: Machine = {
    get episodes() {
      return machine.episodes ?? null;
    },
    execute(caller, operation, resolve, reject) {
      onOperation(operation.op);
      return machine.execute(caller, operation, resolve, reject);
    },
  };
  return portsOf(observing, process);
}
