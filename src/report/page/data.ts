/** The data of a viewer page, embedded as JSON. This file imports nothing, so that the script of the page can share it. */
export interface PageData {
  /** The version of one-survivor. */
  readonly version: string;
  /** The requested run and, if known, the passing run in which the critical events are swapped. */
  readonly traces: readonly PageTrace[];
  /** A tree, instead of traces. */
  readonly tree?: PageTree;
  /** The report of a check, instead of traces. */
  readonly report?: PageReport;
}

/** The report of a check. */
export interface PageReport {
  readonly ok: boolean;
  readonly interrupted: boolean;
  /** Seed, strategy, versions: as lines of text. */
  readonly facts: readonly string[];
  /** Bounds and assumptions: what could hide a violation. */
  readonly limits: readonly string[];
  readonly scenarios: readonly PageScenario[];
  /** Scenarios that were not run. */
  readonly left: readonly string[];
}

export interface PageScenario {
  readonly id: string;
  readonly expects: 'pass' | 'violation';
  readonly verdict: 'passed' | 'violated' | 'inconclusive' | 'nondeterministic';
  /** Whether the verdict is the expected one. */
  readonly ok: boolean;
  readonly runs: number;
  readonly steps: number;
  readonly seconds: number;
  readonly firstViolationAtRun: number | null;
  readonly reason: string | null;
  readonly notes: readonly string[];
  /** Each `sometimes` and each requirement of an invariant, with the number of runs that met it. */
  readonly reached: readonly (readonly [what: string, runs: number])[];
  readonly violations: readonly PageViolation[];
}

export interface PageViolation {
  readonly invariant: string;
  readonly message: string;
  /** The command that replays it. */
  readonly command: string;
  /** `2 processes, 0 faults, 2 switches, 18 steps`. */
  readonly size: string;
  /** The number of its run in the page, in the element `run-NUMBER`; `null`: it is not in the page. */
  readonly run: number | null;
}

/** All schedules that were explored. */
export interface PageTree {
  readonly scenario: string;
  /** What was explored, and the result, as lines of text. */
  readonly facts: readonly string[];
  readonly complete: boolean;
  /** Commands that replay the violations. */
  readonly commands: readonly string[];
  /** What nodes refer to by its index: each text and each list is here once. */
  readonly labels: readonly string[];
  readonly changes: readonly PageChange[];
  /** In turns the number of a kind of choices and a choice of this kind. */
  readonly choices: readonly (readonly number[])[];
  /** Each node comes after its parent; the first one is the root. */
  readonly nodes: readonly PageNode[];
  /** The number of runs whose end is omitted. */
  readonly left: number;
  /** How to replay the run of a node; `null`: no run was made. */
  readonly replay: PageReplay | null;
}

export interface PageReplay {
  /** The scenario within the bounds of the search. */
  readonly id: string;
  readonly hash: string;
  /** The command, before and after the token. */
  readonly command: readonly [before: string, after: string];
}

/** Something on the machine, such as `file /state/lock`, and what it is from now on; `null`: gone. */
export type PageChange = readonly [what: string, words: string | null];

export const PAGE_ENDS = [null, 'passed', 'violated', 'joins'] as const;

export type PageEnd = (typeof PAGE_ENDS)[number];

/**
 * A node, as short as it can be, because there may be 50,000: `labels`: what happens in order, without another choice in between;
 * `end`: how a run that ends here ends, as an index of {@link PAGE_ENDS}; `changes`: what is different on the machine after its last step.
 */
export type PageNode = readonly [
  parent: number,
  end: number,
  labels: readonly number[],
  choices: readonly number[],
  changes: readonly number[],
];

