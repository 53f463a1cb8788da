/** How far real processes can be separated from this machine. */
import { spawnSync } from 'node:child_process';
import type { Surroundings } from './coordinate/plan.ts';

/** A way to start a command apart. */
export interface Separation extends Surroundings {
  /** What comes before the command. */
  readonly before: readonly string[];
  /** What is not separated, and why; `null`: everything is. */
  readonly lacks: string | null;
}

/** PID 1 of the namespaces: it reaps orphans. */
const SHELL = 'ip link set lo up 2>/dev/null; "$@"; exit $?';
const WITHOUT_NETWORK = '"$@"; exit $?';
const PIDS = ['-p', '-m', '-f', '--mount-proc', '--kill-child'] as const;
const TRY_WITHIN_MS = 10_000;

let found: Separation | null = null;

/** Tries what this machine permits, once. */
export function separationHere(): Separation {
  found ??= look();
  return found;
}

function look(): Separation {
  const isRoot = process.getuid!() === 0;
  const ways = isRoot ? [[], ['-r']] : [['-r']];
  for (const user of ways) {
    const otherUsers = isRoot && user.length === 0;
    const whole = ['unshare', ...user, '-n', ...PIDS, 'sh', '-c'];
    if (works([...whole, 'ip link set lo up']))
      return {
        ...{ ownPids: true, ownNetwork: true, otherUsers, lacks: null },
        before: [...whole, SHELL, 'init'],
      };
    const pids = ['unshare', ...user, ...PIDS, 'sh', '-c'];
    if (works([...pids, 'true']))
      return {
        ...{ ownPids: true, ownNetwork: false, otherUsers },
        lacks: 'no network namespace of its own: TCP ports are others than in the simulation',
        before: [...pids, WITHOUT_NETWORK, 'init'],
      };
  }
  return {
    ...{ ownPids: false, ownNetwork: false, otherUsers: isRoot, before: [] },
    lacks:
      'no namespaces of its own, because unshare(1) is missing or not permitted: a PID cannot be given again',
  };
}

function works([file = '', ...args]: readonly string[]): boolean {
  return spawnSync(file, args, { stdio: 'ignore', timeout: TRY_WITHIN_MS }).status === 0;
}
