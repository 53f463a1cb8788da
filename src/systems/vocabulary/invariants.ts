/** Invariants and questions about a world that several systems share. */
import {
  type Always,
  always,
  type Complaint,
  eventually,
  type Invariant,
  type World,
} from '../../scenario/index.ts';

export type SeenProcess = World['processes'][number];

/** The unit of start times (USER_HZ), in milliseconds. */
export const MS_PER_TICK = 10;

/** Safety, checked after each step in which a process started, ended, was signalled or marked something. */
export function onChange(name: string, check: (world: World) => Complaint): Always {
  return always(name, check, { when: 'change' });
}

/** No process ever makes this mark. */
export function neverMarked(name: string, mark: string, complaint: string): Always {
  return onChange(name, ({ marks }) => (marks.has(mark) ? complaint : null));
}

/** Checked once for each new entry of a list, when it appears: what is true then need not be true later. */
export function forEachNew<T>(
  name: string,
  list: (world: World) => readonly T[],
  judge: (entry: T, world: World) => Complaint,
): Always {
  const seen = Symbol(name);
  return onChange(name, (world) => {
    const entries = list(world);
    const from = (world.invariantState.get(seen) as number | undefined) ?? 0;
    if (entries.length === from) return null;
    world.invariantState.set(seen, entries.length);
    for (const entry of entries.slice(from)) {
      const complaint = judge(entry, world);
      if (complaint !== null) return complaint;
    }
    return null;
  });
}

/** Checked when a process makes this mark. */
export function whenMarked(name: string, mark: string, judge: (world: World) => Complaint): Always {
  const times = ({ marks }: World): readonly number[] => Array.from({ length: marks.get(mark) ?? 0 });
  return forEachNew(name, times, (_, world) => judge(world));
}

/** Nothing of this kind is left at the end. */
export function noneLeft(
  name: string,
  left: (process: SeenProcess, world: World) => unknown,
  complaint: (process: SeenProcess) => string,
): Invariant {
  return eventually(name, (world) => {
    const process = world.processes.find((each) => left(each, world));
    return process === undefined ? null : complaint(process);
  });
}

/** No process of the system signals another. */
export const nothingSignalled = onChange('no process is signalled', ({ signals: [first] }) =>
  first === undefined ? null : `${first.sender.name} sent ${first.signal} to ${first.target.name}`,
);

/** No process is ended for the sake of ownership. */
export const noEviction = onChange('no process is evicted', ({ evictions: [first] }) =>
  first === undefined ? null : `${first.by.name} evicts ${first.of.name}`,
);

/** An owner that has been awake and running for longer than this is not evicted. In simulated milliseconds. */
export function soundOwnerStays(graceMs: number): Always {
  return onChange('a healthy owner is never evicted', ({ evictions }) => {
    const wrong = evictions.find(({ owns, runningForMs }) => owns && runningForMs > graceMs);
    return wrong === undefined ? null : `${wrong.by.name} evicts ${wrong.of.name}, which is alive and well`;
  });
}

export function isA({ name }: SeenProcess, program: string): boolean {
  return name.startsWith(`${program}#`);
}

/** Whether a process of this program has ended by itself, as it does only when it is asked to. */
export function hasQuit(program: string): (process: SeenProcess) => boolean {
  return (process) => isA(process, program) && process.exitCode === 0;
}

/** Whether any process of this program has quit, see {@link hasQuit}. */
export function anyHasQuit(program: string): (world: World) => boolean {
  return ({ processes }) => processes.some(hasQuit(program));
}

/** Those of the system that run or are stopped. */
export function living({ processes }: World, program: string): SeenProcess[] {
  return processes.filter((process) => process.alive && !process.foreign && isA(process, program));
}

export function namesOf(processes: readonly { readonly name: string }[]): string {
  return processes.length === 0 ? 'none' : processes.map(({ name }) => name).join(', ');
}
