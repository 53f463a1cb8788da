import fs from 'node:fs';
import type Http from 'node:http';
import type { ListenOptions, Server, Socket } from 'node:net';
import { ignore } from '../ports/ignore.ts';
import type { Address, Answer, Incoming, Operation } from '../ports/index.ts';
import { http, net } from './builtin.ts';
import type { Descriptors, Resource } from './descriptors.ts';
import { inheritedAddress } from './inherited.ts';
import { inodeOf, type SocketNames } from './inherited-names.ts';
import { KeptName } from './kept-name.ts';
import { Mailbox } from './mailbox.ts';
import { type Cancel, Failure, type Reply } from './reply.ts';

/** The limit for the body of a message. */
export const BODY_LIMIT_BYTES = 2 ** 20;

/** The limit of sockaddr_un without the final NUL. Node 24 rejects a longer path with EINVAL; Node 20 and 22 truncate it. */
const UNIX_PATH_LIMIT_BYTES = process.platform === 'linux' ? 107 : 103;

/** An address in the form that Node's net and http take. */
export function nodeAddress(address: Address): { host: string; port: number } | { path: string } {
  if (address.kind === 'tcp') {
    // For an empty host, Node would listen on all addresses, and connect to localhost.
    if (address.host === '') throw new Failure('ENOTFOUND');
    return { host: address.host, port: address.tcpPort };
  }
  if (Buffer.byteLength(address.path) > UNIX_PATH_LIMIT_BYTES) throw new Failure('EINVAL');
  return { path: address.path };
}

export function listen(
  descriptors: Descriptors,
  { address, backlog, unlinkOnClose = true, streams = false }: Operation<'listen'>,
  reply: Reply<number>,
): void {
  const where = nodeAddress(address);
  const kept = 'path' in where && !unlinkOnClose ? KeptName.of(where.path) : null;
  const listener = new Listener(descriptors, streams, kept);
  // Never share the socket with other workers of a cluster.
  listener.start({ ...(kept ?? where), backlog, exclusive: true }, reply);
}

export function getsockname(descriptors: Descriptors, fd: number): Address {
  const resource = descriptors.get(fd);
  if (resource instanceof Listener) return resource.address;
  if (resource instanceof Exchange) throw new Failure('EBADF');
  if (resource !== undefined) throw new Failure('ENOTSOCK');
  return inheritedAddress(fd);
}

export function accept(
  descriptors: Descriptors,
  { fd }: Operation<'accept'>,
  reply: Reply<Incoming>,
): Cancel {
  return listenerAt(descriptors, fd, false).accept(reply);
}

/** @throws EBADF, ENOTSOCK; EINVAL if it takes the other of the two: requests, or streams */
export function listenerAt(descriptors: Descriptors, fd: number, streams: boolean): Listener {
  const listener = descriptors.get(fd) ?? adopt(descriptors, fd, streams);
  if (!(listener instanceof Listener)) throw new Failure('ENOTSOCK');
  if (listener.streams !== streams) throw new Failure('EINVAL');
  return listener;
}

/** An inherited listening socket is wrapped in a server at the first `accept` or `acceptStream`. */
function adopt(descriptors: Descriptors, fd: number, streams: boolean): Listener {
  if (!fs.fstatSync(fd).isSocket()) throw new Failure('ENOTSOCK');
  const listener = new Listener(descriptors, streams);
  listener.adopt(fd);
  descriptors.put(fd, listener);
  return listener;
}

/** The descriptor of the operating system, for a child to inherit. */
export function rawDescriptor(descriptors: Descriptors, fd: number): number {
  const resource = descriptors.get(fd);
  if (resource?.rawDescriptor !== undefined) return resource.rawDescriptor;
  if (resource !== undefined) throw new Failure('EBADF');
  fs.fstatSync(fd);
  return fd;
}

/** The names that a child which inherits these descriptors cannot find out itself. */
export function keptNames(descriptors: Descriptors, fds: readonly number[]): SocketNames {
  const names: Record<string, string> = {};
  for (const fd of fds) {
    const resource = descriptors.get(fd);
    if (!(resource instanceof Listener) || resource.keptName === null) continue;
    names[inodeOf(resource.rawDescriptor)] = resource.keptName;
  }
  return names;
}

export function answer(
  descriptors: Descriptors,
  { request, answer }: Operation<'answer'>,
  reply: Reply<void>,
): void {
  const exchange = descriptors.get(request);
  if (!(exchange instanceof Exchange)) throw new Failure('EBADF');
  descriptors.take(request);
  exchange.answer(answer, reply);
}

export class Listener implements Resource {
  /** It takes connections; if not, requests. */
  readonly streams: boolean;
  readonly #descriptors: Descriptors;
  readonly #server: Server;
  readonly #connections = new Set<Socket>();
  readonly #requests = new Mailbox<Incoming>();
  readonly #arrived = new Mailbox<Socket>();
  readonly #keptName: KeptName | null;

