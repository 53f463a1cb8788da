import type { Program } from '../../ports/index.ts';
import { DIRECTORY, ending, isAlive, LOCK, type LockRules, takeLock } from './lock-file.ts';
import { pair } from './pair.ts';

/** Takes the lock and keeps it; whoever cannot, says so and ends. */
function keeper(rules: LockRules): Program {
  return ending(async (ports) => {
    if ((await takeLock(ports, rules)) === null) return 0;
    ports.mark('own');
    for (;;) await ports.clock.sleep(60_000);
  });
}

const ERRORS = {
  unguarded: keeper({ isHeld: isAlive, unreadableBy: 'stale' }),
  guarded: keeper({ isHeld: isAlive, unreadableBy: 'held' }),
};

const EIO = pair({ ...ERRORS, fault: 'eio', about: 'guard: a lock that cannot be read is not a stale one' });
const EMFILE = pair({
  ...ERRORS,
  fault: 'emfile',
  about: 'guard: a lock that cannot be opened now is not a stale one',
});
const EACCES = pair({
  ...ERRORS,
  fault: 'eacces',
  about: 'guard: a lock that we may not open is not a stale one',
});

/** Creates the lock exclusively and writes its PID into it. What is in it nobody breaks. */
function writer({ clearsUp }: { clearsUp: boolean }): Program {
  return ending(async ({ fs, process, clock, mark }) => {
    await fs.mkdir(DIRECTORY, { recursive: true });
    const { pid } = await process.self();
    const fd = await fs.open(LOCK, 'wx');
    try {
      await fs.write(fd, `${pid}\n`);
    } catch (error) {
      if (clearsUp) await fs.unlink(LOCK);
      throw error;
    }
    await fs.close(fd);
    mark('own');
    for (;;) await clock.sleep(60_000);
  });
}

const ENOSPC = pair({
  fault: 'enospc',
  about: 'guard: who could not write its lock removes it again',
  unguarded: writer({ clearsUp: false }),
  guarded: writer({ clearsUp: true }),
});

/** What is no whole record is broken. */
const breaksTorn = (writesOn: boolean) => keeper({ isHeld: isAlive, unreadable: 'stale', writesOn });

const SHORT_WRITE = pair({
  fault: 'short-write',
  about: 'guard: who writes goes on until all is written',
  unguarded: breaksTorn(false),
  guarded: breaksTorn(true),
});

export const OF_OPERATIONS = [...EIO, ...EMFILE, ...EACCES, ...ENOSPC, ...SHORT_WRITE];
