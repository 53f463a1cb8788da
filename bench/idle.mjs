import { DEFAULT_TIMING } from '../dist/model/index.js';
import { executeAll, Run } from '../dist/run/index.js';
import { scenario } from '../dist/scenario/index.js';
import { daemon } from '../dist/systems/model/daemon.js';

// A run may take a million steps at most; this one takes about eight hundred thousand.
const SIMULATED_SECONDS = 60_000;

const idle = scenario({
  id: 'bench/owner/idle',
  programs: {
    daemon: daemon({
      directory: '/run/one',
      endpoint: { kind: 'tcp', host: '127.0.0.1', tcpPort: 49_152 },
      timing: DEFAULT_TIMING,
      helper: null,
    }),
  },
  start: [{ program: 'daemon' }],
  invariants: [],
  faultsForMs: SIMULATED_SECONDS * 1000,
  settleMs: 0,
  maxSteps: 1_000_000,
});

/** One owner with its default heartbeats, and nobody else. @returns simulated seconds per real second */
export async function idleOwner() {
  let run = new Run(idle, { choose: () => 0 });
  const begun = performance.now();
  await executeAll(
    () => {
      const next = run;
      run = null;
      return next;
    },
    (_, failure) => {
      if (failure !== null) throw new Error(failure.message);
    },
  );
  return SIMULATED_SECONDS / ((performance.now() - begun) / 1000);
}
