import { hasCode, type Ports, type Program } from '../../ports/index.ts';
import { DIRECTORY, ending, isAlive, type LockRules, takeLock, writeWhole } from './lock-file.ts';
import { pair } from './pair.ts';

const ADDRESS = { kind: 'tcp', host: '127.0.0.1', tcpPort: 50_001 } as const;

function keeper(rules: LockRules, { bindsAPort = false } = {}): Program {
  return ending(async (ports) => {
    if ((await takeLock(ports, rules)) === null) return 0;
    if (bindsAPort && !(await binds(ports))) return 0;
    ports.mark('own');
    for (;;) await ports.clock.sleep(60_000);
  });
}

async function binds({ net }: Ports): Promise<boolean> {
  try {
    await net.listen(ADDRESS);
    return true;
  } catch (error) {
    if (hasCode(error, 'EADDRINUSE')) return false;
    throw error;
  }
}

const LOSE = pair({
  fault: 'lose-state',
  about: 'guard: beside the file something that cannot be lost, a TCP port',
  unguarded: keeper({ isHeld: isAlive }),
  guarded: keeper({ isHeld: isAlive }, { bindsAPort: true }),
  faults: { 'lose-state': { max: 1, under: DIRECTORY } },
});

const TEAR = pair({
  fault: 'tear-state',
  about: 'guard: what is not a whole record is not taken for one that may be broken',
  unguarded: keeper({ isHeld: isAlive, unreadable: 'stale' }),
  guarded: keeper({ isHeld: isAlive, unreadable: 'held' }),
  faults: { 'tear-state': { max: 1, under: DIRECTORY } },
});

const CORRUPT = pair({
  fault: 'corrupt-state',
  about: 'guard: whatever else may be in the file, it is not taken for a dead owner',
  unguarded: keeper({ isHeld: isAlive, unreadable: 'stale' }),
  guarded: keeper({ isHeld: isAlive, unreadable: 'held' }),
  faults: { 'corrupt-state': { max: 1, under: DIRECTORY } },
});

const COUNTER = `${DIRECTORY}/token`;

/** Comes, counts, acts and goes: one at a time, each under a token of its own. */
export function counter({ asksTheClock = false, syncs = false }): Program {
  return ending(async (ports) => {
    const { fs, clock } = ports;
    await fs.mkdir(DIRECTORY, { recursive: true });
    const last = await readNumber(ports, COUNTER);
    const token = Math.max(last + 1, asksTheClock ? await clock.wallMs() : 0);
    await writeWhole(ports, COUNTER, `${token}\n`, { syncs });
    ports.mark('own', { token });
    ports.mark('act', { token });
    await clock.sleep(100);
    ports.mark('release');
    return 0;
  });
}

async function readNumber({ fs }: Ports, path: string): Promise<number> {
  try {
    return Number.parseInt(await fs.readFile(path), 10) || 0;
  } catch {
    return 0;
  }
}

const ROLL_BACK = pair({
  fault: 'roll-back-state',
  about: 'guard: a fencing token is at least the clock',
  unguarded: counter({}),
  guarded: counter({ asksTheClock: true }),
  faults: { 'roll-back-state': { max: 2, under: DIRECTORY } },
  invariants: [],
});

export const OF_FILES = [...LOSE, ...TEAR, ...CORRUPT, ...ROLL_BACK];
