/** What has reached a listening socket: connections and requests. */
import type { Request } from '../../ports/index.ts';
import type { Restore } from '../base/snapshot.ts';
import type { StateVisitor } from '../base/state-hasher.ts';
import type { Description } from '../vfs/index.ts';
import type { SimProcess } from './process.ts';
import type { StreamEnd } from './streams.ts';

/** The socket that they have reached. */
export interface Queues {
  /** See the class that has them. */
  readonly isServed: boolean;
  readonly open: Connection[];
  uses(): void;
  saveOpen(): Restore;
}

/** What waits to be accepted. */
abstract class Waiting {
  readonly listener: Queues;
  #taken: boolean;

  constructor(listener: Queues) {
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

  save(): Restore {
    const taken = this.#taken;
    return () => {
      this.#taken = taken;
    };
  }

  visit(into: StateVisitor): void {
    into.boolean(this.#taken);
  }
}

/** A connection that no program has accepted yet: its end at the server. */
export class Arrival extends Waiting {
  readonly end: StreamEnd;

  constructor(end: StreamEnd, listener: Queues) {
    super(listener);
    this.end = end;
  }

  override visit(into: StateVisitor): void {
    into.text(this.end.name);
    super.visit(into);
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
export class Connection extends Waiting implements Description {
  readonly kind = 'connection';
  refs = 1;
  readonly isShared = false;
  readonly request: Request;
  /** A parked operation, or the server's end of a connection of bytes. The client may have ended by now: what it has sent is there all the same. */
  readonly client: Client;
  #closed = false;

  constructor(client: Client, listener: Queues, request: Request) {
    super(listener);
    this.request = request;
    this.client = client;
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

  override save(): Restore {
    const restoreTaken = super.save();
    const closed = this.#closed;
    // The listener itself may be closed by now.
    const restoreOpen = this.listener.saveOpen();
    return () => {
      restoreTaken();
      this.#closed = closed;
      restoreOpen();
    };
  }

  override visit(into: StateVisitor): void {
    this.client.visit(into);
    into.data(this.request);
    super.visit(into);
    into.boolean(this.#closed);
  }
}

export function isConnection(description: Description | undefined): description is Connection {
  return description?.kind === 'connection';
}
