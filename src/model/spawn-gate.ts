import { type Child, type ExitStatus, isSystemError, type Ports } from '../ports/index.ts';
import { becomeOwner, type Contest } from './contend.ts';
import { EXIT } from './exit-codes.ts';
import type { Timing } from './timing.ts';

export interface SpawnGateOptions {
  /** Holds the claims of the gate, and nothing else; not the daemon's own state directory. Made if missing. */
  directory: string;
  /** Whether the daemon serves: asked before, and again behind the gate, since somebody may have just started it. */
  isReady: () => Promise<boolean>;
  /** Starts the daemon, or what becomes its client if there is one after all. */
  spawn: () => Promise<Child>;
  /** How long a started daemon has to serve before the gate is left to the next one: as long as any start may take. */
  readyWithinMs?: number;
  /** How long to wait for whoever holds the gate before going past it. Should exceed `readyWithinMs`. */
  patienceMs?: number;
  pollMs?: number;
  timing?: Partial<Timing>;
}

export type Spawning =
  /** It served before we came to start one; or we have started one, and it serves. */
  | { readonly kind: 'ready' | 'spawned' }
  /** We have started one, and it has ended without one that serves. */
  | { readonly kind: 'ended'; readonly status: ExitStatus }
  /** We have started one, it runs, and it does not serve yet. */
  | { readonly kind: 'silent' };

const READY_WITHIN_MS = 30_000;
const PATIENCE_MS = 60_000;
const POLL_MS = 100;

/**
 * Of many that want a daemon at the same moment one starts it, and the others wait until it serves.
 *
 * The gate saves starts, and nothing depends on it: what keeps a second daemon away is the daemon's own claim. So the gate
 * opens in doubt: if it cannot be had (the directory cannot be used, its holder is stopped) we start a daemon all the same.
 * A lock that alone keeps a second owner away must not do that, and can then keep everybody away.
 */
export async function spawnOnce(ports: Ports, options: SpawnGateOptions): Promise<Spawning> {
  const { isReady, patienceMs = PATIENCE_MS, pollMs = POLL_MS } = options;
  const goPastAtMs = (await ports.clock.monotonicMs()) + patienceMs;
  for (;;) {
    if (await isReady()) return READY;
    const gate = await enter(ports, options);
    if (gate === 'broken' || (gate === 'held' && (await ports.clock.monotonicMs()) > goPastAtMs)) {
      ports.mark('gate-passed');
      return start(ports, options);
    }
    if (gate !== 'held') return behind(gate, ports, options);
    await ports.clock.sleep(pollMs);
  }
}

type Gate = Extract<Contest, { kind: 'owner' }>['owner'];

/** `held`: somebody is behind it. `broken`: there is no telling. */
async function enter(
  ports: Ports,
  { directory, timing = {} }: SpawnGateOptions,
): Promise<Gate | 'held' | 'broken'> {
  // Who holds the gate owns nothing else: the marks of the claim must not say so.
  const quiet: Ports = { ...ports, mark: (name, data) => ports.mark(`gate-${name}`, data) };
  try {
    const contest = await becomeOwner(quiet, {
      directory,
      endpoint: null,
      timing: { patienceMs: 0, ...timing },
    });
    return contest.kind === 'owner' ? contest.owner : 'held';
  } catch (error) {
    if (isSystemError(error)) return 'broken';
    throw error;
  }
}

async function behind(gate: Gate, ports: Ports, options: SpawnGateOptions): Promise<Spawning> {
  try {
    return (await options.isReady()) ? READY : await start(ports, options);
  } finally {
    await leave(gate);
  }
}

async function leave(gate: Gate): Promise<void> {
  try {
    await gate.release();
  } catch (error) {
    // Our claim stays, and is that of a process that will be gone.
    if (!isSystemError(error)) throw error;
  }
}

async function start(ports: Ports, options: SpawnGateOptions): Promise<Spawning> {
  const { isReady, spawn, readyWithinMs = READY_WITHIN_MS, pollMs = POLL_MS } = options;
  const child = await spawn();
  let status: ExitStatus | null = null;
  child.exited.then((ended) => {
    status = ended;
  }, ignore);
  const untilMs = (await ports.clock.monotonicMs()) + readyWithinMs;
  for (;;) {
    // Before we ask: it may have ended because another serves.
    const ended: ExitStatus | null = status;
    if (await isReady()) return { kind: 'spawned' };
    if (ended !== null && !isDone(ended)) return { kind: 'ended', status: ended };
    if ((await ports.clock.monotonicMs()) >= untilMs)
      return ended === null ? { kind: 'silent' } : { kind: 'ended', status: ended };
    await ports.clock.sleep(pollMs);
  }
}

/** It has found another, which may need a moment to serve. */
function isDone({ code }: ExitStatus): boolean {
  return code === EXIT.done;
}

const READY: Spawning = { kind: 'ready' };
const ignore = (): void => {};
