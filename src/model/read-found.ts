import { decodeText, OPEN, type Ports } from '../ports/index.ts';

/** Non-blocking, so that a FIFO of that name cannot make us wait for a writer or for data. */
const READ = OPEN.O_RDONLY | OPEN.O_NONBLOCK;

/**
 * Reads a file that another program may have created.
 *
 * @param mostBytes the maximum for our own files; of a longer one, one more byte is read so that the caller can tell
 * @throws SystemError of open(2) or read(2); EAGAIN for an empty FIFO
 */
export function readFound({ fs }: Pick<Ports, 'fs'>, path: string, mostBytes: number): Promise<string> {
  return fs.readFile(path, { maxBytes: mostBytes + 1, flag: READ });
}

/**
 * Reads a file whose user matters. A symbolic link is not followed.
 *
 * @param mostBytes as for {@link readFound}
 * @returns its text, and the user to whom it belongs
 * @throws SystemError of open(2), fstat(2) or read(2); ELOOP for a symbolic link
 */
export async function readOwned(
  { fs }: Pick<Ports, 'fs'>,
  path: string,
  mostBytes: number,
): Promise<{ text: string; uid: number }> {
  const fd = await fs.open(path, READ | OPEN.O_NOFOLLOW);
  try {
    const { uid } = await fs.fstat(fd);
    return { text: decodeText(await fs.read(fd, mostBytes + 1)), uid };
  } finally {
    await fs.close(fd);
  }
}
