/** A simulated run as judgements see it: see src/judge. Nothing is looked at before it is asked for. */
import type { Endpoint, NamedProcess, Observation, SeenProcess } from '../../judge/index.ts';
import type { SimMachine, SimProcess } from '../../sim/index.ts';
import type { SeenRun } from './seen-run.ts';
import { pidInFile, reachedAt } from './sockets-and-files.ts';

export class RunObservation implements Observation {
  readonly #machine: SimMachine;
  readonly #run: SeenRun;
  readonly #owners: () => readonly SimProcess[];
  readonly #seen = new Map<SimProcess, SeenProcess>();

  constructor(machine: SimMachine, run: SeenRun, owners: () => readonly SimProcess[]) {
    this.#machine = machine;
    this.#run = run;
    this.#owners = owners;
  }

  get processes(): readonly SeenProcess[] {
    return this.#machine.table.all().map((process) => this.#of(process));
  }

  get owners(): readonly SeenProcess[] {
    return this.#owners().map((process) => this.#of(process));
  }

  get faults(): number {
    return this.#run.faults;
  }

  get faultsForMs(): number {
    return this.#run.times.faultsForMs;
  }

  get endsAtMs(): number {
    return this.#run.times.endsAtMs;
  }

  listeningAt(endpoint: Endpoint): readonly SeenProcess[] {
    return reachedAt(this.#machine, endpoint)
      .filter(({ foreign }) => !foreign)
      .map((process) => this.#of(process));
  }

  namedIn(file: string): NamedProcess | null {
    const pid = pidInFile(this.#machine, file);
    if (pid === undefined) return null;
    const latest = this.#machine.table.all().findLast((process) => process.pid === pid);
    if (latest === undefined || latest.foreign) return { pid, process: null, former: null };
    const seen = this.#of(latest);
    return latest.alive ? { pid, process: seen, former: null } : { pid, process: null, former: seen };
  }

  #of(process: SimProcess): SeenProcess {
    let seen = this.#seen.get(process);
    if (seen === undefined) {
      seen = new Seen(process, this.#run, (other) => this.#of(other));
      this.#seen.set(process, seen);
    }
    return seen;
  }
}

class Seen implements SeenProcess {
  readonly #process: SimProcess;
  readonly #run: SeenRun;
  readonly #of: (process: SimProcess) => SeenProcess;

  constructor(process: SimProcess, run: SeenRun, of: (process: SimProcess) => SeenProcess) {
    this.#process = process;
    this.#run = run;
    this.#of = of;
  }

  get name(): string {
    return this.#process.name;
  }

  get pid(): number {
    return this.#process.pid;
  }

  get state(): SeenProcess['state'] {
    const { state } = this.#process;
    return state === 'running' || state === 'stopped' ? state : 'ended';
  }

  get foreign(): boolean {
    return this.#process.foreign;
  }

  get startedBy(): SeenProcess | null {
    const by = this.#run.startedBy(this.#process);
    return by === null ? null : this.#of(by);
  }

  get startedAtMs(): number {
    return this.#run.startedAtMs(this.#process);
  }

  get endedBy(): string | null {
    return this.#process.exitSignal;
  }

  get hasOwned(): boolean {
    return this.#run.hasOwned(this.#process);
  }
}
