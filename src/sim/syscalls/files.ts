import type { Operation } from '../../ports/index.ts';
import type { Errno } from '../base/errno.ts';
import type { Handler, Handlers } from '../kernel/handler.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { closeListener, hangUp } from '../kernel/socket-ends.ts';
import { closeEnd } from '../kernel/stream-ends.ts';
import { isNullDevice } from '../records/null-device.ts';
import type { ParkedOperation } from '../records/process.ts';
import { isListener } from '../records/sockets.ts';
import { isStream } from '../records/streams.ts';
import { FILE_OPERATIONS, type FileOperation } from '../vfs/index.ts';
import { readStream, statOfStream, writeStream } from './streams.ts';

/** The file system carries them out itself; some of them are also for streams, listening sockets and requests. */
export const FILES = {
  ...Object.fromEntries(FILE_OPERATIONS.map((name) => [name, inFileSystem])),
  ...{ close, read, write, fstat },
} as unknown as Handlers<FileOperation>;

function inFileSystem({ fs }: Kernel, { process }: ParkedOperation, operation: Operation<FileOperation>) {
  return fs.call(process, operation);
}

function close(kernel: Kernel, { process }: ParkedOperation, { fd }: Operation<'close'>): Errno | undefined {
  const description = process.fds.get(fd);
  if (description === undefined) return hangUp(process, fd);
  process.fds.delete(fd);
  if (isListener(description)) closeListener(kernel, process, description, 'graceful');
  else if (isStream(description)) closeEnd(kernel, process, description);
  else kernel.fs.closeDescription(description);
  return undefined;
}

function read(
  { fs }: Kernel,
  parked: ParkedOperation,
  operation: Operation<'read'>,
): ReturnType<Handler<'read'>> {
  const description = parked.process.fds.get(operation.fd);
  if (isStream(description)) return readStream(parked, description, operation);
  return isNullDevice(description) ? '' : fs.call(parked.process, operation);
}

function write(
  { fs }: Kernel,
  parked: ParkedOperation,
  operation: Operation<'write'>,
): ReturnType<Handler<'write'>> {
  const description = parked.process.fds.get(operation.fd);
  if (isStream(description)) return writeStream(parked, description, operation);
  return isNullDevice(description) ? operation.data.length : fs.call(parked.process, operation);
}

function fstat({ fs }: Kernel, { process }: ParkedOperation, operation: Operation<'fstat'>) {
  const description = process.fds.get(operation.fd);
  if (isStream(description)) return statOfStream(process, description.type === 'pipe' ? 'fifo' : 'socket');
  return isNullDevice(description) ? statOfStream(process, 'character-device') : fs.call(process, operation);
}
