/** Listening sockets, and the requests that have reached them. */
import type { Address, Request } from '../../ports/index.ts';
import { accesses } from '../base/accesses.ts';
import type { Host } from '../base/hosts.ts';
import { type Restore, saveList } from '../base/snapshot.ts';
import type { StateVisitor } from '../base/state-hasher.ts';
import type { Description } from '../vfs/index.ts';
import type { ParkedOperation, SimProcess } from './process.ts';
import type { StreamEnd } from './streams.ts';

/** A listening socket: an open file description that children may inherit. */
export class Listener implements Description {
  readonly kind = 'listener';
  refs = 1;
  /** Its state is in parts of its own, whichever processes have it open. */
  readonly isShared = false;
  /** In the form in which getsockname(2) gives it. */
  readonly address: Address;
  /** Of a TCP address; null of a Unix socket. */
  readonly host: Host | null;
  /** Of a TCP address: in which network it is. */
  readonly network: string;
  readonly uid: number;
  readonly backlog: number;
  /** Its clients are taken as streams; if not, as requests. */
  readonly streams: boolean;
  /** Names it throughout a run: which listener of its maker it is. */
  readonly name: string;
  readonly #queue: (Connection | Arrival)[] = [];
  readonly #acceptors: ParkedOperation<'accept' | 'acceptStream'>[] = [];
  readonly #open: Connection[] = [];
  readonly #served: Served[] = [];
  readonly #holders: SimProcess[];
  readonly #servers: SimProcess[];
  #backlogged = 0;
  /** The process whose close unlinks a Unix socket's name, as libuv's does. `null` if close leaves the name, as close(2) does. */
  readonly unlinker: SimProcess | null;

  constructor(
    process: SimProcess,
    address: Address,
    host: Host | null,
    backlog: number,
    unlinkOnClose: boolean,
    streams: boolean,
  ) {
    this.address = address;
    this.host = host;
    this.network = process.network;
    this.uid = process.uid;
    this.backlog = backlog;
    this.streams = streams;
    this.#holders = [process];
    this.#servers = [process];
    this.name = `${process.index}.${process.sockets++}`;
    this.unlinker = unlinkOnClose ? process : null;
  }

  /** Requests and connections that no program has accepted yet. */
  get queue(): (Connection | Arrival)[] {
    this.uses();
    return this.#queue;
  }

  get acceptors(): ParkedOperation<'accept' | 'acceptStream'>[] {
    this.uses();
    return this.#acceptors;
  }

  /** Accepted by a program and not yet answered. */
  get open(): Connection[] {
    this.uses();
    return this.#open;
  }

  /** Connections of bytes that wait for requests, or for their answers. */
  get served(): Served[] {
    this.uses();
    return this.#served;
  }

  /** The processes that have it open. */
  get holders(): readonly SimProcess[] {
    if (accesses !== null) accesses.read(accesses.cells.of(`listener ${this.name} holders`));
    return this.#holders;
  }

  /** The holders that accept: the one that made it, and those that have inherited it and asked. */
  get servers(): SimProcess[] {
    this.uses();
    return this.#servers;
  }

  /** Connections that the kernel has completed while no server was running. A running Node accepts each at once. */
  get backlogged(): number {
    this.uses();
    return this.#backlogged;
  }

  set backlogged(backlogged: number) {
    this.uses();
    this.#backlogged = backlogged;
  }

  /** What is in its queues is read and changed: nearly all that happens to them depends on their order. */
  uses(): void {
    if (accesses !== null) accesses.update(accesses.cells.of(`listener ${this.name} queues`));
  }

  /** For what changes nothing of them, such as a connection without a request. */
  looksAtQueues(): void {
    if (accesses !== null) accesses.look(accesses.cells.of(`listener ${this.name} queues`));
  }

  /** Whether it still listens is read. */
  readsOpen(): void {
    if (accesses !== null) accesses.read(accesses.cells.of(`listener ${this.name} open`));
  }

  /** It begins to listen, or does not any more. */
  writesOpen(): void {
    if (accesses !== null) accesses.write(accesses.cells.of(`listener ${this.name} open`));
  }

  /** 0 of a Unix socket. */
  get tcpPort(): number {
    return this.address.kind === 'tcp' ? this.address.tcpPort : 0;
  }

