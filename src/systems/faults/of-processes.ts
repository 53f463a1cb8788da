import { hasCode, type Ports, type Program } from '../../ports/index.ts';
import { eventually } from '../../scenario/index.ts';
import { DIRECTORY, exists, isAlive, type LockRules, takeLock } from './lock-file.ts';
import { pair } from './pair.ts';

/** Takes the lock and keeps it. */
function keeper(rules: LockRules): Program {
  return async (ports) => {
    const record = await takeLock(ports, rules);
    if (record === null) return 0;
    ports.mark('own', { token: record.token });
    for (;;) await ports.clock.sleep(60_000);
  };
}

const KILL = pair({
  fault: 'kill',
  about: 'guard: a lock whose owner is gone may be taken',
  unguarded: keeper({ isHeld: async () => true }),
  guarded: keeper({ isHeld: isAlive }),
});

const LEASE_MS = 1_500;
const HEARTBEAT_MS = 500;

/**
 * Owns as long as it touches its lock, `lock-N` with the highest N; whoever finds that untouched for a lease may make the
 * next. link(2) lets only one do so.
 */
function leaseholder({ looksBeforeActs }: { looksBeforeActs: boolean }): Program {
  return async (ports) => {
    const token = await takeLease(ports);
    if (token === null) return 0;
    ports.mark('own', { token });
    for (;;) {
      await touch(ports, token);
      await ports.clock.sleep(HEARTBEAT_MS);
      // One operation, and then the act: with a second one in between there would be room for a stop.
      if (looksBeforeActs && (await ports.fs.exists(leasePath(token + 1)))) break;
      ports.mark('act', { token });
    }
    ports.mark('release');
    return 0;
  };
}

/** Null: somebody holds it. */
async function takeLease(ports: Ports): Promise<number | null> {
  const { fs, process, clock } = ports;
  await fs.mkdir(DIRECTORY, { recursive: true });
  const newest = await newestLease(ports);
  if (newest > 0) {
    const { mtimeMs } = await fs.stat(leasePath(newest));
    if ((await clock.wallMs()) - mtimeMs < LEASE_MS) return null;
  }
  const own = `${DIRECTORY}/${(await process.self()).pid}`;
  await fs.writeFile(own, '');
  try {
    await fs.link(own, leasePath(newest + 1));
    return newest + 1;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return null;
    throw error;
  }
}

async function newestLease({ fs }: Ports): Promise<number> {
  const numbers = (await fs.readdir(DIRECTORY)).map((name) => Number(/^lock-(\d+)$/.exec(name)?.[1] ?? 0));
  return Math.max(0, ...numbers);
}

async function touch({ fs, clock }: Ports, token: number): Promise<void> {
  const nowMs = await clock.wallMs();
  await fs.utimes(leasePath(token), nowMs, nowMs);
}

function leasePath(token: number): string {
  return `${DIRECTORY}/lock-${token}`;
}

const STOP = pair({
  fault: 'stop',
  about: 'guard: who was stopped looks whether it still is the owner before it acts',
  unguarded: leaseholder({ looksBeforeActs: false }),
  guarded: leaseholder({ looksBeforeActs: true }),
  faults: { stop: { max: 1, forMs: [2_500] } },
  invariants: [],
});

/** Owns for a moment and ends without a word, as in a crash. */
function crasher(rules: LockRules): Program {
  return async (ports) => {
    const record = await takeLock(ports, rules);
    if (record === null) return 0;
    ports.mark('own', { token: record.token });
    // The one that starts last stays.
    const { startTicks } = await ports.process.self();
    await ports.clock.sleep(startTicks > FIRST_TICKS ? 60_000 : 300);
    return 1;
  };
}

/** A machine has been up for 1,000 s when a run begins. */
const FIRST_TICKS = 100_350;

const PID_REUSE = pair({
  fault: 'pid-reuse',
  about: 'guard: a PID names a process only together with its start time',
  unguarded: crasher({ isHeld: ({ pid }, ports) => exists(pid, ports) }),
  guarded: crasher({ isHeld: isAlive }),
});

/** Has a helper that holds something dear. */
const withHelper: Program = async (ports) => {
  const record = await takeLock(ports, { isHeld: isAlive });
  if (record === null) return 0;
  ports.mark('own', { token: record.token });
  const child = await ports.process.spawn(['helper', `${record.pid}`]);
  await child.exited;
  return 0;
};

/** Told who its parent is: had it to ask, the parent might be gone by then. */
function helper({ watchesItsParent }: { watchesItsParent: boolean }): Program {
  return async ({ process, clock }, [parent]) => {
    for (;;) {
      if (watchesItsParent && (await process.self()).ppid !== Number(parent)) return 0;
      await clock.sleep(500);
    }
  };
}

const noOrphan = eventually('no orphan', ({ processes }) => {
  const orphan = processes.find(
    ({ alive, command, parent }) => alive && command[0] === 'helper' && !parent?.alive,
  );
  return orphan === undefined ? null : `${orphan.name} runs on without its parent`;
});

const [ORPHANED] = pair({
  fault: 'parent-death',
  about: 'guard: a child that outlives its parent ends itself',
  unguarded: withHelper,
  guarded: withHelper,
  programs: { helper: helper({ watchesItsParent: false }) },
  invariants: [noOrphan],
});
const [, WATCHING] = pair({
  fault: 'parent-death',
  about: 'guard: a child that outlives its parent ends itself',
  unguarded: withHelper,
  guarded: withHelper,
  programs: { helper: helper({ watchesItsParent: true }) },
  invariants: [noOrphan],
});

export const OF_PROCESSES = [...KILL, ...STOP, ...PID_REUSE, ORPHANED!, WATCHING!];
