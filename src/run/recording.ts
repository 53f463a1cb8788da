import type { Scenario } from '../scenario/options.ts';
import { parentPid, type SimProcess } from '../sim/index.ts';
import { executeOne } from './execute.ts';
import type { Failure } from './failure.ts';
import { ReplayedChoices, type Schedule } from './recorded-choices.ts';
import { Run } from './run.ts';
import type { TraceEvent } from './trace.ts';

/** A run with all that was on its machine, moment by moment. */
export interface Recording {
  readonly events: readonly TraceEvent[];
  readonly frames: readonly Snapshot[];
  /** Of each event the last frame that holds once it, and all else of its step, has happened. */
  readonly frameOf: readonly number[];
  readonly failure: Failure | null;
}

/** What has changed on the machine. Fields that are left out have not. */
export interface Snapshot {
  /** Path to text; null: an empty directory; false: it is there no more. Those that are left out are as before. */
  readonly files?: Readonly<Record<string, string | null | false>>;
  /** All that exist now, zombies included. */
  readonly processes?: readonly RecordedProcess[];
  readonly listeners?: readonly RecordedListener[];
}

export interface RecordedProcess {
  readonly name: string;
  readonly pid: number;
  /** As the process itself sees it. */
  readonly ppid: number;
  readonly state: SimProcess['state'];
  readonly command: readonly string[];
  readonly foreign: boolean;
  /** It says that it is the owner, and no higher fencing token has been granted. */
  readonly owns: boolean;
  /** Its fencing token, if it owns and has one. */
  readonly token: number | null;
}

export interface RecordedListener {
  /** `127.0.0.1:4711`, or the path of a Unix socket. */
  readonly address: string;
  /** The names of those that have it open. */
  readonly holders: readonly string[];
  /** Requests that nobody has accepted yet. */
  readonly queued: number;
}

/** Runs a schedule once more, and looks at the machine after each step. Slower than a run, for one that is shown. */
export async function record(
  scenario: Scenario,
  schedule: Schedule,
  patienceMs?: number,
): Promise<Recording> {
  const events: TraceEvent[] = [];
  const run = new RecordedRun(scenario, new ReplayedChoices(schedule), { trace: events });
  run.look(events.length);
  run.onSettled = () => run.look(events.length);
  const failure = await executeOne(run, patienceMs);
  run.look(events.length);
  return { events, frames: run.frames, frameOf: run.frameOf, failure };
}

class RecordedRun extends Run {
  readonly frames: Snapshot[] = [];
  readonly frameOf: number[] = [];
  onSettled: () => void = () => {};
  #files: Readonly<Record<string, string | null>> = {};
  #processes = '';
  #listeners = '';

  override settled(): void {
    super.settled();
    this.onSettled();
  }

  /** @param events how many have happened by now */
  look(events: number): void {
    const files = this.#changedFiles();
    const processes = this.#table();
    const listeners = this.#sockets();
    const processesNow = JSON.stringify(processes);
    const listenersNow = JSON.stringify(listeners);
    const frame: Snapshot = {
      ...(files !== null && { files }),
      ...(processesNow !== this.#processes && { processes }),
      ...(listenersNow !== this.#listeners && { listeners }),
    };
    this.#processes = processesNow;
    this.#listeners = listenersNow;
    if (Object.keys(frame).length > 0) this.frames.push(frame);
    while (this.frameOf.length < events) this.frameOf.push(this.frames.length - 1);
  }

  #changedFiles(): Record<string, string | null | false> | null {
    const before = this.#files;
    const now = this.world.files();
    const changed: [string, string | null | false][] = [];
    for (const path of Object.keys(now)) {
      if (!Object.hasOwn(before, path) || before[path] !== now[path]) changed.push([path, now[path]!]);
    }
    for (const path of Object.keys(before)) if (!Object.hasOwn(now, path)) changed.push([path, false]);
    this.#files = now;
    return changed.length === 0 ? null : Object.fromEntries(changed);
  }

  #table(): RecordedProcess[] {
    const claims = this.world.currentClaims;
    return this.machine.table.everybody().map((process) => {
      const { name, pid, state, command, foreign } = process;
      const claim = claims.find((each) => each.process === process);
      const owns = claim !== undefined;
      return {
        name,
        pid,
        ppid: parentPid(process),
        state,
        command,
        foreign,
        owns,
        token: claim?.token ?? null,
      };
    });
  }

  #sockets(): RecordedListener[] {
    return this.machine.listeners.map(({ address, holders, queue }) => ({
      address: address.kind === 'unix' ? address.path : `${address.host}:${address.tcpPort}`,
      holders: holders.map(({ name }) => name),
      queued: queue.length,
    }));
  }
}
