import os from 'node:os';
import type { Holder, ProcessInfo, Self } from '../ports/index.ts';
import { readHolders } from './holders.ts';
import {
  listPids,
  readBootId,
  readPidNamespace,
  readProcessInfo,
  readStat,
  readVariable,
} from './identity.ts';
import { lsofHolders, psListPids, psProcessInfo, psVariable, sysctlBootId } from './ps.ts';

/** What an operating system reports about its processes. All methods are synchronous. */
export interface Host {
  bootId(): string;
  pidNamespace(): string;
  processInfo(pid: number): ProcessInfo;
  startTicks(pid: number): number;
  listProcesses(): number[];
  variable(pid: number, name: string): string | null;
  holders(tcpPort: number): Holder[];
}

const linux: Host = {
  bootId: readBootId,
  pidNamespace: readPidNamespace,
  processInfo: readProcessInfo,
  startTicks: (pid) => readStat(pid).startTicks,
  listProcesses: listPids,
  variable: readVariable,
  holders: readHolders,
};

const macos: Host = {
  bootId: sysctlBootId,
  pidNamespace: () => 'macos',
  processInfo: psProcessInfo,
  startTicks: (pid) => psProcessInfo(pid).startTicks,
  listProcesses: psListPids,
  variable: psVariable,
  holders: lsofHolders,
};

export function hostOf(platform: NodeJS.Platform): Host {
  if (platform === 'linux') return linux;
  if (platform === 'darwin') return macos;
  throw new Error(
    `real processes got the platform ${platform}; accepted: linux, darwin. Simulations run on every platform: see check()`,
  );
}

export function selfOf(host: Host): Self {
  return {
    pid: process.pid,
    ppid: process.ppid,
    uid: process.getuid?.() ?? -1,
    startTicks: host.startTicks(process.pid),
    bootId: host.bootId(),
    pidNamespace: host.pidNamespace(),
    hostname: os.hostname(),
  };
}
