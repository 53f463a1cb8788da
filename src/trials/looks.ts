/** Looks at the processes of a trial and at their traces, which several tables share. */
import type { ProcessIdentity } from '../ports/index.ts';
import type { ProgramTrace, Site } from '../real/confined/index.ts';
import type { TraceRecord } from '../real/index.ts';
import type { ExitCodes } from './table.ts';

export function isMark({ op, args }: TraceRecord, name: string): boolean {
  return op === 'mark' && args.name === name;
}

export function marksIn(trace: ProgramTrace | undefined, name: string): readonly TraceRecord[] {
  return trace?.lines.filter((line) => isMark(line, name)) ?? [];
}

/** All marks of this name, of one program or of all. */
export function marks(site: Site, name: string, program?: string): readonly TraceRecord[] {
  return site.traces(program).flatMap((trace) => marksIn(trace, name));
}

export function hasMarked(site: Site, process: ProcessIdentity, ...names: string[]): boolean {
  const trace = site.traceOf(process);
  return names.some((name) => marksIn(trace, name).length > 0);
}

/** From the first operation of a process to its first mark of this name, in milliseconds; null if it has not made it. */
export function msUntilMark(site: Site, process: ProcessIdentity, name: string): number | null {
  const trace = site.traceOf(process);
  const [first] = trace?.lines ?? [];
  const [mark] = marksIn(trace, name);
  return first === undefined || mark === undefined ? null : mark.atMs - (first.askedMs ?? first.atMs);
}

/** The signals that a process has sent. */
export function killsIn(trace: ProgramTrace | undefined): readonly TraceRecord[] {
  return (
    trace?.lines.filter(({ op, args, error }) => op === 'kill' && args.signal !== 0 && error === undefined) ??
    []
  );
}

/** How the processes of a program have ended: by themselves with a code, or `killed`. */
export function exitCodesOf(site: Site, program: string): ExitCodes {
  const codes: Record<string, number> = {};
  for (const trace of site.traces(program)) {
    if (site.isAlive(trace)) continue;
    const last = trace.lines.at(-1);
    const code = last?.op === 'exit' ? String(last.args.code) : 'killed';
    codes[code] = (codes[code] ?? 0) + 1;
  }
  return codes;
}

/** `2.1 s` */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

/** The largest number of processes of a program that ran at the same time, as far as their traces say. */
export function mostAtOnce(site: Site, program: string): number {
  const changes = site.traces(program).flatMap((trace): [number, number][] => {
    const [first] = trace.lines;
    const last = trace.lines.at(-1);
    if (first === undefined || last === undefined) return [];
    const endMs = site.isAlive(trace) ? Number.POSITIVE_INFINITY : last.atMs;
    return [
      [first.askedMs ?? first.atMs, 1],
      [endMs, -1],
    ];
  });
  changes.sort(([a, by], [b, other]) => a - b || by - other);
  let [now, most] = [0, 0];
  for (const [, by] of changes) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}
