import { readFileSync } from 'node:fs';
import { z } from 'zod';

const lineShape = z.object({
  askedMs: z.number().nullable(),
  atMs: z.number(),
  pid: z.int(),
  op: z.string(),
  args: z.record(z.string(), z.unknown()),
  result: z.unknown().optional(),
  error: z.string().optional(),
});

/** A line of a trace file, as {@link file://../node/trace.ts} writes it. */
export type TraceRecord = z.infer<typeof lineShape>;

export interface ReadTrace {
  readonly lines: readonly TraceRecord[];
  /** Whether its process was killed while writing the last line, which is ignored. */
  readonly torn: boolean;
}

/** A file that is not a trace, or that is damaged. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
}

/** The trace of a process. A missing file counts as empty: the process ended before it could create it. */
export function readTrace(path: string): ReadTrace {
  return parseTrace(textOf(path), path);
}

/** SIGKILL may truncate a write(2) at a page boundary, so the last line may be torn, but no other. */
export function parseTrace(text: string, source: string): ReadTrace {
  const complete = text.split('\n');
  const torn = complete.pop() !== '';
  return { lines: complete.map((line, at) => parseLine(line, `${source}:${at + 1}`)), torn };
}

function parseLine(text: string, where: string): TraceRecord {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new TraceError(`${where}: not JSON: ${JSON.stringify(text.slice(0, 80))}`);
  }
  const parsed = lineShape.safeParse(json);
  if (!parsed.success)
    throw new TraceError(`${where}: not a line of a trace\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return '';
    throw error;
  }
}
