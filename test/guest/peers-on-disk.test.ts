/**
 * What the search found in published lock packages, confirmed on a real file system: the same order of calls, with instances
 * of the package as several processes would have them. The package takes the `fs` to use as an option, so a call can be held back.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

type Release = () => Promise<void>;
interface Package {
  lock(file: string, options: object): Promise<Release>;
}

const STALE_MS = 2_000;
const require = createRequire(import.meta.url);

let directory: string;
let file: string;
/** A file, and the stale lock of a dead owner. */
beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'one-survivor-peers-'));
  file = join(directory, 'db');
  fs.writeFileSync(file, '');
  fs.mkdirSync(`${file}.lock`);
  const longAgo = new Date(Date.now() - 60_000);
  fs.utimesSync(`${file}.lock`, longAgo, longAgo);
});
afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

/** A package with memory of its own, as in a process of its own. */
function instanceOf(name: string): Package {
  const path = require.resolve(name);
  for (const key of Object.keys(require.cache))
    if (key.includes('/proper-lockfile')) delete require.cache[key];
  return require(path) as Package;
}

/** `fs` whose calls of a function wait, each until it is let go. */
class HeldBack {
  readonly fs: object;
  readonly #waiting: (() => void)[] = [];
  readonly #reached: (() => void)[] = [];

  constructor(name: 'rename' | 'rmdir') {
    const held = (...args: unknown[]): void => {
      this.#waiting.push(() => (fs[name] as (...all: unknown[]) => void)(...args));
      this.#reached.shift()?.();
    };
    this.fs = { ...fs, [name]: held };
  }

  /** Resolves when the next call is waiting. */
  reached(): Promise<void> {
    return new Promise((resolve) => {
      this.#reached.push(resolve);
    });
  }

  go(): void {
    this.#waiting.shift()!();
  }
}

const options = (differs: object = {}) => ({
  ...{ stale: STALE_MS, realpath: false, onCompromised: () => {} },
  ...differs,
});

it.each(['proper-lockfile', '@bybrave/proper-lockfile2'])(
  '%s: in turn, only the first owns',
  async (name) => {
    const release = await instanceOf(name).lock(file, options());
    await expect(instanceOf(name).lock(file, options())).rejects.toMatchObject({ code: 'ELOCKED' });
    await release();
  },
);

describe('two owners on a real file system', () => {
  it('proper-lockfile 4.1.2: the second removes the fresh lock of the first', async () => {
    const [first, second] = [0, 1].map(() => instanceOf('proper-lockfile'));
    const held = new HeldBack('rmdir');
    const about = held.reached();
    const taking = second!.lock(file, options({ fs: held.fs }));
    // It has seen that the lock is stale, and is about to remove it.
    await about;
    const release = await first!.lock(file, options());
    held.go();
    const releaseToo = await taking;
    // Both own: neither has released.
    expect([typeof release, typeof releaseToo]).toEqual(['function', 'function']);
    await release();
    const released = held.reached();
    const releasing = releaseToo().catch(() => {});
    await released;
    held.go();
    await releasing;
  });

  it('proper-lockfile2 5.0.0: a third takes the lock while the second gives back that of the first', async () => {
    const [first, second, third] = [0, 1, 2].map(() => instanceOf('@bybrave/proper-lockfile2'));
    const held = new HeldBack('rename');
    const about = held.reached();
    const taking = second!.lock(file, options({ fs: held.fs })).then(
      () => 'owns',
      (error: { code: unknown }) => error.code,
    );
    // It has seen that the lock is stale, and is about to rename it away.
    await about;
    const release = await first!.lock(file, options());
    const back = held.reached();
    held.go();
    // It has renamed the fresh lock of the first away, and is about to rename it back.
    await back;
    const releaseToo = await third!.lock(file, options());
    held.go();
    expect(await taking).toBe('ELOCKED');
    // The first and the third own: neither has released.
    expect([typeof release, typeof releaseToo]).toEqual(['function', 'function']);
    await release();
    await releaseToo();
  });
});
