/** Files and directories that are on the disk when the promise settles. */
import { encodeText, type Ports } from '../ports/index.ts';

/** Only its user may read what we write. */
const PRIVATE = 0o600;

/** Writes a new file; a symbolic link is not followed. @throws EEXIST if there is anything with the name */
export async function writeNew(fs: Ports['fs'], path: string, text: string): Promise<void> {
  const fd = await fs.open(path, 'wx', PRIVATE);
  try {
    await fs.writeAll(fd, encodeText(text));
    await fs.fsync(fd);
  } finally {
    await fs.close(fd);
  }
}

export async function sync(fs: Ports['fs'], directory: string): Promise<void> {
  const fd = await fs.open(directory, 'r');
  try {
    await fs.fsync(fd);
  } finally {
    await fs.close(fd);
  }
}
