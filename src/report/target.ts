import type { TraceEvent } from '../run/index.ts';

/** The object of an operation: a process, or a file or address. */
export type Target =
  | { readonly kind: 'process'; readonly name: string }
  /** A path, or an address such as `127.0.0.1:8080`. */
  | { readonly kind: 'thing'; readonly name: string };

/** The targets of events that affect something other than their own process. */
export function targetsOf(events: readonly TraceEvent[]): ReadonlyMap<TraceEvent, Target> {
  const finder = new Finder();
  const targets = new Map<TraceEvent, Target>();
  for (const event of events) {
    const target = finder.of(event);
    if (target !== null) targets.set(event, target);
  }
  return targets;
}

/** Tracks which file a descriptor belongs to and which process has a PID. */
class Finder {
  readonly #files = new Map<string, string>();
  readonly #bearers = new Map<number, string>();
  readonly #accepted = new Map<string, string>();

  of({ op, process, args, result }: TraceEvent): Target | null {
    if (op === 'start') this.#bearers.set(Number(args.pid), process);
    const key = `${process} ${String(args.fd)}`;
    switch (op) {
      case 'open':
      case 'opendir':
        this.#files.set(`${process} ${String(result)}`, String(args.path));
        return thing(args.path);
      case 'listen': {
        const address = addressOf(args.address);
        this.#files.set(`${process} ${String(result)}`, address);
        return thing(address);
      }
      case 'accept':
        this.#accepted.set(process, this.#files.get(key) ?? '');
        return thing(this.#files.get(key));
      case 'answer':
        return thing(this.#accepted.get(process));
      case 'connect':
      case 'request':
        return thing(addressOf(args.address));
      case 'connectStream': {
        const address = addressOf(args.address);
        this.#files.set(`${process} ${String(result)}`, address);
        return thing(address);
      }
      case 'rename':
      case 'link':
        return thing(args.to);
      case 'holders':
        return thing(`TCP port ${String(args.tcpPort)}`);
      case 'spawn':
        return this.#bearer(result, process);
      case 'kill':
      case 'wait':
      case 'processInfo':
      case 'processEnv':
        return this.#bearer(args.pid, process);
      case 'fault':
        if (typeof args.process === 'string') return { kind: 'process', name: args.process };
        return thing(args.path);
      case 'mark':
      case 'start':
      case 'end':
        return null;
      default:
        return thing(args.path ?? this.#files.get(key));
    }
  }

  #bearer(pid: unknown, asking: string): Target | null {
    const name = this.#bearers.get(Math.abs(Number(pid)));
    return name === undefined || name === asking ? null : { kind: 'process', name };
  }
}

function thing(name: unknown): Target | null {
  return typeof name === 'string' && name !== '' ? { kind: 'thing', name } : null;
}

/** A trace may come from a file, so nothing in it can be relied on. */
function addressOf(address: unknown): string {
  if (typeof address !== 'object' || address === null) return '';
  const { kind, path, host, tcpPort } = address as Record<string, unknown>;
  return kind === 'unix' ? String(path) : `${String(host)}:${String(tcpPort)}`;
}
