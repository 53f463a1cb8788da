import type { Listener } from '../syscalls/listeners.ts';
import type { Connection } from '../syscalls/sockets.ts';
import { DirectoryDescription, FileDescription } from '../vfs/index.ts';
import type { SimMachine } from './machine.ts';
import type { SimProcess } from './process.ts';
import { type Restore, saveList, saveMap } from './snapshot.ts';

/** All that a machine holds in objects of their own: files, processes, timers, sockets, conditions. */
export function saveParts(machine: SimMachine): Restore {
  const { fs, table, scheduler, timers, conditions, listeners, lastPorts } = machine;
  const parts = [
    fs.save(),
    table.save(),
    scheduler.save(),
    timers.save(),
    saveList(listeners),
    saveMap(lastPorts),
  ];
  for (const listener of listeners) parts.push(saveListener(listener));
  if (conditions !== null) parts.push(conditions.save());
  for (const process of table.all()) if (process.state !== 'gone') parts.push(saveProcess(process));
  return () => {
    closeAll(machine);
    for (const restore of parts) restore();
  };
}

/** What is open counts how often it is: those who have it open say so. */
function closeAll({ table }: SimMachine): void {
  for (const { fds } of table.all()) {
    for (const description of fds.values()) {
      if (description instanceof FileDescription || description instanceof DirectoryDescription)
        description.inode.opens = 0;
    }
  }
}

/** Who is gone does not change any more. */
function saveProcess(process: SimProcess): Restore {
  const { state, command, parent, adopted, pgid, sid, cwd, umask, wallOffsetMs, lingering } = process;
  const { exitCode, exitSignal, crash, asked, randomState, created, accepted, waiting } = process;
  const parts = [saveList(process.runnable), saveOptional(process), saveDescriptors(process)];
  return () => {
    process.state = state;
    process.command = command;
    process.parent = parent;
    process.adopted = adopted;
    process.pgid = pgid;
    process.sid = sid;
    process.cwd = cwd;
    process.umask = umask;
    process.wallOffsetMs = wallOffsetMs;
    process.lingering = lingering;
    process.exitCode = exitCode;
    process.exitSignal = exitSignal;
    process.crash = crash;
    process.asked = asked;
    process.randomState = randomState;
    process.created = created;
    process.accepted = accepted;
    process.waiting = waiting;
    for (const restore of parts) restore();
  };
}

function saveDescriptors({ fds }: SimProcess): Restore {
  const parts = [saveMap(fds)];
  for (const description of fds.values()) {
    if (description instanceof FileDescription || description instanceof DirectoryDescription)
      parts.push(description.save());
  }
  return () => {
    for (const restore of parts) restore();
  };
}

/** What most processes never have. */
function saveOptional(process: SimProcess): Restore {
  const { signals, requests, children, waits } = process;
  const parts: Restore[] = [];
  if (signals !== null) {
    const { actions, pending, queue, waiters } = signals;
    parts.push(saveMap(actions), saveList(pending), saveList(queue), saveList(waiters));
  }
  if (requests !== null) {
    parts.push(saveMap(requests));
    for (const connection of requests.values()) parts.push(saveConnection(connection));
  }
  if (children !== null) parts.push(saveList(children));
  if (waits !== null) parts.push(saveList(waits));
  return () => {
    process.signals = signals;
    process.requests = requests;
    process.children = children;
    process.waits = waits;
    for (const restore of parts) restore();
  };
}

function saveListener(listener: Listener): Restore {
  const { refs, backlogged, queue, acceptors, open, holders, servers } = listener;
  const parts = [queue, acceptors, open, holders, servers].map((list: unknown[]) => saveList(list));
  for (const connection of queue) parts.push(saveConnection(connection));
  return () => {
    listener.refs = refs;
    listener.backlogged = backlogged;
    for (const restore of parts) restore();
  };
}

function saveConnection(connection: Connection): Restore {
  const { taken, closed, listener } = connection;
  // The listener itself may be closed by now.
  const restoreOpen = saveList(listener.open);
  return () => {
    connection.taken = taken;
    connection.closed = closed;
    restoreOpen();
  };
}
