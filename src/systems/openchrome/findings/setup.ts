import type { World } from '../../../scenario/index.ts';
import { oldLock } from '../before.ts';
import { isOrphan, noOrphan } from '../invariants.ts';
import { AFTER } from '../session.ts';
import { PROFILE } from '../setup.ts';

/** Of every finding: it is in the sessions as they are after the fixes. */
export const known = { expects: 'violation', session: { version: AFTER } } as const;

/** Of a fault: it strikes once, and what it strikes never recovers. */
export const FOR_EVER = { max: 1, forMs: [Number.POSITIVE_INFINITY] } as const;

/** While an owner that is asked to end at 1,000 ms does so: an operation takes 0.02 ms. */
export const ASKED_AT_MS = [1_000.2, 1_000.3, 1_000.4];

/** The lock of an owner that is gone. */
export const DEAD = oldLock({ pid: 999 });

/** Beside an orphan's profile: whose it was. */
export function markerOf(ppid: number): Record<string, string> {
  return { [`${PROFILE}/.openchrome-managed`]: JSON.stringify({ pid: 1_001, ppid, userDataDir: PROFILE }) };
}

/** A managed Chrome whose owner is gone. Named first, it is PID 1001. */
export const ORPHAN = {
  program: 'chrome',
  argv: ['--remote-debugging-port=9222', `--user-data-dir=${PROFILE}`],
} as const;

/** As {@link noOrphan}; but it counts only for this reason. */
export function whenOrphan(name: string, cause: (world: World, pid: number) => boolean): typeof noOrphan {
  return {
    ...noOrphan,
    name,
    check: (world) => {
      const orphan = world.processes.find(isOrphan);
      return orphan !== undefined && cause(world, orphan.pid) ? noOrphan.check(world) : null;
    },
  };
}
