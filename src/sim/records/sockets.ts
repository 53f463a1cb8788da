/** Listening sockets, and the requests that have reached them. */
import type { Address } from '../../ports/index.ts';
import { accesses } from '../base/accesses.ts';
import type { Host } from '../base/hosts.ts';
import { type Restore, remove, saveList } from '../base/snapshot.ts';
import type { StateVisitor } from '../base/state-hasher.ts';
import type { Description } from '../vfs/index.ts';
import type { Arrival, Connection, Queues, Served } from './connections.ts';
import type { ParkedOperation, SimProcess } from './process.ts';

/** A listening socket: an open file description that children may inherit. */
export class Listener implements Description, Queues {
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

export function isListener(description: Description | undefined): description is Listener {
  return description?.kind === 'listener';
}
