/** A claim that is kept open: its descriptor shows whether its file still has a name, in one step, which reading it again would not be. */
import { decodeText, hasCode, OPEN, type Ports } from '../ports/index.ts';
import { MAX_CLAIM_BYTES, parseClaim } from './claim.ts';
import { quietly } from './quietly.ts';

const READ = OPEN.O_RDONLY | OPEN.O_NONBLOCK | OPEN.O_NOFOLLOW;

export interface HeldClaim {
  isThere(): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * @returns `gone` also if there is another claim by now
 * @throws SystemError of open(2) or read(2), except ENOENT
 */
export async function holdClaim(fs: Ports['fs'], path: string, nonce: string): Promise<HeldClaim | 'gone'> {
  let fd: number;
  try {
    fd = await fs.open(path, READ);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 'gone';
    throw error;
  }
  try {
    const claim = parseClaim(decodeText(await fs.read(fd, MAX_CLAIM_BYTES + 1)));
    if (claim !== null && claim.nonce !== nonce) {
      await fs.close(fd);
      return 'gone';
    }
  } catch (error) {
    await quietly(() => fs.close(fd));
    throw error;
  }
  return {
    isThere: async () => (await fs.fstat(fd)).nlink > 0,
    close: () => fs.close(fd),
  };
}
