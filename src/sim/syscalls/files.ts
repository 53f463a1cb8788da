import type { Operation } from '../../ports/index.ts';
import type { Errno } from '../base/errno.ts';
import type { Handlers } from '../kernel/handler.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { closeListener, hangUp } from '../kernel/socket-ends.ts';
import type { ParkedOperation } from '../records/process.ts';
import { isListener } from '../records/sockets.ts';
import { FILE_OPERATIONS, type FileOperation } from '../vfs/index.ts';

/** The file system carries them out itself; only `close` is also for sockets and requests. */
export const FILES = {
  ...Object.fromEntries(FILE_OPERATIONS.map((name) => [name, inFileSystem])),
  close,
} as unknown as Handlers<FileOperation>;

function inFileSystem({ fs }: Kernel, { process }: ParkedOperation, operation: Operation<FileOperation>) {
  return fs.call(process, operation);
}

function close(kernel: Kernel, { process }: ParkedOperation, { fd }: Operation<'close'>): Errno | undefined {
  const description = process.fds.get(fd);
  if (description === undefined) return hangUp(process, fd);
  process.fds.delete(fd);
  if (isListener(description)) closeListener(kernel, process, description, 'graceful');
  else kernel.fs.closeDescription(description);
  return undefined;
}
