import { encodeText, hasCode, type Ports, type ProcessIdentity } from '../ports/index.ts';
import { type Claim, formatClaim, MAX_CLAIM_BYTES, parseClaim } from './claim.ts';
import { readFound } from './read-found.ts';

/** A Unix socket's path has room for 107 bytes: a short piece of the nonce must do. */
export function socketPath(directory: string, { pid, startTicks }: ProcessIdentity, nonce: string): string {
  return `${directory}/sock-${pid}-${startTicks}-${nonce.slice(0, 8)}`;
}

/** The newest generation on disk. */
export interface Head {
  /** 0 when there is none: nobody has ever owned, or the state is lost. */
  readonly generation: number;
  /** Null when there is none, or when it cannot be read as a claim. */
  readonly claim: Claim | null;
}

/** Numbers that no owner of ours reaches. Beyond them names are too long to be read, tokens too large to be counted. */
const MAX_GENERATION = 999_999_999_999;
const MAX_TOKEN = 2 ** 52;

/** Whether others can follow, and others after them. */
export function hasRoom({ generation, claim }: Head): boolean {
  return generation <= MAX_GENERATION && (claim?.token ?? 0) <= MAX_TOKEN;
}

/** Fifteen digits: the next number is still a safe integer. */
const NAME = /^gen-([1-9]\d{0,14})$/;
/** A directory of that name, a file that we may not read, a symbolic link in circles, a socket, a FIFO without a word. */
const NO_CLAIM = ['EISDIR', 'EACCES', 'ELOOP', 'ENXIO', 'EAGAIN'] as const;
/** A file that vanishes each time before it can be given its name is no accident. */
const MOST_ATTEMPTS = 5;
/** Names that say which process made them. */
const LITTER = /^(?:tmp|sock|broker)-(\d{1,10})-(\d{1,15})-[0-9a-f]+$/;

/**
 * Claims on disk, as files `gen-1`, `gen-2`, …: the one with the highest number counts, and its number is the fencing
 * token. A claim is written to a temporary file first and published by link(2), which fails if the name exists: of all
 * who want the next generation one gets it, and its content is complete the moment it is visible.
 *
 * The newest generation is never removed. So the highest number only grows, and whoever publishes a generation that had
 * been collected meanwhile finds a higher one when it looks again, see {@link isHead}.
 */
export class Generations {
  readonly #fs: Ports['fs'];
  readonly #episode: Ports['episode'];
  readonly directory: string;
  /** What was read last: a heartbeat reads the same claim over and over. */
  #text = '';
  #claim: Claim | null = null;

  constructor({ fs, episode }: Pick<Ports, 'fs' | 'episode'>, directory: string) {
    this.#fs = fs;
    this.#episode = episode;
    this.directory = directory;
  }

