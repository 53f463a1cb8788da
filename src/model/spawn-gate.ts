import { ignore } from '../ports/ignore.ts';
import { type Child, type ExitStatus, isSystemError, type Ports } from '../ports/index.ts';
import { becomeOwner } from './contend.ts';
import type { Contest } from './contest.ts';
import { EXIT } from './exit-codes.ts';
import type { Timing } from './timing.ts';

export interface SpawnGateOptions {
  /** Holds the claims of the gate, and nothing else; not the state directory of the daemon. Created if missing. */
  directory: string;
  /** Whether the daemon serves. Called before the gate, and again behind it, since another process may have just started it. */
  isReady: () => Promise<boolean>;
  /** Starts the daemon. The child may exit with 0 if it finds another daemon. */
  spawn: () => Promise<Child>;
  /** How long a started daemon may take to serve before the gate is released: the longest start to expect, in milliseconds. */
  readyWithinMs?: number;
  /** How long to wait for the holder of the gate before passing it anyway, in milliseconds. Should exceed `readyWithinMs`. */
  patienceMs?: number;
  pollMs?: number;
  timing?: Partial<Timing>;
}

export type Spawning =
  /** It already served; or we have started it, and it serves. */
  | { readonly kind: 'ready' | 'spawned' }
  /** We have started one that has ended, and no daemon serves. */
  | { readonly kind: 'ended'; readonly status: ExitStatus }
  /** We have started one that runs but does not serve yet. */
  | { readonly kind: 'silent' };

const READY_WITHIN_MS = 30_000;
const PATIENCE_MS = 60_000;
const POLL_MS = 100;

/**
 * If many processes need a daemon at the same moment, one starts it and the others wait until it serves.
 *
 * The gate only saves superfluous starts: it is the daemon's own claim that prevents a second daemon. So the gate fails open: if it
 * cannot be acquired (the directory is unusable, its holder is stopped), we start a daemon anyway. A lock that is the only
 * protection against a second owner must fail closed, and can then block every start.
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

/** `held`: another process holds it. `broken`: it cannot be acquired. */
async function enter(
  ports: Ports,
  { directory, timing = {} }: SpawnGateOptions,
): Promise<Gate | 'held' | 'broken'> {
  // The holder of the gate does not own the daemon: rename the marks, so that invariants do not count it as an owner.
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
    // Our claim stays; it becomes void when this process ends.
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
    // Read the status before calling isReady: the child may have ended because another daemon serves.
    const ended: ExitStatus | null = status;
    if (await isReady()) return { kind: 'spawned' };
    if (ended !== null && !isDone(ended)) return { kind: 'ended', status: ended };
    if ((await ports.clock.monotonicMs()) >= untilMs)
      return ended === null ? { kind: 'silent' } : { kind: 'ended', status: ended };
    await ports.clock.sleep(pollMs);
  }
}

/** It has found another daemon, which may need a moment to serve. */
function isDone({ code }: ExitStatus): boolean {
  return code === EXIT.done;
}

const READY: Spawning = { kind: 'ready' };