export interface PageTrace {
  readonly token: string;
  /** The command that replays it. */
  readonly command: string;
  /** The command that stops a debugger in a step, up to {@link PageRow.breakAt}. */
  readonly breakCommand: string;
  readonly scenario: string;
  readonly verdict: 'passed' | 'violated' | 'inconclusive' | 'nondeterministic';
  readonly invariant: string | null;
  readonly message: string | null;
  /** `eventually`: it was not true at the end; `always`: the last row violated it. */
  readonly kind: 'always' | 'eventually';
  readonly traceHash: string;
  readonly notes: readonly string[];
  readonly actors: readonly PageActor[];
  readonly rows: readonly PageRow[];
  /** The row that violated the invariant, or the last row for an `eventually`; `null` if none is violated. */
  readonly broken: number | null;
  /** The rows of ① and ②, in this order; -1 if it does not happen here; empty if unknown. */
  readonly pair: readonly number[];
  readonly frames: readonly PageFrame[];
  /** Files that may be the claim, the most likely first; numbers in names are replaced by `#`. */
  readonly claims: readonly string[];
  /** Sorted by the row with which they begin. */
  readonly spans: readonly PageSpan[];
  /** Repeated rows, as the timeline of a terminal folds them; they do not overlap. */
  readonly folds: readonly PageFold[];
  readonly invariants: readonly PageInvariant[];
  /** By file, lines of the programs around the places of rows. */
  readonly sources: Readonly<Record<string, readonly PageLines[]>>;
}

/** An operation that took until a later row: a request, a sleep, a wait. */
export interface PageSpan {
  readonly actor: number;
  readonly kind: 'request' | 'sleep' | 'wait';
  /** The row with which it begins: that of its sending, or the first one after it began. */
  readonly from: number;
  /** The row with which it ends; `null` if it had not ended when the run did. */
  readonly end: number | null;
  readonly fromMs: number;
}

/** The rows from `from` on repeat those before them. */
export interface PageFold {
  readonly from: number;
  readonly count: number;
  /** How many rows are repeated, and how many more times. */
  readonly lines: number;
  readonly times: number;
}

export interface PageInvariant {
  readonly name: string;
  readonly kind: 'always' | 'eventually' | 'sometimes';
  /** Its states, each with the row from which on it applies. */
  readonly states: readonly (readonly [fromRow: number, state: PageInvariantState])[];
}

/** `open`: not true yet, or not reached yet. */
export type PageInvariantState = 'holds' | 'open' | 'reached' | 'violated';

/** Consecutive lines of a file; `from` counts from 1. */
export interface PageLines {
  readonly from: number;
  readonly lines: readonly string[];
}

export interface PageActor {
  readonly name: string;
  /** `PID 1001`; empty for the nemesis. */
  readonly pid: string;
  /** Its states, each with the row from which on it applies. */
  readonly statuses: readonly (readonly [fromRow: number, status: PageStatus])[];
}

export type PageStatus = 'unborn' | 'alive' | 'stopped' | 'gone';

/** How a row is drawn: `call` is a dot, the others may have an arrow. The arrow of a `reply` points at the actor. */
export type PageShape = 'call' | 'mark' | 'signal' | 'probe' | 'reply' | 'spawn' | 'fault' | 'life';

export interface PageRow {
  readonly step: number;
  readonly atMs: number;
  /** An index of {@link PageTrace.actors}. */
  readonly actor: number;
  readonly text: string;
  readonly tone: 'plain' | 'failed' | 'mark' | 'life' | 'fault';
  readonly shape: PageShape;
  /** The target of the arrow, an index of {@link PageTrace.actors}; `null` for no arrow. */
  readonly to: number | null;
  /** The index of the snapshot after the step of this row; -1 if none. */
  readonly frame: number;
  readonly op: string;
  /** The index of the span that begins or ends with this row; absent if there is none. */
  readonly span?: number | undefined;
  /** Where the program asked for it, as `file:line:column`; absent if that is not known. */
  readonly at?: string | undefined;
  /** What follows the command to stop a debugger in the call of this row; absent if no call of a program has made it. */
  readonly breakAt?: string | undefined;
  /** As JSON. */
  readonly args: string;
  readonly result: string;
}

/** What has changed on the machine. Missing fields have not changed. */
export interface PageFrame {
  /** Path to content; `null` for an empty directory; `false` if it was removed. */
  readonly files?: Readonly<Record<string, string | null | false>>;
  readonly processes?: readonly PageProcess[];
  readonly listeners?: readonly PageListener[];
}

export interface PageProcess {
  readonly name: string;
  readonly pid: number;
  readonly ppid: number;
  readonly state: string;
  readonly command: readonly string[];
  readonly foreign: boolean;
  readonly owns: boolean;
  readonly token: number | null;
}

export interface PageListener {
  readonly address: string;
  readonly holders: readonly string[];
  readonly queued: number;
}