  head(): Promise<Head> {
    return this.#episode(async () => {
      for (;;) {
        const generation = await this.newest();
        if (generation === 0) return { generation, claim: null };
        const claim = await this.read(generation);
        if (claim !== 'gone') return { generation, claim };
      }
    });
  }

  /** 0 when there is none. */
  newest(): Promise<number> {
    return this.#episode(async () => Math.max(0, ...(await this.list())));
  }

  /** The numbers of all generations on disk, in no order. */
  async list(): Promise<number[]> {
    const names = await this.#fs.readdir(this.directory, { prefix: 'gen-' });
    return names.flatMap((name) => {
      const digits = NAME.exec(name)?.[1];
      return digits === undefined ? [] : [Number(digits)];
    });
  }

  /** Null: not readable as a claim. */
  read(generation: number): Promise<Claim | null | 'gone'> {
    return this.#episode(() => this.#read(generation));
  }

  async #read(generation: number): Promise<Claim | null | 'gone'> {
    try {
      const text = await readFound({ fs: this.#fs }, this.#path(generation), MAX_CLAIM_BYTES);
      if (text !== this.#text) [this.#text, this.#claim] = [text, parseClaim(text)];
      return this.#claim;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return (await this.#isSymlink(generation)) ? null : 'gone';
      if (NO_CLAIM.some((code) => hasCode(error, code))) return null;
      throw error;
    }
  }

  /** One that leads nowhere can be listed but not opened. */
  async #isSymlink(generation: number): Promise<boolean> {
    try {
      return (await this.#fs.lstat(this.#path(generation))).kind === 'symlink';
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return false;
      throw error;
    }
  }

  /** On the disk when it returns: a token that a power cut takes back would be granted again. False: somebody else has it. */
  publish(generation: number, claim: Claim): Promise<boolean> {
    return this.#episode(() => this.#publish(generation, claim));
  }

  async #publish(generation: number, claim: Claim): Promise<boolean> {
    const temporary = `${this.directory}/tmp-${claim.pid}-${claim.startTicks}-${claim.nonce}`;
    try {
      for (let attempt = 1; ; attempt++) {
        await this.#writeSynced(temporary, formatClaim(claim));
        try {
          await this.#fs.link(temporary, this.#path(generation));
          break;
        } catch (error) {
          if (hasCode(error, 'EEXIST')) return false;
          // Somebody who cleans up has taken it away in between.
          if (!hasCode(error, 'ENOENT') || attempt === MOST_ATTEMPTS) throw error;
        }
      }
      await this.#sync(this.directory);
      return true;
    } finally {
      await this.#remove(temporary);
    }
  }

  /** The directory itself is on the disk, and so are those above it. */
  async syncDirectories(): Promise<void> {
    for (let path = this.directory; path !== ''; ) {
      path = path.slice(0, path.lastIndexOf('/'));
      await this.#sync(path === '' ? '/' : path);
    }
  }

  /**
   * Whether a generation is the newest and bears this nonce. Looks at all names, not only at the next number: that one
   * may have been lost while a higher one is there.
   */
  isHead(generation: number, nonce: string): Promise<boolean> {
    return this.#episode(async () => {
      if ((await this.newest()) !== generation) return false;
      const claim = await this.read(generation);
      return claim !== null && claim !== 'gone' && claim.nonce === nonce;
    });
  }

  /** Removes those with a lower number. If the one of that number is lost others may have begun anew: then none. */
  removeBelow(newest: number): Promise<void> {
    return this.#episode(async () => {
      const generations = await this.list();
      if (!generations.includes(newest)) return;
      for (const generation of generations) {
        if (generation < newest) await this.remove(generation);
      }
    });
  }

  remove(generation: number): Promise<void> {
    return this.#episode(() => this.#remove(this.#path(generation)));
  }

  /** Temporary files and sockets of processes that `isGone` says are no more. */
  async removeLitter(isGone: (identity: ProcessIdentity) => Promise<boolean>): Promise<void> {
    for (const name of await this.#fs.readdir(this.directory)) {
      const [, pid, startTicks] = LITTER.exec(name) ?? [];
      if (pid === undefined || !(await isGone({ pid: Number(pid), startTicks: Number(startTicks) })))
        continue;
      await this.#remove(`${this.directory}/${name}`);
    }
  }

  async #writeSynced(path: string, text: string): Promise<void> {
    const fd = await this.#fs.open(path, 'w');
    try {
      await this.#fs.writeAll(fd, encodeText(text));
      await this.#fs.fsync(fd);
    } finally {
      await this.#fs.close(fd);
    }
  }

  async #sync(directory: string): Promise<void> {
    const fd = await this.#fs.open(directory, 'r');
    try {
      await this.#fs.fsync(fd);
    } finally {
      await this.#fs.close(fd);
    }
  }

  async #remove(path: string): Promise<void> {
    try {
      await this.#fs.unlink(path);
    } catch (error) {
      if (!hasCode(error, 'ENOENT') && !hasCode(error, 'EISDIR')) throw error;
    }
  }

  #path(generation: number): string {
    return `${this.directory}/gen-${generation}`;
  }
}
