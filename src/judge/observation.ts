/** What is seen of programs that declare nothing: their processes, sockets and files. Of a simulated machine, or of a real one. */

/** A process as it is seen from outside. */
export interface SeenProcess {
  /** For example `daemon#2`. */
  readonly name: string;
  readonly pid: number;
  readonly state: 'running' | 'stopped' | 'ended';
  /** Not one of those that are judged. */
  readonly foreign: boolean;
  /** The judged process that started it; `null` for a start of the scenario or the storm. */
  readonly startedBy: SeenProcess | null;
  /** Milliseconds since the run began. */
  readonly startedAtMs: number;
  /** The signal that ended it, if one did. */
  readonly endedBy: string | null;
  /** Whether it is the owner, or has ever been. */
  readonly hasOwned: boolean;
}

/** Where a process listens. */
export type Endpoint = { readonly tcpPort: number } | { readonly path: string };

/** What a file says of who owns. */
export interface NamedProcess {
  /** `null` if the file has none. */
  readonly pid: number | null;
  /** The process that has this PID now; `null` if none has, or if it is not one of those that are judged. */
  readonly process: SeenProcess | null;
  /** The latest process that had this PID, if it has ended; `null` otherwise. */
  readonly former: SeenProcess | null;
}

/** A machine at one moment. */
export interface Observation {
  /** All processes since the run began, those that have ended included, in the order of their start. */
  readonly processes: readonly SeenProcess[];
  /** The processes that own now, as the scenario or the storm says how an owner is known. */
  readonly owners: readonly SeenProcess[];
  /** How many faults have struck so far. */
  readonly faults: number;
  /** When faults stop striking, in milliseconds since the run began. */
  readonly faultsForMs: number;
  /** When the run ends, in milliseconds since it began. */
  readonly endsAtMs: number;
  /**
   * The living processes that a connection can reach: one for each listening socket, the oldest that has it open. One whose Unix socket was
   * removed, or replaced by that of another, is not reached.
   */
  listeningAt(endpoint: Endpoint): readonly SeenProcess[];
  /** `null` if there is no such file. */
  namedIn(file: string): NamedProcess | null;
}
