/** The file by which a process knows that its directory is that of a trial, and which trial it belongs to. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { TcpPorts } from './ports.ts';

const NAME = 'site.json';

/** Below the directory of a trial: the root of its processes, and their traces. The names are short, because socket paths are limited. */
export const ROOT = 'r';
export const TRACES = 'traces';

/** In the environment of the processes that wait for a byte before they begin, and not in that of their children. */
export const LEASH_VARIABLE = 'ONE_SURVIVOR_LEASH';

const shape = z.object({
  /** In the environment of each process of the trial. */
  word: z.string().min(1),
  runner: z.object({ pid: z.int(), startTicks: z.int() }),
  tcpPorts: z.record(z.coerce.number<string>().int(), z.int()),
  config: z.record(z.string(), z.string()),
});

/** What the processes of a trial share. */
export interface SiteFile {
  readonly word: string;
  /** The process that has made the directory: without it, the trial is over. */
  readonly runner: { readonly pid: number; readonly startTicks: number };
  readonly tcpPorts: TcpPorts;
  /** Which programs they run. */
  readonly config: Readonly<Record<string, string>>;
}

export function writeSiteFile(directory: string, file: SiteFile): void {
  writeFileSync(join(directory, NAME), JSON.stringify(file), { flag: 'wx', mode: 0o600 });
}

/** @throws if the directory is not that of a trial */
export function readSiteFile(directory: string): SiteFile {
  return shape.parse(JSON.parse(readFileSync(join(directory, NAME), 'utf8')));
}
