import { decodeText, encodeText, hasCode, isSystemError, OPEN, type Ports } from '../ports/index.ts';
import {
  type Claim,
  FORMAT,
  FREED,
  formatClaim,
  formatOf,
  isClaimOf,
  MAX_CLAIM_BYTES,
  parseClaim,
} from './claim.ts';
import { type HeldClaim, holdClaim } from './held-claim.ts';
import { removeFile, temporaryPath } from './litter.ts';
import { quietly } from './quietly.ts';
import { readOwned } from './read-found.ts';
import { makeStateDirectory } from './state-directory.ts';
import { sync, writeNew } from './synced.ts';

/** The newest generation on disk. */
export interface Head {
  /** 0 if there is none: there has never been an owner, or the state is lost. */
  readonly generation: number;
  /** `null` if there is none, or if it cannot be read as a claim. */
  readonly claim: Claim | null;
  /** Set if a newer version has written it, which this one cannot read: the number of its format. */
  readonly newer?: number;
}

/** No real history reaches this number. Longer names would not be recognized, and larger tokens would not be safe integers. */
const MAX_GENERATION = 999_999_999_999;
const MAX_TOKEN = 2 ** 52;

/** Whether further generations can follow this one. */
export function hasRoom({ generation, claim }: Head): boolean {
  return generation <= MAX_GENERATION && (claim?.token ?? 0) <= MAX_TOKEN;
}

/** At most fifteen digits, so that the next number is still a safe integer. */
const NAME = /^gen-([1-9]\d{0,14})$/;
/** The errors for a directory, an unreadable file, a loop of symbolic links, a socket, and an empty FIFO of that name. */
const NO_CLAIM = ['EISDIR', 'EACCES', 'ELOOP', 'ENXIO', 'EAGAIN'] as const;
const REWRITE = OPEN.O_RDWR | OPEN.O_NONBLOCK | OPEN.O_NOFOLLOW;
/** A temporary file that vanishes this often before it is linked is not a coincidence: report the error. */
const MOST_ATTEMPTS = 5;

/**
 * Claims on disk, as files `gen-1`, `gen-2`, …: the one with the highest number is valid. A claim is written to
 * a temporary file and published by link(2), which fails if the name exists: exactly one contender gets
 * the next generation, and the file is complete the moment it is visible.
 *
 * The newest generation is never removed, so the highest number only grows. A contender that publishes a number that was
 * removed as outdated in the meantime finds a higher one when it looks again, see {@link isHead}.
 */
export class Generations {
  readonly #fs: Ports['fs'];
  readonly #summarize: Ports['summarize'];
  readonly directory: string;
  /** The text read last, because a heartbeat reads the same claim over and over. */
  #text = '';
  #claim: Claim | null = null;

  constructor({ fs, summarize }: Pick<Ports, 'fs' | 'summarize'>, directory: string) {
    this.#fs = fs;
    this.#summarize = summarize;
    this.directory = directory;
  }

