/** The options of a scenario, and the scenario with all defaults filled in. */
import type { Program } from '../ports/index.ts';
import type { FaultPlan, MachineOptions } from '../sim/index.ts';
import type { Invariant } from './invariant.ts';
import type { Owner } from './observed/owner-spec.ts';

/** Which processes start, and when. */
export interface Start {
  /** A program of the scenario. */
  program: string;
  argv?: readonly string[];
  /** How many processes. Default: 1. */
  count?: number;
  /** Whether only some runs have it. Default: false, every run has it. */
  optional?: boolean;
  /** Simulated milliseconds since the run began or, with `phase: 'settle'`, since the faults stopped. Default: 0. */
  atMs?: number;
  /** `settle`: starts after the faults have stopped, like a user who tries again later. Default: `faults`. */
  phase?: 'faults' | 'settle';
  uid?: number;
  /** Not part of the system under test: its programs must not signal this process, and faults do not strike it. */
  foreign?: boolean;
  /** Starts again `atMs` after each reboot. */
  atBoot?: boolean;
  /** The offset of its wall clock, in milliseconds. */
  wallOffsetMs?: number;
  /**
   * The name of a container. Containers share files but do not see each other's processes, and each has its own host name and
   * network, see `hostname` and `network`. Default: not in a container.
   */
  pidNamespace?: string;
  /** Its host name. Default: the name of the container, or else that of the machine. Children inherit it. */
  hostname?: string;
  /**
   * The name of the network whose TCP ports it uses. Processes with the same name share their ports; `host` is the machine's
   * network. Default: the container's own, or else `host`. Children inherit it. Unix sockets are files and do not depend on it.
   */
  network?: string;
  /**
   * Its PID in its `pidNamespace`; different containers may use the same PID. 1 is the first process of the container:
   * it adopts orphans, receives only signals that it handles, and ends the whole container when it ends.
   */
  pid?: number;
  /** Adopts and reaps orphans among its descendants instead of PID 1, as `systemd --user` and `tini -s` do. */
  subreaper?: boolean;
  /**
   * The program of its parent, which must have an earlier start: the oldest process of it that is still alive becomes the parent.
   * If there is none, the process does not start. Default: PID 1.
   */
  parent?: string;
}

/** The options of a scenario: programs, when they start, the machine, the faults, and what must hold. */
export interface ScenarioOptions {
  /** `system/variant/name`. */
  id: string;
  /** One line for the list. */
  about?: string;
  /** `violation`: a known bug; the check fails if it does not find it. Default: `pass`. */
  expects?: 'pass' | 'violation';
  /** The invariant that the known bug violates. Default: any of the scenario's. */
  violates?: string | undefined;
  /** For a known bug: how to fix it. One sentence, for the list of findings. */
  remedy?: string;
  programs: Readonly<Record<string, Program>>;
  start: readonly Start[];
  /** Which faults may strike, and at most how often per run. Default: none. */
  faults?: FaultPlan;
  machine?: MachineOptions;
  invariants: readonly Invariant[];
  /** How an owner is known that declares nothing. Default: by the mark `own`. */
  owner?: Owner | undefined;
  /** How long faults may strike, in simulated milliseconds. Default: 3,000. */
  faultsForMs?: number;
  /** How long the run continues after the faults, before `eventually` must be true, in simulated milliseconds. Default: 10,000. */
  settleMs?: number;
  /** A run with more steps is a violation. Default: 50,000. */
  maxSteps?: number;
  /** Whether a program may end with an uncaught exception. Default: `forbidden`. */
  crashes?: 'forbidden' | 'allowed';
  /** Whether a program may bypass its ports to use the real machine's clocks, random numbers, files and so on. Default: `forbidden`. */
  ambient?: 'forbidden' | 'allowed';
}

/** A scenario with all defaults filled in, as {@link scenario} returns it. */
export interface Scenario extends Required<Omit<ScenarioOptions, 'programs' | 'violates' | 'owner'>> {
  readonly violates?: string | undefined;
  readonly owner?: Owner | undefined;
  readonly programs: ReadonlyMap<string, Program>;
  /** Identifies the definition, on which the meaning of a schedule depends. Eight hexadecimal digits. */
  readonly hash: string;
}
