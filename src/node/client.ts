import type { Socket } from 'node:net';
import type { Answer, Operation } from '../ports/index.ts';
import { http, net } from './builtin.ts';
import { deadline } from './clock.ts';
import { type Cancel, Failure, type Reply } from './reply.ts';
import { BODY_LIMIT_BYTES, nodeAddress } from './server.ts';

/*
 * In a turn of the event loop, timers run before input and output. So a process that was stopped (SIGSTOP) beyond its
 * deadline gets ETIMEDOUT when it continues, even if the answer has arrived.
 */

export function connect({ address, timeoutMs }: Operation<'connect'>, reply: Reply<void>): Cancel {
  const socket = net().connect(nodeAddress(address));
  return untilConnected(socket, timeoutMs, reply, () => {
    socket.destroy();
    reply.resolve();
  });
}

/** @param reply gets errors, and ETIMEDOUT @returns gives up: the socket is destroyed, as after an error */
export function untilConnected(
  socket: Socket,
  timeoutMs: number,
  reply: Pick<Reply<never>, 'reject'>,
  connected: () => void,
): Cancel {
  const end = (): void => {
    stop();
    socket.destroy();
  };
  const stop = deadline(timeoutMs, () => {
    end();
    reply.reject(new Failure('ETIMEDOUT'));
  });
  socket.once('connect', () => {
    stop();
    connected();
  });
  socket.on('error', (error) => {
    end();
    reply.reject(error);
  });
  return end;
}

/** @param onSent called when the request has been handed to the operating system */
export function request(
  operation: Operation<'request'>,
  reply: Reply<Answer>,
  onSent?: (operation: Operation<'request'>) => void,
): Cancel {
  const { path, body } = operation.request;
  const where = nodeAddress(operation.address);
  const sent = http().request({
    ...('path' in where ? { socketPath: where.path } : where),
    path,
    method: body === '' ? 'GET' : 'POST',
    agent: false,
    ...(body !== '' && { headers: { 'Content-Length': Buffer.byteLength(body) } }),
  });
  const end = (): void => {
    stop();
    sent.destroy();
  };
  const fail = (error: unknown): void => {
    end();
    reply.reject(error);
  };
  const stop = deadline(operation.timeoutMs, () => fail(new Failure('ETIMEDOUT')));
  sent.on('response', (response) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > BODY_LIMIT_BYTES) fail(new Failure('EFBIG'));
    });
    response.on('end', () => {
      stop();
      reply.resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') });
    });
    response.on('error', fail);
  });
  sent.on('error', fail);
  // Anything else that ends the connection, such as an answer that switches to another protocol.
  sent.on('close', () => fail(new Failure('ECONNRESET')));
  if (onSent !== undefined) sent.once('finish', () => onSent(operation));
  sent.end(body);
  return end;
}
