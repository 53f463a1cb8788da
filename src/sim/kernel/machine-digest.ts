import { isListener, type Listener } from '../syscalls/listeners.ts';
import type { Connection } from '../syscalls/sockets.ts';
import { digestDescription } from '../vfs/index.ts';
import type { Fingerprint, StateHasher } from './digest.ts';
import type { SimMachine } from './machine.ts';
import { FIRST_NETWORK, FIRST_PID_NAMESPACE, type ParkedOperation, type SimProcess } from './process.ts';

/** What a process has learned so far decides what it will do: a name for it, kept by whoever searches. */
export type HistoryOf = (process: SimProcess) => Fingerprint | null;

/**
 * Tells the state of a machine: all that decides, together with the choices to come, what can still happen. Left out is
 * what nobody can see any more: the order in which operations were asked for, how many steps it took, who ran last. What a
 * nemesis may still do is its own to tell.
 */
export function digestMachine(machine: SimMachine, digest: StateHasher, historyOf: HistoryOf): void {
  digest.number(machine.nowUs);
  digest.text(machine.phase);
  digest.text(machine.bootId);
  digest.text(machine.hostname);
  digest.number(machine.wallOffsetMs);
  machine.digestClocks(digest);
  machine.table.digest(digest);
  const { listeners } = machine;
  for (const socket of machine.fs.digest(digest)) digest.number(listeners.indexOf(socket as Listener));
  for (const process of machine.table.all()) {
    digestProcess(process, digest);
    if (process.state === 'gone') continue;
    for (const [fd, description] of process.fds) {
      digest.number(fd);
      if (isListener(description)) digest.number(listeners.indexOf(description));
      else digestDescription(description, digest);
    }
    const history = process.alive ? historyOf(process) : null;
    if (history === null) digest.nothing();
    else digest.named(history);
    const { runnable } = process;
    digest.number(runnable.length);
    if (runnable.length === 1) operationDigest(runnable[0]!, digest);
    else digest.unordered(runnable.map((parked) => operationDigest(parked, digest.fresh())));
  }
  for (const listener of listeners) digestListener(listener, digest);
  if (machine.lastPorts.size > 0) digest.data([...machine.lastPorts].sort());
  digest.unordered(
    machine.timers.pending().map(({ atUs, due }) => {
      const sum = digest.fresh();
      sum.number(atUs);
      due!.digest(sum);
      return sum;
    }),
  );
  machine.conditions?.digest(digest);
}

function digestProcess(process: SimProcess, digest: StateHasher): void {
  digest.number(process.index);
  digest.text(process.state);
  digest.number(process.pid);
  digest.data(process.exitCode);
  digest.data(process.exitSignal);
  if (process.state === 'gone') return;
  digest.number(process.startTicks);
  digest.constant(process.command);
  digest.number(process.uid);
  if (process.pidNamespace !== FIRST_PID_NAMESPACE) digest.text(process.pidNamespace);
  if (process.network !== FIRST_NETWORK || process.hostname !== null)
    digest.data([process.network, process.hostname]);
  digest.number(process.parent?.index ?? -1);
  digest.boolean(process.adopted);
  digest.number(process.pgid);
  digest.number(process.sid);
  digest.number(process.waiting);
  digest.text(process.cwd);
  for (const [request, connection] of process.requests ?? []) {
    digest.number(request);
    digestConnection(connection, digest);
  }
  const { signals } = process;
  if (signals === null) return;
  digest.data([...signals.actions].sort());
  digest.data(signals.pending);
  digest.data(signals.queue);
}

function operationDigest(parked: ParkedOperation, sum: StateHasher): StateHasher {
  parked.digest(sum);
  sum.data(parked.outcome);
  sum.number(parked.timer?.atUs ?? -1);
  return sum;
}

function digestListener(listener: Listener, digest: StateHasher): void {
  digest.data(listener.address);
  digest.number(listener.uid);
  digest.number(listener.backlogged);
  digest.number(listener.unlinker?.index ?? -1);
  if (listener.network !== FIRST_NETWORK) digest.text(listener.network);
  for (const { index } of listener.holders) digest.number(index);
  digest.nothing();
  for (const { index } of listener.servers) digest.number(index);
  digest.nothing();
  for (const acceptor of listener.acceptors) acceptor.digest(digest);
  digest.nothing();
  for (const connection of listener.queue) digestConnection(connection, digest);
}

function digestConnection({ client, taken, closed }: Connection, digest: StateHasher): void {
  client.digest(digest);
  digest.text(client.state);
  digest.boolean(taken);
  digest.boolean(closed);
}
