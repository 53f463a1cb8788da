/** What a viewer's page holds: plain data, written into it as JSON. Imports nothing, so that the page's own script can share it. */
export interface PageData {
  /** Of one-survivor. */
  readonly version: string;
  /** The run that was asked for; then, if one is known, the run in which the deciding events change places. */
  readonly traces: readonly PageTrace[];
  /** Instead of traces. */
  readonly tree?: PageTree;
}

/** All schedules that were explored. */
export interface PageTree {
  readonly scenario: string;
  /** What was explored, and what came of it: lines of text. */
  readonly facts: readonly string[];
  readonly complete: boolean;
  /** Commands that run the violations again. */
  readonly commands: readonly string[];
  /** A node after its parent; the first is the beginning of all. */
  readonly nodes: readonly PageNode[];
  /** Of how many runs the end is left out. */
  readonly left: number;
}

export interface PageNode {
  readonly parent: number;
  /** What happens, one after the other, with no other choice between. */
  readonly labels: readonly string[];
  /** How the run ends that ends here; null: it goes on. */
  readonly end: 'passed' | 'violated' | 'joins' | null;
}

export interface PageTrace {
  readonly token: string;
  /** The command that runs it again. */
  readonly command: string;
  readonly scenario: string;
  readonly verdict: 'passed' | 'violated' | 'nondeterministic';
  readonly invariant: string | null;
  readonly message: string | null;
  /** `eventually`: it did not become true by the end; else the last row broke it. */
  readonly kind: 'always' | 'eventually';
  readonly traceHash: string;
  readonly notes: readonly string[];
  readonly actors: readonly PageActor[];
  readonly rows: readonly PageRow[];
  /** The row that broke the invariant, or at whose end it was not so; null: none is violated. */
  readonly broken: number | null;
  /** The rows of ① and ②, in this order; -1: it does not happen here; empty: not known. */
  readonly pair: readonly number[];
  readonly frames: readonly PageFrame[];
  /** Files that may be the claim, the likeliest first; digits of a name are `#`. */
  readonly claims: readonly string[];
}

export interface PageActor {
  readonly name: string;
  /** `PID 1001`; empty for the nemesis. */
  readonly pid: string;
  /** How it is from a row on: alternately a row and a state, in order. */
  readonly lives: readonly (readonly [fromRow: number, life: PageLife])[];
}

export type PageLife = 'unborn' | 'alive' | 'stopped' | 'gone';

/** What kind of mark a row is: `call` for a dot, the others may have an arrow. */
export type PageShape = 'call' | 'mark' | 'signal' | 'probe' | 'spawn' | 'fault' | 'life';

export interface PageRow {
  readonly step: number;
  readonly atMs: number;
  /** Of {@link PageTrace.actors}. */
  readonly actor: number;
  readonly text: string;
  readonly tone: 'plain' | 'failed' | 'mark' | 'life' | 'fault';
  readonly shape: PageShape;
  /** Whom the arrow points at, of {@link PageTrace.actors}; null: no arrow. */
  readonly to: number | null;
  /** The last frame that holds once this has happened; -1: none. */
  readonly frame: number;
  readonly op: string;
  /** JSON. */
  readonly args: string;
  readonly result: string;
}

/** What has changed on the machine; what is left out has not. */
export interface PageFrame {
  /** Path to text; null: an empty directory; false: it is there no more. */
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
