/** Scenarios of each system in which everything varies: how many processes start and when, which faults strike, what is there before. */

import type { Arbitrary } from 'fast-check';
import { type GeneratedRun, runArbitrary } from '../../src/fast-check/index.ts';
import { type Scenario, scenario } from '../../src/scenario/index.ts';
import type { FaultName, FaultPlan } from '../../src/sim/index.ts';
import { SCENARIOS } from '../../src/systems/index.ts';
import { claim, DEAD } from '../../src/systems/model/preexisting/setup.ts';
import { FORMER, REUSED } from '../../src/systems/orchestrator/before.ts';

/** Of a claim: none, one that was torn, one of a process that is gone, one that was given up. */
const CLAIMS = ['', 'no claim', DEAD, claim({ kind: 'free' })];

/** What a crashed owner may have left in its directory. */
function claimsIn(directory: string): Readonly<Record<string, readonly string[]>> {
  return { [`${directory}/gen-1`]: CLAIMS, [`${directory}/gen-7`]: CLAIMS };
}

const FILES_OF_SESSIONS = Object.fromEntries(
  Object.entries({ ...FORMER, ...REUSED }).map(([path, text]) => [path, [text, '']]),
);

interface System {
  readonly id: string;
  /** For each path what a crash may have left there. */
  readonly files: Readonly<Record<string, readonly string[]>>;
  /** Faults that do not strike. */
  readonly without?: readonly FaultName[];
}

/** If all claims are lost, and the clock is put back too, no contender can know the last fencing token (decision 11). */
const CLOCK = ['clock-jump'] as const;

/**
 * A scenario of each system whose invariants depend neither on certain PIDs nor on certain times, and the files that may be
 * there before.
 */
export const SYSTEMS: readonly System[] = [
  { id: 'model/lock/cold-start', files: claimsIn('/run/one') },
  { id: 'model/owner/cold-start', files: claimsIn('/run/one'), without: CLOCK },
  {
    ...{ id: 'model/owner/restarts', files: claimsIn('/run/one') },
    without: ['lose-state', 'tear-state', 'corrupt-state'],
  },
  // Not `cold-start`: if claims are lost, two Chromes may run for a moment.
  { id: 'openchrome/ours/lost-metadata', files: claimsIn('/openchrome/owner'), without: CLOCK },
  { id: 'mcporter/ours/foreground-x5', files: claimsIn('/run/mcp/claims'), without: CLOCK },
  // Not `killed`: if a hook is stopped for good, not every hook ends.
  { id: 'claude-mem/ours/stopped', files: claimsIn('/run/claude-mem'), without: CLOCK },
  { id: 'closedloop/ours/orphan', files: {} },
  { id: 'orchestrator/ours/hygiene', files: FILES_OF_SESSIONS },
];

/** What generates runs: that of the sources, or a compiled one, whose programs may be those of a mutant. */
export interface Library {
  readonly runArbitrary: typeof runArbitrary;
  readonly scenario: typeof scenario;
  readonly scenarios: readonly Scenario[];
}

const OF_THE_SOURCES: Library = { runArbitrary, scenario, scenarios: SCENARIOS };

/** Runs of a system: all faults that any of its scenarios allows, and as long to settle as the longest of them. */
export function runsOf(
  { id, files, without = [] }: System,
  library: Library = OF_THE_SOURCES,
): Arbitrary<GeneratedRun> {
  const family = library.scenarios.filter((other) =>
    other.id.startsWith(id.slice(0, id.lastIndexOf('/') + 1)),
  );
  const { hash: _, programs, ...rest } = family.find((other) => other.id === id)!;
  const all: FaultPlan = Object.assign({}, ...family.map((each) => each.faults));
  const faults = Object.fromEntries(
    Object.entries(all).filter(([name]) => !without.includes(name as FaultName)),
  );
  const settleMs = Math.max(...family.map((each) => each.settleMs));
  const base = library.scenario({ ...rest, settleMs, programs: Object.fromEntries(programs) });
  return library.runArbitrary(base, { faults, files });
}
