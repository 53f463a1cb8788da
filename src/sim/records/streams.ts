/** Connected sockets and pipes: two ends, and the bytes that have reached each of them. */
import type { Bytes } from '../../ports/index.ts';
import { accesses } from '../base/accesses.ts';
import type { Errno } from '../base/errno.ts';
import { type Restore, saveList } from '../base/snapshot.ts';
import type { StateVisitor } from '../base/state-hasher.ts';
import type { Description } from '../vfs/index.ts';
import { type EndAddresses, NEITHER } from './end-addresses.ts';
import type { Waiter } from './signal-state.ts';

/** How many bytes wait at one end before a writer waits too: as in a pipe of Linux. Its sockets have room for more. */
export const STREAM_CAPACITY_BYTES = 65_536;

const UNNAMED = [NEITHER, NEITHER] as const;

export type StreamKind = 'tcp' | 'unix' | 'pipe';

/** What reads and answers at an end that no program has: see kernel/messages.ts. */
export interface MessageEnd {
  /** The other end has sent something, or has ended. */
  arrived(): void;
  visit(into: StateVisitor): void;
}

/** One end, as it is now. */
interface EndState {
  /** Arrived, and not yet read. */
  received: Bytes;
  /** The other end sends nothing more. */
  ended: boolean;
  /** What the next call fails with: reported once, as Linux's SO_ERROR is. */
  failure: Errno | null;
  /** This end sends nothing more. */
  shut: boolean;
  /** The connection was reset: nothing comes or goes any more. */
  down: boolean;
  /** No process has it open. */
  gone: boolean;
  /** Its close resets the connection: SO_LINGER with 0. */
  resets: boolean;
}

/** One end of a connection or of a pipe: an open file description, which children may inherit. */
export class StreamEnd implements Description {
  readonly kind = 'stream';
  readonly type: StreamKind;
  readonly side: 0 | 1;
  readonly addresses: EndAddresses;
  /** What a process may do with it. */
  readonly readable: boolean;
  readonly writable: boolean;
  readonly #pair: StreamPair;
  #refs = 1;
  #message: MessageEnd | null = null;
  readonly #state: EndState = {
    ...{ received: '', ended: false, failure: null },
    ...{ shut: false, down: false, gone: false, resets: false },
  };
  readonly #readers: Waiter[] = [];
  readonly #writers: Waiter[] = [];

  constructor(pair: StreamPair, side: 0 | 1, addresses: EndAddresses) {
    this.#pair = pair;
    this.side = side;
    this.type = pair.type;
    this.addresses = addresses;
    this.readable = pair.type !== 'pipe' || side === 0;
    this.writable = pair.type !== 'pipe' || side === 1;
  }

  /** Its state is in a part of its own, whichever processes have it open. */
  get isShared(): boolean {
    return false;
  }

  set isShared(_: boolean) {
    this.#pair.uses();
  }

  get refs(): number {
    this.#pair.uses();
    return this.#refs;
  }

  set refs(refs: number) {
    this.#pair.uses();
    this.#refs = refs;
  }

  get name(): string {
    return `${this.#pair.name} ${this.side}`;
  }

  get pair(): StreamPair {
    return this.#pair;
  }

  get peer(): StreamEnd {
    return this.#pair.ends[this.side === 0 ? 1 : 0];
  }

  get state(): EndState {
    this.#pair.uses();
    return this.#state;
  }

  /** Operations that wait for something to arrive. */
  get readers(): Waiter[] {
    this.#pair.uses();
    return this.#readers;
  }

  /** Operations that wait for room at the other end. */
  get writers(): Waiter[] {
    this.#pair.uses();
    return this.#writers;
  }

  /** Whole messages, read and answered by the machine instead of by a program. */
  get message(): MessageEnd | null {
    this.#pair.uses();
    return this.#message;
  }

  set message(message: MessageEnd | null) {
    this.#pair.uses();
    this.#message = message;
  }

  /** Whether a read would have to wait. */
  get isDry(): boolean {
    const { received, ended, failure, down } = this.state;
    return received === '' && !ended && failure === null && !down;
  }

  /** How many bytes may be sent from here. */
  get roomBytes(): number {
    const { peer } = this;
    if (peer.message !== null) return Number.POSITIVE_INFINITY;
    return STREAM_CAPACITY_BYTES - peer.state.received.length;
  }

  /** What can be read here has changed. */
  wakeReaders(): void {
    this.message?.arrived();
    for (const reader of this.readers.slice()) reader.wake();
  }

  /** What can be sent from here has changed. */
  wakeWriters(): void {
    for (const writer of this.writers.slice()) writer.wake();
  }

  /** The pair saves both of its ends. */
  save(): Restore {
    return () => {};
  }

  saveState(): Restore {
    const refs = this.#refs;
    const message = this.#message;
    const state = { ...this.#state };
    const restoreReaders = saveList(this.#readers);
    const restoreWriters = saveList(this.#writers);
    return () => {
      this.#refs = refs;
      this.#message = message;
      Object.assign(this.#state, state);
      restoreReaders();
      restoreWriters();
    };
  }

  visit(into: StateVisitor): void {
    into.text(this.name);
  }

  visitState(into: StateVisitor): void {
    const { received, ended, failure, shut, down, gone, resets } = this.#state;
    into.number(this.#refs);
    into.text(received);
    into.data(failure?.code);
    for (const flag of [ended, shut, down, gone, resets]) into.boolean(flag);
    into.constant(this.addresses);
    this.#message?.visit(into);
    for (const waiters of [this.#readers, this.#writers]) {
      into.nothing();
      for (const waiter of waiters) (waiter as Waiter & { visit(into: StateVisitor): void }).visit(into);
    }
  }
}

/** The two ends. Of a pipe the first one is read, the second one written. */
export class StreamPair {
  /** Names it throughout a run. */
  readonly name: string;
  readonly type: StreamKind;
  readonly ends: readonly [StreamEnd, StreamEnd];

  /** @param addresses of the client's and the server's end */
  constructor(name: string, type: StreamKind, addresses: readonly [EndAddresses, EndAddresses] = UNNAMED) {
    this.name = name;
    this.type = type;
    this.ends = [new StreamEnd(this, 0, addresses[0]), new StreamEnd(this, 1, addresses[1])];
  }

  /** Nearly all that happens to one end makes a difference to the other one. */
  uses(): void {
    if (accesses !== null) accesses.update(accesses.cells.of(`stream ${this.name}`));
  }

  save(): Restore {
    const restores = this.ends.map((end) => end.saveState());
    return () => {
      for (const restore of restores) restore();
    };
  }

  visit(into: StateVisitor): void {
    into.part(into.cells.of(`stream ${this.name}`));
    into.text(this.type);
    for (const end of this.ends) end.visitState(into);
  }
}

/** All connections and pipes of a machine that are open at one end or both. */
export class StreamTable {
  readonly #pairs: StreamPair[] = [];

  add(pair: StreamPair): StreamPair {
    pair.uses();
    this.#pairs.push(pair);
    return pair;
  }

  remove(pair: StreamPair): void {
    const at = this.#pairs.indexOf(pair);
    if (at >= 0) this.#pairs.splice(at, 1);
  }

  save(): Restore {
    const restoreList = saveList(this.#pairs);
    const restores = this.#pairs.map((pair) => pair.save());
    return () => {
      restoreList();
      for (const restore of restores) restore();
    };
  }

  visit(into: StateVisitor): void {
    for (const pair of this.#pairs) pair.visit(into);
  }
}

export function isStream(description: Description | undefined): description is StreamEnd {
  return description?.kind === 'stream';
}
