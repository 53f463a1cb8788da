import type { TraceEvent } from '../../run/index.ts';
import { stringify } from '../escape.ts';

/** Tracks which process listens at which address during a run, so that a request can point at its server. */
export class ServersOf {
  readonly #asked = new Map<TraceEvent, string>();

  constructor(events: readonly TraceEvent[]) {
    const listening = new Map<string, string[]>();
    const mine = new Map<string, string>();
    for (const event of events) {
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
