/** What trials of claude-mem look at: workers, their bind, and their chroma-mcp. */
import type { ProgramTrace, Seen, Site } from '../../real/confined/index.ts';
import type { RealProcess, TraceRecord } from '../../real/index.ts';
import { marks, marksIn } from '../looks.ts';

export function workers(site: Site): Seen[] {
  return site.alive('worker');
}

export function chromas(site: Site): Seen[] {
  return site.alive('chroma-mcp');
}

/** How many chroma-mcp workers have started. One that is ended at once may have no trace of its own. */
export function chromaStarts(site: Site): number {
  const isStart = ({ op, args, error }: TraceRecord): boolean =>
    op === 'spawn' && error === undefined && (args.command as readonly string[])[0] === 'chroma-mcp';
  return site.traces('worker').reduce((sum, { lines }) => sum + lines.filter(isStart).length, 0);
}

/** Its first look for chroma-mcp is over. */
export function hasSynced(site: Site, worker: Seen): boolean {
  return marksIn(site.traceOf(worker), 'synced').length > 0;
}

/** It has found its TCP port taken. */
export function hasLostBind({ lines }: ProgramTrace): boolean {
  return lines.some(({ op, error }) => op === 'listen' && error === 'EADDRINUSE');
}

/** All hooks have ended, and each worker that is left has looked for chroma-mcp. */
export function hasSettled(site: Site): boolean {
  return site.alive('hook').length === 0 && workers(site).every((worker) => hasSynced(site, worker));
}

export async function untilEnded(site: Site, processes: readonly RealProcess[]): Promise<void> {
  await site.until('all of them have ended', () => processes.every(({ ending }) => ending !== null));
}

/** How often a hook has made sure that a worker runs, per hook. */
export function attemptsPerHook(site: Site): number {
  const looks = ['ready', 'gave-up', 'spawned'].flatMap((name) => marks(site, name, 'hook'));
  return looks.length / site.traces('hook').length;
}

/** Hooks that have found no worker. */
export function gaveUp(site: Site): number {
  return marks(site, 'gave-up', 'hook').length;
}

export interface Times {
  /** From the start of a worker to its bind. */
  readonly spawnMs: number;
  /** The fastest answer to a question about its health. */
  readonly healthMs: number;
  /** Between the look at the TCP port and the start of a worker. */
  readonly windowMs: number;
}

/** Of the first hook that has started a worker; null if none has. */
export function timesOf(site: Site): Times | null {
  const hook = site.traces('hook').find(({ lines }) => lines.some(({ op }) => op === 'spawn'));
  const worker = site.traces('worker').find(({ lines }) => lines.some(isBound));
  if (hook === undefined || worker === undefined) return null;
  const spawn = hook.lines.find(({ op }) => op === 'spawn')!;
  const looked = hook.lines.findLast(
    ({ op, atMs }) => (op === 'connect' || op === 'request') && atMs < spawn.atMs,
  );
  const answers = hook.lines.filter(({ op, error }) => op === 'request' && error === undefined);
  const spawnedMs = spawn.askedMs ?? spawn.atMs;
  return {
    spawnMs: worker.lines.find(isBound)!.atMs - spawnedMs,
    healthMs: Math.min(...answers.map(({ atMs, askedMs }) => atMs - (askedMs ?? atMs))),
    windowMs: spawnedMs - (looked?.atMs ?? spawnedMs),
  };
}

function isBound({ op, error }: { op: string; error?: string | undefined }): boolean {
  return op === 'listen' && error === undefined;
}
