import { ClockPort } from './clock.ts';
import { FsPort } from './fs.ts';
import { ignore } from './ignore.ts';
import type { Episode, Machine } from './machine.ts';
import { checkMark } from './mark.ts';
import { NetPort } from './net.ts';
import type { MarkData } from './operation.ts';
import { ProbePort } from './probe.ts';
import { ProcessPort } from './process.ts';

/** Everything that a program may use: its access to files, processes, clocks and sockets. */
export interface Ports {
  readonly fs: FsPort;
  readonly clock: ClockPort;
  readonly process: ProcessPort;
  readonly probe: ProbePort;
  readonly net: NetPort;
  /**
   * Declares a fact about the program, for invariants and traces. Takes no time, and is not a scheduling point.
   *
   * @throws TypeError if the data is not plain: see {@link MarkData}
   */
  mark(name: string, data?: MarkData): void;
  /**
   * Runs `work`, and promises that the program keeps nothing of it except a summary. `explore` can then treat two processes as
   * equal that reached the same summary in different ways. The program must do nothing else meanwhile. Outside `explore` this is
   * an ordinary call, and takes no step of its own. For example:
   *
   *   const isFree = await ports.summarize(async () => (await ports.fs.readdir('/locks')).length === 0);
   *
   * @param work may call `keeps` at the head of a loop with what it has kept so far, besides what it had at the beginning
   * @param summary returns, as plain data, the relevant part of the result and everything else that the work has changed in the
   *   program's memory. Default: the result
   */
  summarize<T>(work: (keeps: Keeps) => Promise<T>, summary?: (result: T) => unknown): Promise<T>;
  /** @deprecated Use {@link Ports.summarize}. This name works until version 0.3. */
  episode<T>(work: (keeps: Keeps) => Promise<T>, summary?: (result: T) => unknown): Promise<T>;
}

/** Declares everything that a program has kept so far of work that is summarized. Plain data, and different for each place in the program. */
export type Keeps = (all: unknown) => void;

/** Anything that runs as a process: a daemon, a contender, a client, a helper. The result is its exit code. */
export type Program = (ports: Ports, argv: readonly string[]) => Promise<number | undefined | void>;

/** The property in which ports keep their machine and process. */
const SEAM = Symbol('seam');

/** A machine and one of its processes: what ports are made from. */
export interface Seam {
  readonly machine: Machine;
  readonly process: unknown;
}

/**
 * The machine and process of these ports, to make other ports for the same process.
 *
 * @throws TypeError if the ports were not made by {@link portsOf}
 */
export function seamOf(ports: Ports): Seam {
  const seam = (ports as { [SEAM]?: Seam })[SEAM];
  if (seam === undefined)
    throw new TypeError('not the ports of a process: pass on the object that the program received');
  return seam;
}

const NO_DATA: MarkData = Object.freeze({});
const same = <T>(value: T): T => value;

/** The ports of one process of a machine. */
export function portsOf(machine: Machine, process: unknown): Ports {
  const summarize: Ports['summarize'] = (work, summary = same) => {
    const { episodes } = machine;
    return episodes ? summarized(episodes.begins(process), work, summary) : work(ignore);
  };
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
    summarize,
    episode: summarize,
  };
  return ports;
}

async function summarized<T>(
  episode: Episode,
  work: (keeps: Keeps) => Promise<T>,
  summary: (result: T) => unknown,
): Promise<T> {
  let result: T;
  try {
    result = await work((all) => episode.keeps(all));
  } catch (error) {
    episode.fails();
    throw error;
  }
  episode.ends(summary(result));
  return result;
}
