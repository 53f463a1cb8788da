/** Faults of processes: killed, stopped, replaced by another with the same PID, orphaned. */
import type { Ports, Program } from '../../ports/index.ts';
import { FIRST_TICKS, isPidAlive, MS_PER_TICK, noneLeft, orElse } from '../vocabulary/index.ts';
import { DIRECTORY, isAlive, keeper, type LockRules, takeLock } from './lock-file.ts';
import { pair } from './pair.ts';

const KILL = pair('kill', {
  about: 'guard: a lock whose owner is gone may be taken',
  unguarded: keeper({ isHeld: async () => true }, { withToken: true }),
  guarded: keeper({ isHeld: isAlive }, { withToken: true }),
});

const LEASE_MS = 1_500;
const HEARTBEAT_MS = 500;

/**
 * Owns as long as it touches its lock, `lock-N` with the highest N. When that has not been touched for a lease, another may
 * make the next; link(2) lets only one do so.
 */
function leaseholder({ looksBeforeActs }: { looksBeforeActs: boolean }): Program {
  return async (ports) => {
    const token = await takeLease(ports);
    if (token === null) return 0;
    ports.mark('own', { token });
    for (;;) {
      const nowMs = await ports.clock.wallMs();
      await ports.fs.utimes(leasePath(token), nowMs, nowMs);
      await ports.clock.sleep(HEARTBEAT_MS);
      // One operation, and then the act: with a second one in between there would be room for a stop.
      if (looksBeforeActs && (await ports.fs.exists(leasePath(token + 1)))) break;
      ports.mark('act', { token });
    }
    ports.mark('release');
    return 0;
  };
}

/** Null if another process holds it. */
async function takeLease(ports: Ports): Promise<number | null> {
  const { fs, process, clock } = ports;
  await fs.mkdir(DIRECTORY, { recursive: true });
  const numbers = (await fs.readdir(DIRECTORY)).map((name) => Number(/^lock-(\d+)$/.exec(name)?.[1] ?? 0));
  const newest = Math.max(0, ...numbers);
  if (newest > 0) {
    const { mtimeMs } = await fs.stat(leasePath(newest));
    if ((await clock.wallMs()) - mtimeMs < LEASE_MS) return null;
  }
  const own = `${DIRECTORY}/${(await process.self()).pid}`;
  await fs.writeFile(own, '');
  return orElse(
    fs.link(own, leasePath(newest + 1)).then(() => newest + 1),
    null,
    'EEXIST',
  );
}

function leasePath(token: number): string {
  return `${DIRECTORY}/lock-${token}`;
}

const STOP = pair('stop', {
  about: 'guard: an owner that was stopped looks whether it still is the owner before it acts',
  unguarded: leaseholder({ looksBeforeActs: false }),
  guarded: leaseholder({ looksBeforeActs: true }),
  faults: { stop: { max: 1, forMs: [2_500] } },
  invariants: [],
});

/** Owns for a moment and ends without releasing, as in a crash. The one that starts last stays. */
function crasher(rules: LockRules): Program {
  return async (ports) => {
    const record = await takeLock(ports, rules);
    if (record === null) return 0;
    ports.mark('own', { token: record.token });
    const { startTicks } = await ports.process.self();
    await ports.clock.sleep(startTicks > FIRST_TICKS + 3_500 / MS_PER_TICK ? 60_000 : 300);
    return 1;
  };
}

const PID_REUSE = pair('pid-reuse', {
  about: 'guard: a PID names a process only together with its start time',
  unguarded: crasher({ isHeld: ({ pid }, ports) => isPidAlive(ports, pid) }),
  guarded: crasher({ isHeld: isAlive }),
});

/** Has a helper that must not outlive it. */
const withHelper: Program = async (ports) => {
  const record = await takeLock(ports, { isHeld: isAlive });
  if (record === null) return 0;
  ports.mark('own', { token: record.token });
  const child = await ports.process.spawn(['helper', `${record.pid}`]);
  await child.exited;
  return 0;
};

/** Its argument is the PID of its parent: if it had to ask, the parent might be gone by then. */
function helper({ watchesItsParent }: { watchesItsParent: boolean }): Program {
  return async ({ process, clock }, [parent]) => {
    for (;;) {
      if (watchesItsParent && (await process.self()).ppid !== Number(parent)) return 0;
      await clock.sleep(500);
    }
  };
}

const noOrphan = noneLeft(
  'no orphan',
  ({ alive, command, parent }) => alive && command[0] === 'helper' && !parent?.alive,
  ({ name }) => `${name} runs on without its parent`,
);

/** Here the guard is in the helper. */
const [ORPHANED, WATCHING] = [false, true].map((watchesItsParent, i) => {
  const twins = pair('parent-death', {
    about: 'guard: a child that outlives its parent ends itself',
    unguarded: withHelper,
    guarded: withHelper,
    programs: { helper: helper({ watchesItsParent }) },
    invariants: [noOrphan],
  });
  return twins[i]!;
});

export const OF_PROCESSES = [...KILL, ...STOP, ...PID_REUSE, ORPHANED!, WATCHING!];
