/** claude-mem's programs: before #1085, with it, and on our protocol. */
import { DEFAULT_TIMING } from '../../model/index.ts';
import type { Program } from '../../ports/index.ts';
import { hookAfter, workerAfter } from '../../systems/claude-mem/after.ts';
import { hookBefore, workerBefore } from '../../systems/claude-mem/before.ts';
import { SYNC_EVERY_MS } from '../../systems/claude-mem/constants.ts';
import { ownHook, ownWorker } from '../../systems/claude-mem/ours/worker.ts';
import { chromaMcp } from '../../systems/claude-mem/programs/chroma-mcp.ts';
import { clientOf } from '../../systems/claude-mem/programs/client.ts';
import { addressOf, DIRECTORY, TCP_PORT } from '../../systems/claude-mem/setup.ts';
import type { VariantName } from '../table.ts';

type Programs = Readonly<Record<string, Program>>;

/** So many searches, one a second, of one client. */
export const SEARCHES = 8;

const shared: Programs = { 'chroma-mcp': chromaMcp, client: clientOf(1), searcher: clientOf(SEARCHES) };

/** A busy machine must not stop a healthy worker. */
const TIMING = { ...DEFAULT_TIMING, leaseMs: 20_000, bootGraceMs: 60_000, challengeMs: 10_000 };
const CLAIMS = `${DIRECTORY}/worker`;

const OURS: Programs = {
  ...shared,
  hook: ownHook({
    gate: `${DIRECTORY}/gate`,
    directory: CLAIMS,
    timing: TIMING,
    worker: ['worker'],
    readyWithinMs: 60_000,
    patienceMs: 90_000,
  }),
  worker: ownWorker({ directory: CLAIMS, endpoint: addressOf(TCP_PORT), timing: TIMING }),
};

export const PROGRAMS: Readonly<Record<VariantName, Programs>> = {
  before: { ...shared, hook: hookBefore, worker: workerBefore() },
  after: { ...shared, hook: hookAfter, worker: workerAfter() },
  ours: OURS,
};

/** The same with workers that try to catch up again and again. */
export const STORM: Readonly<Record<'before' | 'after', Programs>> = {
  before: { ...PROGRAMS.before, worker: workerBefore({ syncEveryMs: SYNC_EVERY_MS }) },
  after: { ...PROGRAMS.after, worker: workerAfter({ syncEveryMs: SYNC_EVERY_MS }) },
};
