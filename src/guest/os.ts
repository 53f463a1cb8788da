/** `node:os` of a process: a small Linux machine, whose host name and clock are simulated. */
import os from 'node:os';
import type { Machine, Self } from '../ports/index.ts';
import type { GuestProcess } from './process.ts';
import { executeNow, immediateOf } from './script.ts';
import { noting } from './uses.ts';

interface Parts {
  readonly process: GuestProcess;
  readonly machine: Machine;
  /** The process, as the machine knows it. */
  readonly simulated: unknown;
}

export function osFor({ process, machine, simulated }: Parts) {
  const env = (): Record<string, string | undefined> => process.env as Record<string, string | undefined>;
  const { uid, gid } = simulated as { uid: number; gid: number };
  const home = (): string => env().HOME ?? (uid === 0 ? '/root' : '/');
  const cpu = { model: 'simulated', speed: 0, times: { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 } };
  const loopback = { family: 'IPv4', address: '127.0.0.1', netmask: '255.0.0.0', cidr: '127.0.0.1/8' };
  return noting('os', {
    constants: os.constants,
    EOL: '\n',
    devNull: '/dev/null',
    platform: () => 'linux',
    type: () => 'Linux',
    arch: () => process.arch,
    machine: () => 'x86_64',
    release: () => '6.1.0',
    version: () => '#1 SMP',
    hostname: () => (executeNow({ machine, process: simulated }, { op: 'self' }) as Self).hostname,
    homedir: home,
    tmpdir: () => (env().TMPDIR ?? env().TMP ?? env().TEMP ?? '/tmp').replace(/(.)\/$/, '$1'),
    endianness: () => 'LE',
    uptime: () => immediateOf(machine).readClock(simulated, 'monotonic') / 1000,
    loadavg: () => [0, 0, 0],
    cpus: () => [cpu],
    availableParallelism: () => 1,
    totalmem: () => 2 ** 32,
    freemem: () => 2 ** 31,
    networkInterfaces: () => ({ lo: [{ ...loopback, mac: '00:00:00:00:00:00', internal: true }] }),
    userInfo: () => ({
      username: uid === 0 ? 'root' : `user${uid}`,
      uid,
      gid,
      shell: '/bin/sh',
      homedir: home(),
    }),
    getPriority: () => 0,
    setPriority: () => {},
  });
}
