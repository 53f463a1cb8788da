/** The traces of all processes of a trial, read as they grow. */
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { parseTrace, type TraceRecord } from '../traces.ts';

/** The trace of a process: its program, and every operation so far. */
export interface ProgramTrace {
  readonly program: string;
  readonly pid: number;
  readonly startTicks: number;
  readonly lines: readonly TraceRecord[];
}

interface Growing extends ProgramTrace {
  readonly lines: TraceRecord[];
  readBytes: number;
}

const NAME = /^([a-z-]+)\.(\d+)\.(\d+)\.jsonl$/;

export class TraceFolder {
  readonly #directory: string;
  readonly #traces = new Map<string, Growing>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** In the order in which the processes were started. */
  read(): readonly ProgramTrace[] {
    for (const name of readdirSync(this.#directory)) {
      const [, program, pid, startTicks] = NAME.exec(name) ?? [];
      if (program === undefined) continue;
      const known = this.#traces.get(name);
      const trace = known ?? {
        program,
        pid: Number(pid),
        startTicks: Number(startTicks),
        lines: [],
        readBytes: 0,
      };
      this.#traces.set(name, trace);
      this.#grow(trace, join(this.#directory, name));
    }
    return [...this.#traces.values()].sort((a, b) => a.startTicks - b.startTicks || a.pid - b.pid);
  }

  /** Reads what has been added: complete lines only, as the last one may still be written. */
  #grow(trace: Growing, path: string): void {
    const fd = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(Math.max(0, fstatSync(fd).size - trace.readBytes));
      const length = readSync(fd, bytes, 0, bytes.length, trace.readBytes);
      const end = bytes.subarray(0, length).lastIndexOf('\n') + 1;
      if (end === 0) return;
      trace.lines.push(...parseTrace(bytes.toString('utf8', 0, end), path).lines);
      trace.readBytes += end;
    } finally {
      closeSync(fd);
    }
  }
}
