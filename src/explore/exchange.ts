/**
 * Whether identical processes are told apart by nothing but their numbers: a run is made again with two of them exchanged,
 * and the two runs are compared.
 */
import { type Failure, Run, type TraceEvent } from '../run/index.ts';
import type { Scenario } from '../scenario/index.ts';
import { plannedFaults } from '../scenario/index.ts';
import type { ChoiceKind, Choices, EnabledSet, FaultName } from '../sim/index.ts';
import type { ExploredRun, Search } from './explored-run.ts';
import type { Pair } from './identical.ts';
import { PathReplay } from './path-replay.ts';

/** What they strike is chosen from a list whose order depends on names or PIDs: from there on a run cannot be mirrored. */
const NOT_MIRRORED: readonly FaultName[] = [
  'lose-state',
  'tear-state',
  'corrupt-state',
  'pid-reuse',
  'power-cut',
];

/** Every execution up to this one is compared, then those whose number is the square of a multiple of this. */
const ALL_UP_TO = 256;
const ROOTS_APART = 4;

/** A choice, in words that mean the same once two processes are exchanged. */
interface Act {
  readonly n: number;
  readonly concern: ChoiceKind;
  readonly choice: number;
  /** The process that was chosen, and which of its operations; null: it was no choice of a process. */
  readonly process: number | null;
  readonly rank: number;
}

/** Makes a run again, then the same with two processes exchanged, as far as it can be mirrored. */
export class Exchange {
  readonly #scenario: Scenario;
  readonly #search: Search;
  readonly #pair: Pair;
  readonly #length: number;
  readonly #isWhole: boolean;
  #first: TracedRun<Recorder> | null = null;
  #second: TracedRun<Mirror> | null = null;

  constructor(scenario: Scenario, search: Search, { depth, pruned }: ExploredRun, pair: Pair) {
    this.#scenario = scenario;
    this.#search = search;
    this.#pair = pair;
    this.#length = depth;
    this.#isWhole = !pruned;
  }

  static isDue(executions: number): boolean {
    return executions <= ALL_UP_TO || Number.isInteger(Math.sqrt(executions) / ROOTS_APART);
  }

  /** Both runs have been made. */
  get isOver(): boolean {
    return this.#second !== null;
  }