  /** Whether a process runs that accepts. */
  get isServed(): boolean {
    this.looksAtQueues();
    for (const server of this.#servers) if (server.state === 'running') return true;
    return false;
  }

  share(holder: SimProcess): void {
    this.#changesHolders();
    this.refs++;
    this.#holders.push(holder);
  }

  /** A process has closed it. @returns whether any other has it open */
  leave(holder: SimProcess): boolean {
    this.#changesHolders();
    this.uses();
    remove(this.#holders, holder);
    remove(this.#servers, holder);
    return --this.refs > 0;
  }

  /** From now on the process accepts too. */
  serve(process: SimProcess): void {
    if (this.servers.includes(process)) return;
    this.servers.push(process);
    this.takeAll();
  }

  /** What the kernel has completed meanwhile is accepted. */
  takeAll(): void {
    this.backlogged = 0;
    for (const connection of this.queue) connection.taken = true;
  }

  save(): Restore {
    const { refs } = this;
    const backlogged = this.#backlogged;
    const lists: unknown[][] = [
      this.#queue,
      this.#acceptors,
      this.#open,
      this.#served,
      this.#holders,
      this.#servers,
    ];
    const parts = lists.map((list) => saveList(list));
    for (const connection of this.#queue) parts.push(connection.save());
    return () => {
      this.refs = refs;
      this.#backlogged = backlogged;
      for (const restore of parts) restore();
    };
  }

  saveOpen(): Restore {
    return saveList(this.#open);
  }

  visit(into: StateVisitor): void {
    into.text(this.name);
  }

  /** All parts: a listener may be open in several processes. */
  visitAll(into: StateVisitor): void {
    const { cells } = into;
    into.part(cells.of(`listener ${this.name} open`));
    into.data(this.address);
    into.number(this.uid);
    into.number(this.backlog);
    into.boolean(this.streams);
    into.number(this.unlinker?.index ?? -1);
    into.text(this.network);
    into.part(cells.of(`listener ${this.name} holders`));
    for (const { index } of this.#holders) into.number(index);
    into.part(cells.of(`listener ${this.name} queues`));
    into.number(this.#backlogged);
    for (const { index } of this.#servers) into.number(index);
    into.nothing();
    for (const acceptor of this.#acceptors) acceptor.visit(into);
    into.nothing();
    for (const connection of this.#queue) connection.visit(into);
    into.nothing();
    for (const connection of this.#open) connection.visit(into);
    for (const served of this.#served) served.visit(into);
  }

  #changesHolders(): void {
    if (accesses === null) return;
    accesses.write(accesses.cells.of(`listener ${this.name} holders`));
    if (this.host !== null) accesses.write(accesses.cells.of(`port ${this.network} ${this.tcpPort}`));
  }
}

/** A connection that no program has accepted yet: its end at the server. */
export class Arrival {
  readonly end: StreamEnd;
  readonly listener: Listener;
  #taken: boolean;

  constructor(end: StreamEnd, listener: Listener) {
    this.end = end;
    this.listener = listener;
    this.#taken = listener.isServed;
  }

  /** As of a {@link Connection}. */
  get taken(): boolean {
    this.listener.uses();
    return this.#taken;
  }

  set taken(taken: boolean) {
    this.listener.uses();
    this.#taken = taken;
  }

  save(): Restore {
    const taken = this.#taken;
    return () => {
      this.#taken = taken;
    };
  }

  visit(into: StateVisitor): void {
    into.text(`${this.end.name} ${this.#taken}`);
  }
}

/** What has sent a request, and waits for the answer. */
export interface Client {
  /** With the answer, or an error. */
  wake(outcome?: unknown): void;
  /** It has ended, or does not wait any more. */
  readonly isGone: boolean;
  visit(into: StateVisitor): void;
}

/** A connection of bytes that a server of messages has accepted. */
export interface Served extends Client {
  readonly server: SimProcess;
  close(): void;
}

/** One request and its answer. */
export class Connection implements Description {
  readonly kind = 'connection';
  refs = 1;
  readonly isShared = false;
  readonly request: Request;
  /** A parked operation, or the server's end of a connection of bytes. The client may have ended by now: what it has sent is there all the same. */
  readonly client: Client;
  readonly listener: Listener;
  #taken: boolean;
  #closed = false;

  constructor(client: Client, listener: Listener, request: Request) {
    this.request = request;
    this.client = client;
    this.listener = listener;
    this.#taken = listener.isServed;
  }

  /** A server has accepted it, though perhaps no program: it ends with that server. */
  get taken(): boolean {
    this.listener.uses();
    return this.#taken;
  }

  set taken(taken: boolean) {
    this.listener.uses();
    this.#taken = taken;
  }

  /** The server has hung up. */
  get closed(): boolean {
    this.listener.uses();
    return this.#closed;
  }

  set closed(closed: boolean) {
    this.listener.uses();
    this.#closed = closed;
  }

  /** The client has ended, or does not wait any more. */
  get isGone(): boolean {
    return this.client.isGone;
  }

  save(): Restore {
    const taken = this.#taken;
    const closed = this.#closed;
    // The listener itself may be closed by now.
    const restoreOpen = this.listener.saveOpen();
    return () => {
      this.#taken = taken;
      this.#closed = closed;
      restoreOpen();
    };
  }

  visit(into: StateVisitor): void {
    this.client.visit(into);
    into.data(this.request);
    into.boolean(this.#taken);
    into.boolean(this.#closed);
  }
}

export function isListener(description: Description | undefined): description is Listener {
  return description?.kind === 'listener';
}

export function isConnection(description: Description | undefined): description is Connection {
  return description?.kind === 'connection';
}

export function remove<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}
