/** How pipes and connected sockets come about: pipe, socketpair, connect and accept. */
import fs from 'node:fs';
import type { Server, Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { Operation } from '../ports/index.ts';
import { childProcess, crypto, net } from './builtin.ts';
import { untilConnected } from './client.ts';
import type { Descriptors } from './descriptors.ts';
import { type Cancel, Failure, type Reply } from './reply.ts';
import { listenerAt, nodeAddress } from './server.ts';
import { PipeStream, SocketStream, UNNAMED } from './streams.ts';

/** mkfifo(1) makes one with a name, which is gone again at once: Node has no pipe(2). */
export function pipe(descriptors: Descriptors): { readFd: number; writeFd: number } {
  const name = temporaryName();
  const made = childProcess().spawnSync('mkfifo', ['-m', '600', name], { stdio: 'ignore' });
  if (made.error !== undefined) throw made.error;
  if (made.status !== 0) throw new Failure('EIO');
  try {
    const { O_RDONLY, O_WRONLY, O_NONBLOCK } = fs.constants;
    const readFd = fs.openSync(name, O_RDONLY | O_NONBLOCK);
    const writeFd = fs.openSync(name, O_WRONLY | O_NONBLOCK);
    descriptors.put(readFd, new PipeStream(readFd));
    descriptors.put(writeFd, new PipeStream(writeFd));
    return { readFd, writeFd };
  } finally {
    fs.unlinkSync(name);
  }
}

/** Two ends of a connection to a name that is gone again at once: Node has no socketpair(2). */
export function socketpair(descriptors: Descriptors, reply: Reply<{ fd: number; otherFd: number }>): void {
  const server: Server = net().createServer({ allowHalfOpen: true, pauseOnConnect: true });
  const name = temporaryName();
  let client: Socket;
  server.once('error', (error) => reply.reject(error));
  server.once('connection', (accepted) => {
    server.close();
    const add = (socket: Socket): number => {
      const stream = new SocketStream(socket, UNNAMED, UNNAMED);
      descriptors.put(stream.rawDescriptor, stream);
      return stream.rawDescriptor;
    };
    reply.resolve({ fd: add(client), otherFd: add(accepted) });
  });
  server.listen(name, () => {
    client = net().connect({ path: name, allowHalfOpen: true }).pause();
    client.once('error', (error) => reply.reject(error));
  });
}

export function connectStream(
  descriptors: Descriptors,
  { address, timeoutMs }: Operation<'connectStream'>,
  reply: Reply<number>,
): Cancel {
  const socket = net()
    .connect({ ...nodeAddress(address), allowHalfOpen: true })
    .pause();
  return untilConnected(socket, timeoutMs, reply, () => {
    const stream =
      address.kind === 'unix' ? new SocketStream(socket, UNNAMED, address) : new SocketStream(socket);
    descriptors.put(stream.rawDescriptor, stream);
    reply.resolve(stream.rawDescriptor);
  });
}

export function acceptStream(
  descriptors: Descriptors,
  { fd }: Operation<'acceptStream'>,
  reply: Reply<number>,
): Cancel {
  if (descriptors.get(fd) instanceof SocketStream) throw new Failure('EINVAL');
  const listener = listenerAt(descriptors, fd, true);
  return listener.acceptStream({
    resolve: (socket) => {
      const { address } = listener;
      const stream =
        address.kind === 'unix' ? new SocketStream(socket, address, UNNAMED) : new SocketStream(socket);
      descriptors.put(stream.rawDescriptor, stream);
      reply.resolve(stream.rawDescriptor);
    },
    reject: (error) => reply.reject(error),
  });
}

function temporaryName(): string {
  return path.join(os.tmpdir(), `one-survivor-${process.pid}-${crypto().randomBytes(8).toString('hex')}`);
}
