/** What a program of Node looks at of its simulated process, in a real one. */
import type { Identity } from '../protocol.ts';

export interface StandIn extends Omit<Identity, 'descriptors' | 'ppid'> {
  cwd: string;
  umask: number;
  readonly fds: ReadonlyMap<number, null>;
  readonly parent: { readonly pid: number; readonly pidNamespace: string };
  readonly pidNamespace: string;
  alive: boolean;
  uncaught: ((error: unknown, promise?: Promise<unknown>) => boolean) | null;
  isRepeating: (() => boolean) | null;
  /** A real process removes what it leaves by itself. */
  onEnd(call: () => void): void;
}

export function standInFor({ descriptors, ppid, ...identity }: Identity): StandIn {
  // Only whether two processes see each other depends on it.
  const pidNamespace = 'own';
  return {
    ...identity,
    fds: new Map(descriptors.map((fd) => [fd, null])),
    parent: { pid: ppid, pidNamespace },
    ...{ pidNamespace, alive: true, uncaught: null, isRepeating: null },
    onEnd() {},
  };
}
