/**
 * Where a program that takes whole messages meets one that takes bytes, the machine speaks HTTP/1.1 for the one with messages: at its
 * end of the connection, as Node does in that process on a real machine.
 */
import type { Address, Answer, Request } from '../../ports/index.ts';
import { ECONNRESET, type Errno, isErrno } from '../base/errno.ts';
import { answerText, BadMessage, parseAnswer, parseRequest, requestText } from '../base/http-text.ts';
import { remove } from '../base/snapshot.ts';
import type { StateVisitor } from '../base/state-hasher.ts';
import { Arrival, Connection } from '../records/connections.ts';
import { addressesOf } from '../records/end-addresses.ts';
import type { ParkedOperation, SimProcess } from '../records/process.ts';
import type { Listener } from '../records/sockets.ts';
import { isStream, type MessageEnd, type StreamEnd, StreamPair } from '../records/streams.ts';
import type { Kernel } from './kernel.ts';
import { closeEnd, shutDown } from './stream-ends.ts';

/** A client sends bytes to a server that takes messages: the server's end. */
export class ServedEnd implements MessageEnd {
  readonly #kernel: Kernel;
  readonly #end: StreamEnd;
  readonly #listener: Listener;
  readonly server: SimProcess;

  constructor(kernel: Kernel, server: SimProcess, end: StreamEnd, listener: Listener) {
    this.#kernel = kernel;
    this.#end = end;
    this.#listener = listener;
    this.server = server;
    listener.served.push(this);
    end.message = this;
  }

  arrived(): void {
    const { state } = this.#end;
    const parsed = parseRequest(state.received);
    if (parsed instanceof BadMessage) this.#respond({ status: 400, body: '' });
    else if (parsed !== null) this.#asks(parsed.message, parsed.length);
    else if (state.ended || state.down) this.close();
  }

  #asks(request: Request, length: number): void {
    const { state } = this.#end;
    state.received = state.received.slice(length);
    // Until it is answered, the next request is not looked at.
    this.#end.message = null;
    this.#listener.queue.push(new Connection(this, this.#listener, request));
    this.#listener.acceptors[0]?.wake();
  }

  /** The answer, or that there is none. */
  wake(outcome?: unknown): void {
    if (isErrno(outcome)) this.close();
    else this.#respond(outcome as Answer);
  }

  /** Its client has closed the connection, or has reset it. */
  get isGone(): boolean {
    return this.#end.peer.state.gone || this.#end.state.down;
  }

  close(): void {
    const { served } = this.#listener;
    if (!served.includes(this)) return;
    remove(served, this);
    closeEnd(this.#kernel, null, this.#end);
  }

  visit(into: StateVisitor): void {
    into.text(`served by ${this.server.index}: ${this.#end.name}`);
  }

  #respond(answer: Answer): void {
    const { peer, state } = this.#end;
    if (!state.shut && !peer.state.gone) peer.state.received += answerText(answer);
    shutDown(this.#end);
    this.close();
  }
}

/** A client that sends messages reaches a server that takes bytes: the client's end. */
export class AskingEnd implements MessageEnd {
  readonly #kernel: Kernel;
  readonly #end: StreamEnd;
  readonly parked: ParkedOperation<'request'>;

  constructor(kernel: Kernel, end: StreamEnd, parked: ParkedOperation<'request'>) {
    this.#kernel = kernel;
    this.#end = end;
    this.parked = parked;
    end.message = this;
    parked.process.changesLocal();
    parked.process.addRequest(end);
  }

  arrived(): void {
    const { state } = this.#end;
    const isOver = state.ended || state.down;
    const parsed = parseAnswer(state.received, state.ended);
    if (parsed === null && !isOver && !this.parked.isGone) return;
    const outcome: Answer | Errno =
      parsed === null || parsed instanceof BadMessage ? ECONNRESET : parsed.message;
    if (!isErrno(outcome)) state.received = '';
    this.close();
    this.parked.wake(outcome);
  }

  close(): void {
    const { process } = this.parked;
    process.changesLocal();
    for (const [number, description] of process.requests ?? []) {
      if (description !== this.#end) continue;
      process.requests!.delete(number);
      closeEnd(this.#kernel, null, this.#end);
    }
  }

  visit(into: StateVisitor): void {
    this.parked.visit(into);
  }
}

/** A connection reaches a listener. @returns the client's end */
export function arrive(kernel: Kernel, process: SimProcess, to: Address, listener: Listener): StreamEnd {
  const addresses = addressesOf(process, to, listener.host);
  const pair = new StreamPair(`${process.index}.${process.sockets++}`, to.kind, addresses);
  const [client, server] = kernel.streams.add(pair).ends;
  listener.queue.push(new Arrival(server, listener));
  listener.acceptors[0]?.wake();
  return client;
}

/** A request reaches a listener of streams: as the bytes that Node sends. */
export function sendAsBytes(kernel: Kernel, parked: ParkedOperation<'request'>, listener: Listener): void {
  const { address, request } = parked.operation;
  const end = arrive(kernel, parked.process, address, listener);
  end.peer.state.received = requestText(request, address);
  new AskingEnd(kernel, end, parked);
}

/** A request that is not waited for any more closes its connection. */
export function stopAsking(parked: ParkedOperation<'request'>): void {
  for (const end of parked.process.requests?.values() ?? []) {
    if (isStream(end) && end.message instanceof AskingEnd && end.message.parked === parked)
      end.message.close();
  }
}