  /** The next run that has to be made. */
  next(): Run {
    if (this.#first === null) {
      const { path, faults } = this.#search;
      path.restart();
      const choices = new PathReplay(path, faults);
      const recorder = new Recorder(choices, plannedFaults(this.#scenario));
      this.#first = new TracedRun(this.#scenario, recorder, this.#length, this.#isWhole);
      choices.run = this.#first;
      return this.#first;
    }
    const { source, length, isWhole } = this.#first;
    this.#second = new TracedRun(this.#scenario, new Mirror(source.acts, this.#pair), length, isWhole);
    return this.#second;
  }

  get agrees(): boolean {
    const first = this.#first!;
    const second = this.#second!;
    if (second.source.isAstray || first.failure?.invariant !== second.failure?.invariant) return false;
    const names = this.#pair.map((index) => nameOf(first, index));
    const told = first.events.map((event) => lineOf(event, names, true));
    const toldAgain = second.events.map((event) => lineOf(event, names, false));
    // Within a step the order is that of the numbers, such as of the processes that a reboot ends.
    return told.sort().join('\n') === toldAgain.sort().join('\n');
  }
}

interface Source extends Choices {
  /** No choice so far depends on the order of names or PIDs. */
  readonly isMirrorable: boolean;
}

/** A run that ends before the first step that cannot be mirrored. */
class TracedRun<Of extends Source> extends Run {
  readonly source: Of;
  readonly events: TraceEvent[];
  /** How many steps it has at most. */
  length: number;
  /** Whether it comes to its end in them. */
  isWhole: boolean;
  #made = 0;
  #eventsBefore = 0;

  constructor(scenario: Scenario, source: Of, length: number, isWhole: boolean) {
    const events: TraceEvent[] = [];
    super(scenario, source, { trace: events });
    this.source = source;
    this.events = events;
    this.length = length;
    this.isWhole = isWhole;
    super.settled();
  }

  override step(): boolean {
    if (this.#made === this.length || !this.source.isMirrorable) return false;
    this.#made++;
    this.#eventsBefore = this.events.length;
    return super.step();
  }

  override finish(): Failure | null {
    if (this.source.isMirrorable) return this.isWhole ? super.finish() : this.failure;
    this.events.length = this.#eventsBefore;
    this.length = this.#made - 1;
    this.isWhole = false;
    this.failure = null;
    return null;
  }
}

/** The choices of the path, written down. */
class Recorder implements Source {
  readonly acts: Act[] = [];
  isMirrorable = true;
  readonly #choices: Choices;
  readonly #faults: readonly FaultName[];

  constructor(choices: Choices, faults: readonly FaultName[]) {
    this.#choices = choices;
    this.#faults = faults;
  }

  choose(n: number, concern: ChoiceKind, candidates?: EnabledSet): number {
    const choice = this.#choices.choose(n, concern, candidates);
    const process = isOfProcess(concern, candidates) ? candidates!.processOf(choice) : null;
    let rank = 0;
    if (process !== null) for (let i = 0; i < choice; i++) if (candidates!.processOf(i) === process) rank++;
    this.acts.push({ n, concern, choice, process, rank });
    if (choice > 0 && concern === 'machine') this.isMirrorable = false;
    if (choice > 0 && concern === 'fault' && NOT_MIRRORED.includes(this.#faults[choice - 1]!))
      this.isMirrorable = false;
    return choice;
  }
}

/** The same choices with two processes exchanged. */
class Mirror implements Source {
  readonly isMirrorable = true;
  /** A choice was not offered, or of another kind. */
  isAstray = false;
  readonly #acts: readonly Act[];
  readonly #pair: Pair;
  #at = 0;

  constructor(acts: readonly Act[], pair: Pair) {
    this.#acts = acts;
    this.#pair = pair;
  }

  choose(n: number, concern: ChoiceKind, candidates?: EnabledSet): number {
    const act = this.#acts[this.#at++];
    if (this.isAstray) return 0;
    if (act?.concern !== concern || act.n !== n) return this.#goAstray();
    if (act.process === null) return act.choice;
    const process = this.#exchanged(act.process);
    for (let i = 0, rank = 0; i < n; i++) {
      if (candidates!.processOf(i) !== process) continue;
      if (rank++ === act.rank) return i;
    }
    return this.#goAstray();
  }

  #exchanged(process: number): number {
    const [one, other] = this.#pair;
    return process === one ? other : process === other ? one : process;
  }

  #goAstray(): number {
    this.isAstray = true;
    return 0;
  }
}

function isOfProcess(concern: ChoiceKind, candidates: EnabledSet | undefined): boolean {
  return candidates !== undefined && (concern === 'schedule' || concern === 'settle' || concern === 'target');
}

function nameOf(run: Run, index: number): string | undefined {
  return run.world.processes.find((process) => process.index === index)?.name;
}

/** What must be the same: who does what, and how it comes out; not what it is about, where PIDs and names may differ. */
function lineOf(
  { step, process, op, args, result }: TraceEvent,
  [one, other]: readonly (string | undefined)[],
  exchanged: boolean,
): string {
  const named = (name: unknown): unknown => {
    if (!exchanged) return name;
    return name === one ? other : name === other ? one : name;
  };
  return JSON.stringify([
    step,
    named(process),
    op,
    op === 'mark' ? args.name : op === 'fault' ? [args.fault, named(args.process)] : null,
    op === 'end' ? result : ((result as { error?: string } | null)?.error ?? null),
  ]);
}
