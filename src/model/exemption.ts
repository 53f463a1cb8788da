/**
 * A process that contends or owns although it has inherited the mark of an owner: started again by a helper, or by what a helper has
 * started. It says so by a file in the directory that the mark names, so that it is not ended as an orphan of that owner, nor is what it
 * has started.
 */
import {
  isSystemError,
  type Ports,
  type ProcessIdentity,
  type ProcessInfo,
  type Self,
} from '../ports/index.ts';
import { inheritedBy } from './child-mark.ts';
import { lookAt } from './identity.ts';
import { namesIn, ownFile, placeOf } from './litter.ts';
import { quietly } from './quietly.ts';
import { isPrivate } from './state-directory.ts';

const PREFIX = 'exempt-';
const NAME = /^exempt-(\d{1,10}-\d{1,15})-[0-9a-f]+-([0-9a-f]{8})$/;

/** The file that says so for us. */
export class Exemption {
  readonly path: string;
  readonly #fs: Ports['fs'];

  private constructor(fs: Ports['fs'], path: string) {
    this.#fs = fs;
    this.path = path;
  }

  /**
   * `null` if we have inherited no mark. Nor is there one for the child of an owner that owns in another directory: it was marked on
   * purpose, and ends with its owner.
   *
   * @param directory ours
   * @param ppid our parent
   */
  static async declare(
    ports: Pick<Ports, 'fs' | 'process' | 'mark'>,
    directory: string,
    self: Self,
    ppid: number,
    nonce: string,
  ): Promise<Exemption | null> {
    const inherited = await inheritedBy(self.pid, ports);
    if (inherited === null || inherited.owner.pidNamespace !== self.pidNamespace) return null;
    const isElsewhere = inherited.directory !== directory;
    if (isElsewhere && inherited.owner.pid === ppid) return null;
    try {
      if (isElsewhere && !(await isPrivate(ports.fs, inherited.directory, self.uid))) return null;
      const path = ownFile(inherited.directory, 'exempt', { ...self, nonce: nonce.slice(0, 8) });
      await ports.fs.close(await ports.fs.open(path, 'wx', 0o600));
      return new Exemption(ports.fs, path);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      // We may be ended, but can contend.
      ports.mark('not-exempt', { why: error.message });
      return null;
    }
  }

  revoke(): Promise<void> {
    return quietly(() => this.#fs.unlinkIfThere(this.path));
  }
}

/** Those that have said so in a directory. */
export class Exempt {
  readonly #identities: ReadonlySet<string>;

  private constructor(identities: ReadonlySet<string>) {
    this.#identities = identities;
  }

  static async in(directory: string, self: Self, { fs }: Pick<Ports, 'fs'>): Promise<Exempt> {
    const here = placeOf(self);
    const names = await namesIn(directory, fs, PREFIX);
    return new Exempt(
      new Set(
        names.flatMap((name) => {
          const [, identity, place] = NAME.exec(name) ?? [];
          return identity !== undefined && place === here ? [identity] : [];
        }),
      ),
    );
  }

  /** Whether it is one of them, or below one. */
  async has(process: ProcessInfo, ports: Pick<Ports, 'process'>): Promise<boolean> {
    if (this.#identities.size === 0) return false;
    for (let at = process; ; ) {
      if (this.#identities.has(wordOf(at))) return true;
      const parent = at.ppid > 0 ? await lookAt(at.ppid, ports) : null;
      // A later process with the PID of the parent is not above it.
      if (parent === null || parent === 'hidden' || parent.startTicks > at.startTicks) return false;
      at = parent;
    }
  }
}

function wordOf({ pid, startTicks }: ProcessIdentity): string {
  return `${pid}-${startTicks}`;
}
