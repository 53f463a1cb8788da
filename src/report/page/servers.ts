import type { TraceEvent } from '../../run/index.ts';
import { stringify } from '../escape.ts';

/** Tracks which process listens at which address during a run, so that a request can point at its server. */
export class ServersOf {
  readonly #asked = new Map<TraceEvent, string>();
  /** For each address, which process listened last, from which event on. */
  readonly #since = new Map<string, { readonly from: number; readonly process: string | undefined }[]>();

  constructor(events: readonly TraceEvent[]) {
    const listening = new Map<string, string[]>();
    const mine = new Map<string, string>();
    for (const [at, event] of events.entries()) {
      const { op, process, args, result } = event;
      if (op === 'listen') {
        const address = keyOf(args.address);
        listening.set(address, [...(listening.get(address) ?? []), process]);
        mine.set(`${process} ${String(result)}`, address);
      } else if (op === 'close') {
        leave(listening, mine.get(`${process} ${String(args.fd)}`), process);
      } else if (op === 'end') {
        for (const address of listening.keys()) leave(listening, address, process);
      } else if (op === 'connect' || op === 'request') {
        const server = listening.get(keyOf(args.address))?.at(-1);
        if (server !== undefined) this.#asked.set(event, server);
      }
      if (op === 'listen' || op === 'close' || op === 'end') this.#note(at + 1, listening);
    }
  }

  /** The process that listened at the address of an operation, after so many events. */
  at({ args }: TraceEvent, events: number): string | null {
    return this.#since.get(keyOf(args.address))?.findLast(({ from }) => from <= events)?.process ?? null;
  }

  /** @param at how many events there were */
  #note(at: number, listening: ReadonlyMap<string, readonly string[]>): void {
    for (const [address, names] of listening) {
      const known = this.#since.get(address) ?? [];
      this.#since.set(address, known);
      if (known.at(-1)?.process !== names.at(-1)) known.push({ from: at, process: names.at(-1) });
    }
  }

  /** The process to which a request was sent; `null` if no process listened there. */
  asked(event: TraceEvent): string | null {
    return this.#asked.get(event) ?? null;
  }
}

function leave(listening: Map<string, string[]>, address: string | undefined, process: string): void {
  if (address === undefined) return;
  const left = (listening.get(address) ?? []).filter((name) => name !== process);
  listening.set(address, left);
}

/** A listener on all local addresses is reached at any of them. */
function keyOf(address: unknown): string {
  if (typeof address !== 'object' || address === null) return stringify(address);
  const { kind, path, tcpPort } = address as Record<string, unknown>;
  return kind === 'unix' ? `unix ${String(path)}` : `tcp ${String(tcpPort)}`;
}
