import { OPEN, type Ports } from '../ports/index.ts';

/** Whoever puts a FIFO there does not make us wait: neither for its other end, nor for what that has to say. */
const READ = OPEN.O_RDONLY | OPEN.O_NONBLOCK;

/**
 * Reads a file that anybody may have put there.
 *
 * @param mostBytes more than any that is ours; of a longer one a single byte more is read, so that it can be told
 * @throws SystemError of open(2) or read(2); EAGAIN for a FIFO without a word
 */
export function readFound({ fs }: Pick<Ports, 'fs'>, path: string, mostBytes: number): Promise<string> {
  return fs.readFile(path, { maxBytes: mostBytes + 1, flag: READ });
}
