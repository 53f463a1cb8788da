import { ClockPort } from './clock.ts';
import { FsPort } from './fs.ts';
import type { Episode, Machine } from './machine.ts';
import { checkMark } from './mark.ts';
import { NetPort } from './net.ts';
import type { MarkData } from './operation.ts';
import { ProbePort } from './probe.ts';
import { ProcessPort } from './process.ts';

/** All that a program may ask of its machine. */
export interface Ports {
  readonly fs: FsPort;
  readonly clock: ClockPort;
  readonly process: ProcessPort;
  readonly probe: ProbePort;
  readonly net: NetPort;
  /**
   * Says what this moment means, for invariants and traces: takes no time and is no scheduling point.
   *
   * @throws TypeError when the data cannot be written down: see {@link MarkData}
   */
  mark(name: string, data?: MarkData): void;
  /**
   * Does some work of which the program keeps nothing but the result. A search of every schedule then takes two processes
   * for the same that differ only in how they came to it. Nothing else of the program may go on meanwhile. Everywhere else it is
   * just a call, and takes no step of its own.
   *
   * @param work may say at the head of a loop what it keeps so far, besides what it had when it began: by `keeps`
   * @param kept all that matters of the result, and whatever else the work has changed in the program's memory, as plain
   *   data; the result itself unless said
   */
  episode<T>(work: (keeps: Keeps) => Promise<T>, kept?: (result: T) => unknown): Promise<T>;
}

/** Says that this is all that a program keeps of an episode so far. Plain data, and another for each place in the program. */
export type Keeps = (all: unknown) => void;

/** A daemon, a contender, a client, a helper: anything that runs as a process. The result is its exit code. */
export type Program = (ports: Ports, argv: readonly string[]) => Promise<number | undefined | void>;

/** Where ports keep what they were made of. */
const SEAM = Symbol('seam');

/** A machine and a process of it: what ports are made of. */
export interface Seam {
  readonly machine: Machine;
  readonly process: unknown;
}

/**
 * What ports were made of, to make other ports of the same process.
 *
 * @throws TypeError when the ports were not made by {@link portsOf}
 */
export function seamOf(ports: Ports): Seam {
  const seam = (ports as { [SEAM]?: Seam })[SEAM];
  if (seam === undefined) throw new TypeError('these ports are not those of a process: pass them on whole');
  return seam;
}

const NO_DATA: MarkData = Object.freeze({});
const ignore = (): void => {};
const same = <T>(value: T): T => value;

/** The ports of one process of a machine. */
export function portsOf(machine: Machine, process: unknown): Ports {
  const ports: Ports & { [SEAM]: Seam } = {
    [SEAM]: { machine, process },
    fs: new FsPort(machine, process),
    clock: new ClockPort(machine, process),
    process: new ProcessPort(machine, process),
    probe: new ProbePort(machine, process),
    net: new NetPort(machine, process),
    mark(name, data = NO_DATA) {
      if (data !== NO_DATA) checkMark(name, data);
      machine.execute(process, { op: 'mark', name, data }, ignore, ignore);
    },
    episode(work, kept = same) {
      const { episodes } = machine;
      return episodes ? tellOf(episodes.begins(process), work, kept) : work(ignore);
    },
  };
  return ports;
}

async function tellOf<T>(
  episode: Episode,
  work: (keeps: Keeps) => Promise<T>,
  kept: (result: T) => unknown,
): Promise<T> {
  let result: T;
  try {
    result = await work((all) => episode.keeps(all));
  } catch (error) {
    episode.fails();
    throw error;
  }
  episode.ends(kept(result));
  return result;
}
