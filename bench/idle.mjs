import { DEFAULT_TIMING } from '../build/model/index.js';
import { executeAll, Run } from '../build/run/index.js';
import { scenario } from '../build/scenario/index.js';
import { daemon } from '../build/systems/model/programs/daemon.js';

// A run may have at most a million steps; this one has about 800,000.
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

/** A single owner with default heartbeats. @returns simulated seconds per real second */
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