  head(): Promise<Head> {
    return this.#summarize(async () => {
      for (;;) {
        const generation = await this.newest();
        if (generation === 0) return { generation, claim: null };
        const claim = await this.read(generation);
        if (claim === 'gone') continue;
        const newer = claim === null ? this.#newer() : null;
        return newer === null ? { generation, claim } : { generation, claim, newer };
      }
    });
  }

  /** 0 if there is none. */
  newest(): Promise<number> {
    return this.#summarize(async () => Math.max(0, ...(await this.list())));
  }

  /** The numbers of all generations on disk, unordered. */
  async list(): Promise<number[]> {
    const names = await this.#names('gen-');
    return names.flatMap((name) => {
      const digits = NAME.exec(name)?.[1];
      return digits === undefined ? [] : [Number(digits)];
    });
  }

  /** The format of what was read last, if it is too new. */
  #newer(): number | null {
    const format = formatOf(this.#text);
    return format !== null && format > FORMAT ? format : null;
  }

  /** None if the directory itself is lost. */
  async #names(prefix: string): Promise<string[]> {
    try {
      return await this.#fs.readdir(this.directory, { prefix });
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return [];
      throw error;
    }
  }

  /** `null` if it cannot be read as a claim. */
  read(generation: number): Promise<Claim | null | 'gone'> {
    return this.#summarize(() => this.#read(generation));
  }

  async #read(generation: number): Promise<Claim | null | 'gone'> {
    try {
      const { text, uid } = await readOwned({ fs: this.#fs }, this.#path(generation), MAX_CLAIM_BYTES);
      if (text !== this.#text) [this.#text, this.#claim] = [text, parseClaim(text)];
      // The writer of a claim cannot make us end a process of another user.
      return this.#claim?.uid === uid ? this.#claim : null;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return 'gone';
      if (NO_CLAIM.some((code) => hasCode(error, code))) {
        [this.#text, this.#claim] = ['', null];
        return null;
      }
      throw error;
    }
  }

  /**
   * @param lasts whether it is on the disk when this returns, so that no token is granted twice after a power cut. If not, it is whole
   *   or lost after one. A claim under which nothing is done may be lost: by then its process is gone.
   * @returns `false` if the generation exists
   */
  publish(generation: number, claim: Claim, { lasts = true } = {}): Promise<boolean> {
    return this.#summarize(() => this.#publish(generation, claim, lasts));
  }

  async #publish(generation: number, claim: Claim, lasts: boolean): Promise<boolean> {
    const temporary = temporaryPath(this.directory, claim);
    try {
      const published = await this.#link(temporary, generation, claim);
      if (published && lasts) await sync(this.#fs, this.directory);
      await removeFile(temporary, this.#fs);
      return published;
    } catch (error) {
      await quietly(() => removeFile(temporary, this.#fs));
      throw error;
    }
  }

  async #link(temporary: string, generation: number, claim: Claim): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      try {
        await writeNew(this.#fs, temporary, formatClaim(claim));
        await this.#fs.link(temporary, this.#path(generation));
        return true;
      } catch (error) {
        if (!isSystemError(error) || attempt === MOST_ATTEMPTS) throw error;
        const { code, syscall } = error;
        if (code === 'EEXIST' && syscall === 'link') return false;
        // Left from an attempt that failed; a link in our way is removed, not followed.
        if (code === 'EEXIST') await removeFile(temporary, this.#fs);
        // Another process has removed the temporary file in between, or the whole directory.
        else if (code !== 'ENOENT') throw error;
        else if (syscall === 'open') await makeStateDirectory(this.#fs, this.directory, claim.uid);
      }
    }
  }

  /**
   * Marks a published claim as given up, in its own file: for a disk that is full, where no further generation can be published.
   * One write, so readers see the claim as it was or as it is. Nothing happens if the file is gone, or has another nonce.
   */
  async withdraw(generation: number, nonce: string): Promise<void> {
    let fd: number;
    try {
      fd = await this.#fs.open(this.#path(generation), REWRITE);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return;
      throw error;
    }
    try {
      if (!isClaimOf(nonce, decodeText(await this.#fs.read(fd, MAX_CLAIM_BYTES)))) return;
      await this.#fs.write(fd, encodeText(FREED), 0);
      await this.#fs.fsync(fd);
    } finally {
      await this.#fs.close(fd);
    }
  }

  /** The same for every claim with this nonce: a renewal may have been published, and superseded before it was granted. */
  async withdrawAll(nonce: string): Promise<void> {
    for (const generation of await this.list()) {
      const claim = await this.read(generation);
      if (claim !== null && claim !== 'gone' && claim.nonce === nonce) await this.withdraw(generation, nonce);
    }
  }

  /**
   * Whether a generation is the newest and has this nonce. Lists all names instead of testing for the next number, which
   * may have been lost while a higher one exists.
   */
  isHead(generation: number, nonce: string): Promise<boolean> {
    return this.#summarize(async () => {
      if ((await this.newest()) !== generation) return false;
      const claim = await this.read(generation);
      return claim !== null && claim !== 'gone' && claim.nonce === nonce;
    });
  }

  /** Opens a claim that has this nonce or cannot be read, so that one step later tells whether it is still there. */
  hold(generation: number, nonce: string): Promise<HeldClaim | 'gone'> {
    return holdClaim(this.#fs, this.#path(generation), nonce);
  }

  /** Removes the generations below `newest`, unless `newest` itself is lost: others may have started again at 1. */
  removeBelow(newest: number): Promise<void> {
    return this.#summarize(async () => {
      const generations = await this.list();
      if (!generations.includes(newest)) return;
      for (const generation of generations) {
        if (generation < newest) await this.remove(generation);
      }
    });
  }

  remove(generation: number): Promise<void> {
    return this.#summarize(() => removeFile(this.#path(generation), this.#fs));
  }

  #path(generation: number): string {
    return `${this.directory}/gen-${generation}`;
  }
}