  constructor(descriptors: Descriptors, streams: boolean, keptName: KeptName | null = null) {
    this.#descriptors = descriptors;
    this.streams = streams;
    this.#keptName = keptName;
    this.#server = streams
      ? net().createServer({ allowHalfOpen: true, pauseOnConnect: true })
      : http().createServer((request, response) => this.#receive(request, response));
    this.#server.on('connection', (socket: Socket) => {
      this.#connections.add(socket);
      socket.once('close', () => this.#connections.delete(socket));
      if (!streams) return;
      socket.on('error', ignore);
      this.#arrived.put(socket);
    });
  }

  start(options: ListenOptions, reply: Reply<number>): void {
    // Not removed: an error of a later accept must not end the process.
    this.#server.on('error', (error) => {
      if (!this.#server.listening) this.#keptName?.release();
      reply.reject(error);
    });
    this.#server.listen(options, () => reply.resolve(this.#descriptors.add(this)));
  }

  adopt(fd: number): void {
    this.#server.on('error', () => {
      this.#requests.rejectAll(new Failure('EINVAL'));
      this.#arrived.rejectAll(new Failure('EINVAL'));
    });
    this.#server.listen({ fd, exclusive: true });
  }

  get address(): Address {
    const address = this.#server.address();
    // Node does not know the path of a Unix socket that was inherited.
    if (address === null) return inheritedAddress(this.rawDescriptor);
    if (typeof address === 'string') return { kind: 'unix', path: this.#keptName?.name ?? address };
    return { kind: 'tcp', host: address.address, tcpPort: address.port };
  }

  /** Node has no public way to read it. @throws EBADF if an inherited socket turned out not to listen */
  get rawDescriptor(): number {
    const { _handle: handle } = this.#server as unknown as { _handle: { fd: number } | null };
    if (handle === null) throw new Failure('EBADF');
    return handle.fd;
  }

  /** Of a Unix socket that close does not unlink; `null`: it is not such a socket. */
  get keptName(): string | null {
    return this.#keptName?.name ?? null;
  }

  accept(reply: Reply<Incoming>): Cancel {
    return this.#requests.take(reply);
  }

  /** The connection is the program's from then on: it outlasts this socket. */
  acceptStream(reply: Reply<Socket>): Cancel {
    return this.#arrived.take({
      resolve: (socket) => {
        this.#connections.delete(socket);
        reply.resolve(socket);
      },
      reject: (error) => reply.reject(error),
    });
  }

  /**
   * Also closes its connections, so that the address is free immediately. Of a Unix socket, libuv unlinks the path, even if it
   * belongs to another socket by now, unless the name is kept.
   */
  close(reply: Reply<void>): void {
    this.#requests.rejectAll(new Failure('EBADF'));
    this.#arrived.rejectAll(new Failure('EBADF'));
    this.#keptName?.release();
    this.#server.close(() => reply.resolve());
    for (const connection of this.#connections) {
      // Linux resets what has not been accepted; Node has accepted it, and can reset TCP only.
      if (this.streams && connection.remoteAddress !== undefined) connection.resetAndDestroy();
      else connection.destroy();
    }
    // Node would wait for the connections that are the program's.
    if (this.streams) setImmediate(() => reply.resolve());
  }

  #receive(request: Http.IncomingMessage, response: Http.ServerResponse): void {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('error', ignore);
    request.on('error', ignore);
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= BODY_LIMIT_BYTES) chunks.push(chunk);
      else chunks.length = 0;
    });
    request.on('end', () => {
      const exchange = new Exchange(response);
      // Not earlier: a client that is still sending would see a reset instead of the answer.
      if (size > BODY_LIMIT_BYTES) return exchange.answer(TOO_LARGE, IGNORED);
      const body = Buffer.concat(chunks).toString('utf8');
      this.#requests.put({ request: this.#descriptors.add(exchange), path: request.url ?? '/', body });
    });
  }
}

/** A request that waits for its answer. Closing it closes the connection. */
class Exchange implements Resource {
  readonly #response: Http.ServerResponse;

  constructor(response: Http.ServerResponse) {
    this.#response = response;
  }

  /** Fails with EPIPE if the client is known to be gone. Success means that the system has the answer, not that the client does. */
  answer({ status, body }: Answer, reply: Reply<void>): void {
    const response = this.#response;
    if (response.socket?.writable !== true) throw new Failure('EPIPE');
    response.once('finish', () => reply.resolve());
    response.once('close', () => reply.reject(new Failure('EPIPE')));
    const length = Buffer.byteLength(body);
    response.writeHead(status, {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Length': length,
      Connection: 'close',
    });
    response.end(body);
  }

  close(reply: Reply<void>): void {
    this.#response.destroy();
    reply.resolve();
  }
}

const TOO_LARGE: Answer = { status: 413, body: 'too large\n' };
const IGNORED: Reply<void> = { resolve: ignore, reject: ignore };
