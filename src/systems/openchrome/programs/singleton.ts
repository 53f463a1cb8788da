/** Chrome's own lock on a profile, the second lock for a single owner: a symbolic link whose target, `host-pid`, names who has it. */
import { hasCode, type Ports } from '../../../ports/index.ts';
import { orElse } from '../../vocabulary/index.ts';

export function singletonLock(userDataDir: string): string {
  return `${userDataDir}/SingletonLock`;
}

/**
 * What a Chrome does before anything else. symlink(2) makes the lock complete and at once. A lock of this host is stale if no
 * Chrome of this profile has its PID; then it is removed, and made anew.
 *
 * @returns `in-use`: another Chrome of this host has the profile; `elsewhere`: one of another host, by what the lock says
 */
export async function lockProfile(
  ports: Ports,
  userDataDir: string,
): Promise<'locked' | 'in-use' | 'elsewhere'> {
  const { fs, mark } = ports;
  const { pid, hostname } = await ports.process.self();
  const path = singletonLock(userDataDir);
  await fs.mkdir(userDataDir, { recursive: true });
  for (;;) {
    try {
      await fs.symlink(`${hostname}-${pid}`, path);
      return 'locked';
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    const holder = parseTarget(await orElse(fs.readlink(path), '', 'ENOENT'));
    if (holder === null) continue;
    if (holder.hostname !== hostname) {
      mark('profile-elsewhere');
      return 'elsewhere';
    }
    if (holder.pid !== pid && (await isChromeOf(holder.pid, userDataDir, ports))) {
      mark('profile-in-use');
      return 'in-use';
    }
    await fs.unlinkIfThere(path);
  }
}

/** Null if it has just been removed, or is not `host-pid`. A host name may have hyphens too. */
export function parseTarget(target: string): { hostname: string; pid: number } | null {
  const [, hostname, pid] = /^(.+)-(\d+)$/.exec(target) ?? [];
  return hostname === undefined ? null : { hostname, pid: Number(pid) };
}

async function isChromeOf(pid: number, userDataDir: string, { process }: Ports): Promise<boolean> {
  const info = await orElse(process.info(pid), null, 'ESRCH');
  return info?.command[0] === 'chrome' && info.command.includes(`--user-data-dir=${userDataDir}`);
}
