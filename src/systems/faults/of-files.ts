/** Faults of files: lost, torn, corrupted, put back. */
import type { Ports, Program } from '../../ports/index.ts';
import { listenIfFree, sleepForever } from '../vocabulary/index.ts';
import { DIRECTORY, ending, isAlive, keeper, takeLock, writeWhole } from './lock-file.ts';
import { pair } from './pair.ts';

const ADDRESS = { kind: 'tcp', host: '127.0.0.1', tcpPort: 50_001 } as const;

/** Beside the lock file it binds a TCP port. */
const portKeeper: Program = async (ports) => {
  if ((await takeLock(ports, { isHeld: isAlive })) === null) return 0;
  if ((await listenIfFree(ports, ADDRESS)) === null) return 0;
  ports.mark('own');
  return sleepForever(ports);
};

const LOSE = pair('lose-state', {
  about: 'guard: beside the file something that cannot be lost, a TCP port',
  unguarded: ending(keeper({ isHeld: isAlive })),
  guarded: ending(portKeeper),
  faults: { 'lose-state': { max: 1, under: DIRECTORY } },
});

const UNREADABLE = {
  unguarded: ending(keeper({ isHeld: isAlive, unreadable: 'stale' })),
  guarded: ending(keeper({ isHeld: isAlive, unreadable: 'held' })),
};

const TEAR = pair('tear-state', {
  ...UNREADABLE,
  about: 'guard: a record that is not whole does not count as one that may be broken',
  faults: { 'tear-state': { max: 1, under: DIRECTORY } },
});

const CORRUPT = pair('corrupt-state', {
  ...UNREADABLE,
  about: 'guard: whatever else may be in the file, it does not count as a dead owner',
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

const ROLL_BACK = pair('roll-back-state', {
  about: 'guard: a fencing token is at least the clock',
  unguarded: counter({}),
  guarded: counter({ asksTheClock: true }),
  faults: { 'roll-back-state': { max: 2, under: DIRECTORY } },
  invariants: [],
});

export const OF_FILES = [...LOSE, ...TEAR, ...CORRUPT, ...ROLL_BACK];
