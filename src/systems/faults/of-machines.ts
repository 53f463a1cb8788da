import type { Ports, Program } from '../../ports/index.ts';
import type { LockRecord, LockRules } from './lock-file.ts';
import { exists, isAlive, LOCK, takeLock } from './lock-file.ts';
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
  unguarded: leaseholder({ isHeld: isTouchedLately }),
  guarded: leaseholder({ isHeld: isTouchedMeanwhile }),
  settleMs: 10_000,
};

const SUSPEND = pair({
  ...TIMES,
  fault: 'suspend',
  about: 'guard: a lease is measured by the monotonic clock of whoever waits for its end',
});

const CLOCK_JUMP = pair({
  ...TIMES,
  fault: 'clock-jump',
  about: 'guard: a lease is measured by the monotonic clock of whoever waits for its end',
});

function keeper(rules: LockRules): Program {
  return async (ports) => {
    const record = await takeLock(ports, rules);
    if (record === null) return 0;
    ports.mark('own', { token: record.token });
    for (;;) await ports.clock.sleep(60_000);
  };
}

const REBOOT = pair({
  fault: 'reboot',
  about: 'guard: PIDs of another boot mean nothing',
  unguarded: keeper({ isHeld: ({ pid }, ports) => exists(pid, ports) }),
  guarded: keeper({ isHeld: isAlive }),
  start: [
    { program: 'daemon', atBoot: true },
    { program: 'daemon', atMs: 1_500 },
  ],
});

const POWER_CUT = pair({
  fault: 'power-cut',
  about: 'guard: a token is on the disk, file and directory, before it is used',
  unguarded: counter({}),
  guarded: counter({ syncs: true }),
  start: [
    { program: 'daemon' },
    { program: 'daemon', atMs: 500 },
    { program: 'daemon', atMs: 1_000 },
    { program: 'daemon', phase: 'settle' },
  ],
  invariants: [],
});

/** A record of another host name: that machine is not here, and will not come back. */
async function isHeldHere(record: LockRecord, ports: Ports): Promise<boolean> {
  const { hostname } = await ports.process.self();
  return record.hostname === hostname && (await isAlive(record, ports));
}

/** Knows of no tokens: who has taken the lock owns it for good. */
function holder(rules: LockRules): Program {
  return async (ports) => {
    if ((await takeLock(ports, rules)) === null) return 0;
    ports.mark('own');
    for (;;) await ports.clock.sleep(60_000);
  };
}

const HOST_NAME = pair({
  fault: 'host-name',
  about: 'guard: a machine is known by its boot id, whatever its name is now',
  unguarded: holder({ isHeld: isHeldHere }),
  guarded: holder({ isHeld: isAlive }),
});

export const OF_MACHINES = [...SUSPEND, ...CLOCK_JUMP, ...REBOOT, ...POWER_CUT, ...HOST_NAME];
