/** Faults of the machine: suspended, its clock set, rebooted, without power, renamed. */
import type { Ports, Program } from '../../ports/index.ts';
import { afterFaults, at, isPidAlive, start } from '../vocabulary/index.ts';
import type { LockRecord, LockRules } from './lock-file.ts';
import { isAlive, keeper, LOCK, takeLock } from './lock-file.ts';
import { counter } from './of-files.ts';
import { pair } from './pair.ts';

const LEASE_MS = 5_000;
const HEARTBEAT_MS = 1_000;

/** Touches the lock now and then, and never looks back. */
function leaseholder(rules: LockRules): Program {
  return async (ports) => {
    const record = await takeLock(ports, rules);
    if (record === null) return 0;
    ports.mark('own');
    for (;;) {
      const nowMs = await ports.clock.wallMs();
      await ports.fs.utimes(LOCK, nowMs, nowMs);
      await ports.clock.sleep(HEARTBEAT_MS);
    }
  };
}

/** By the wall clock and the time of the file. */
async function isTouchedLately(_: LockRecord, { fs, clock }: Ports): Promise<boolean> {
  const { mtimeMs } = await fs.stat(LOCK);
  return Math.abs((await clock.wallMs()) - mtimeMs) < LEASE_MS;
}

/** By looking for as long as a lease lasts, on our own monotonic clock. */
async function isTouchedMeanwhile(_: LockRecord, { fs, clock }: Ports): Promise<boolean> {
  const before = await fs.stat(LOCK);
  const untilMs = (await clock.monotonicMs()) + LEASE_MS;
  while ((await clock.monotonicMs()) < untilMs) {
    await clock.sleep(HEARTBEAT_MS);
    if ((await fs.stat(LOCK)).mtimeMs !== before.mtimeMs) return true;
  }
  return false;
}

const TIMES = {
  about: 'guard: a lease is measured by the monotonic clock of the process that waits for its end',
  unguarded: leaseholder({ isHeld: isTouchedLately }),
  guarded: leaseholder({ isHeld: isTouchedMeanwhile }),
  settleMs: 10_000,
};

const REBOOT = pair('reboot', {
  about: 'guard: PIDs of another boot mean nothing',
  unguarded: keeper({ isHeld: ({ pid }, ports) => isPidAlive(ports, pid) }, { withToken: true }),
  guarded: keeper({ isHeld: isAlive }, { withToken: true }),
  start: [start('daemon', { atBoot: true }), at(1_500, 'daemon')],
});

const POWER_CUT = pair('power-cut', {
  about: 'guard: a token is on the disk, file and directory, before it is used',
  unguarded: counter({}),
  guarded: counter({ syncs: true }),
  start: ['daemon', at(500, 'daemon'), at(1_000, 'daemon'), afterFaults('daemon')],
  invariants: [],
});

/** A record of another host name: that machine is not here, and will not come back. */
async function isHeldHere(record: LockRecord, ports: Ports): Promise<boolean> {
  const { hostname } = await ports.process.self();
  return record.hostname === hostname && (await isAlive(record, ports));
}

const HOST_NAME = pair('host-name', {
  about: 'guard: a machine is known by its boot id, whatever its name is now',
  // Without tokens: the process that has taken the lock owns it for good.
  unguarded: keeper({ isHeld: isHeldHere }),
  guarded: keeper({ isHeld: isAlive }),
});

export const OF_MACHINES = [
  ...pair('suspend', TIMES),
  ...pair('clock-jump', TIMES),
  ...REBOOT,
  ...POWER_CUT,
  ...HOST_NAME,
];
