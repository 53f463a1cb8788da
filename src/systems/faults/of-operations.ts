/** Faults of operations: reads that fail, disks that are full, writes that fall short. */
import type { Ports, Program } from '../../ports/index.ts';
import { sleeper, sleepForever } from '../vocabulary/index.ts';
import { DIRECTORY, ending, isAlive, keeper, LOCK } from './lock-file.ts';
import { pair } from './pair.ts';

/** When it cannot take the lock it says so by its exit code. */
const ERRORS = {
  unguarded: ending(keeper({ isHeld: isAlive, unreadableBy: 'stale' })),
  guarded: ending(keeper({ isHeld: isAlive, unreadableBy: 'held' })),
};

/** Creates the lock exclusively and does what must not fail. No process ever breaks the lock. */
function creator(
  next: (ports: Ports, fd: number, pid: number) => Promise<unknown>,
  { clearsUp }: { clearsUp: boolean },
): Program {
  return ending(async (ports) => {
    const { fs, process, mark } = ports;
    await fs.mkdir(DIRECTORY, { recursive: true });
    const { pid } = await process.self();
    const fd = await fs.open(LOCK, 'wx');
    try {
      await next(ports, fd, pid);
    } catch (error) {
      if (clearsUp) await fs.unlink(LOCK);
      throw error;
    }
    await fs.close(fd);
    mark('own');
    return sleepForever(ports);
  });
}

const writesPid = ({ fs }: Ports, fd: number, pid: number) => fs.write(fd, `${pid}\n`);

const ENOSPC = pair('enospc', {
  about: 'guard: a process that could not write its lock removes it again',
  unguarded: creator(writesPid, { clearsUp: false }),
  guarded: creator(writesPid, { clearsUp: true }),
});

const startsHelper = ({ process }: Ports) => process.spawn(['helper']);

const SPAWN_FAILS = pair('spawn-fails', {
  about: 'guard: a process that cannot start its helper gives up its lock again',
  unguarded: creator(startsHelper, { clearsUp: false }),
  guarded: creator(startsHelper, { clearsUp: true }),
  programs: { helper: sleeper },
});

/** Breaks a lock that is not a whole record. */
const breaksTorn = (writesOn: boolean) => ending(keeper({ isHeld: isAlive, unreadable: 'stale', writesOn }));

const SHORT_WRITE = pair('short-write', {
  about: 'guard: a short write is continued until everything is written',
  unguarded: breaksTorn(false),
  guarded: breaksTorn(true),
});

export const OF_OPERATIONS = [
  ...pair('eio', { ...ERRORS, about: 'guard: a lock that cannot be read is not a stale one' }),
  ...pair('emfile', { ...ERRORS, about: 'guard: a lock that cannot be opened now is not a stale one' }),
  ...pair('eacces', { ...ERRORS, about: 'guard: a lock that we may not open is not a stale one' }),
  ...ENOSPC,
  ...SHORT_WRITE,
  ...SPAWN_FAILS,
];
