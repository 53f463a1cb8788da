/** What a scenario is made of, and what it is once all that was left open is filled in. */
import type { Program } from '../ports/index.ts';
import type { FaultPlan, MachineOptions } from '../sim/index.ts';
import type { Invariant } from './invariant.ts';

/** Who starts, and when. */
export interface Start {
  /** A program of the scenario. */
  program: string;
  argv?: readonly string[];
  /** How many of it. Default: 1. */
  count?: number;
  /** Whether a run may do without it: then some runs have it, and others do not. Default: false, every run has it. */
  optional?: boolean;
  /** Simulated, since the run began or, with `phase: 'settle'`, since the faults stopped. 0 unless said. */
  atMs?: number;
  /** `settle`: starts after the faults have stopped, like a user who comes later. */
  phase?: 'faults' | 'settle';
  uid?: number;
  /** Not of the system under test: no program of it may signal this process, and no fault strikes it. */
  foreign?: boolean;
  /** Starts again after each reboot, `atMs` after it. */
  atBoot?: boolean;
  /** How far its view of the wall clock is off. */
  wallOffsetMs?: number;
  /**
   * Names a container: who is in another sees other processes, though the same files. It has a host name and a network of its
   * own, see `hostname` and `network`. The machine's own unless said.
   */
  pidNamespace?: string;
  /** The host name that it sees. Of a container: the name of the container unless said; else the machine's. Children inherit it. */
  hostname?: string;
  /**
   * Names the network on whose TCP ports it listens and connects: two of one name share their ports. `host` is the machine's
   * own. Of a container: the container's own unless said. Children inherit it. Unix sockets are files and belong to no network.
   */
  network?: string;
  /**
   * Its PID, in a container of its own naming: in two of them the same PID may be borne. 1: the container's first process,
   * which adopts its orphans, is signalled only with what it handles, and ends the whole container when it ends.
   */
  pid?: number;
  /** Adopts orphans among its descendants, instead of PID 1, and reaps them: as `systemd --user` and `tini -s` do. */
  subreaper?: boolean;
  /**
   * Its parent: the oldest process of this program, which an earlier start names, that still lives when it starts.
   * If there is none it does not start. Unless said, PID 1.
   */
  parent?: string;
}

/** What a scenario is made of: programs, who starts when, the machine, the faults, what must hold. */
export interface ScenarioOptions {
  /** `system/variant/name`. */
  id: string;
  /** One line for the list. */
  about?: string;
  /** `violation`: a known bug; the check fails if it does not find it. */
  expects?: 'pass' | 'violation';
  /** Which invariant the known bug violates. Unless said, any of the scenario's. */
  violates?: string | undefined;
  /** Of a known bug: what would mend it. One sentence, for the list of findings. */
  remedy?: string;
  programs: Readonly<Record<string, Program>>;
  start: readonly Start[];
  /** Which faults may strike, and how often at most in one run. None unless named. */
  faults?: FaultPlan;
  machine?: MachineOptions;
  invariants: readonly Invariant[];
  /** Simulated: how long faults may strike. */
  faultsForMs?: number;
  /** Simulated: how long the dust may take to settle before `eventually` must be true. */
  settleMs?: number;
  /** A run that is not over after so many steps is a violation. */
  maxSteps?: number;
  /** Whether a program may end by an uncaught exception. */
  crashes?: 'forbidden' | 'allowed';
  /** Whether a program may reach the real machine's clocks, chance, files and the like behind the back of its ports. */
  ambient?: 'forbidden' | 'allowed';
}

/** A scenario with all that was left open filled in, as {@link scenario} makes it. */
export interface Scenario extends Required<Omit<ScenarioOptions, 'programs' | 'violates'>> {
  readonly violates?: string | undefined;
  readonly programs: ReadonlyMap<string, Program>;
  /** Names the definition: what a schedule means depends on it. Eight hexadecimal digits. */
  readonly hash: string;
}
