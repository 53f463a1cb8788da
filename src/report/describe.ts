/** Puts the events of a trace into words. */

import type { TraceEvent } from '../run/index.ts';
import { address, show, type Values } from './describe-values.ts';
import { printable, quote, stringify } from './escape.ts';
import { type Asked, type Context, KNOWN, type Tone } from './operation-words.ts';

export interface Described {
  readonly text: string;
  readonly tone: Tone;
}

/** Describes events in their order, because it tracks which file a descriptor belongs to and which process has a PID. */
export class Describer {
  readonly #files = new Map<string, Map<number, string>>();
  readonly #bearers = new Map<number, string>();

  describe(event: TraceEvent): Described {
    const { op, process, args } = event;
    if (op === 'start') this.#bearers.set(Number(args.pid), process);
    const asked = this.#asked(event);
    const code = errorOf(event.result);
    if (code !== null) return { text: `${asked.text} ✗ ${printable(code)}`, tone: 'failed' };
    this.#remember(event);
    const result = asked.result?.(event.result) ?? '';
    return { text: result === '' ? asked.text : `${asked.text} ${result}`, tone: asked.tone ?? 'plain' };
  }

  /** An operation that has no result yet. */
  describePending(event: TraceEvent): string {
    return this.#asked(event).text;
  }

  #asked(event: TraceEvent): Asked {
    const { op, args } = event;
    const known = Object.hasOwn(KNOWN, op) ? KNOWN[op] : undefined;
    return known === undefined ? generic(op, args) : known(args, this.#context(event));
  }

  #context({ process, result }: TraceEvent): Context {
    return {
      result,
      file: (fd) => this.#files.get(process)?.get(Number(fd)) ?? `fd ${show(fd)}`,
      who: (pid) => {
        const name = this.#bearers.get(Math.abs(Number(pid)));
        return name === undefined ? show(pid) : `${show(pid)} (${printable(name)})`;
      },
    };
  }

  #remember({ process, op, args, result }: TraceEvent): void {
    const files = this.#files.get(process) ?? new Map<number, string>();
    this.#files.set(process, files);
    if (op === 'open' || op === 'opendir') files.set(Number(result), show(args.path));
    else if (op === 'listen') files.set(Number(result), address(args.address));
    else if (op === 'connectStream') files.set(Number(result), address(args.address));
    else if (op === 'acceptStream')
      files.set(Number(result), `a client of ${files.get(Number(args.fd)) ?? 'it'}`);
    else if (op === 'getsockname') files.set(Number(args.fd), address(result));
    else if (op === 'close') files.delete(Number(args.fd));
  }
}

function generic(op: string, args: Values): Asked {
  const shown = Object.keys(args).length === 0 ? '' : ` ${quote(stringify(args), 80)}`;
  return {
    text: `${printable(op)}${shown}`,
    result: (result) => (result === null || result === undefined ? '' : `→ ${quote(stringify(result), 40)}`),
  };
}

function errorOf(result: unknown): string | null {
  if (typeof result !== 'object' || result === null) return null;
  const { error } = result as { error?: unknown };
  return typeof error === 'string' ? error : null;
}
