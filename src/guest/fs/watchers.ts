/**
 * `fs.watch`, `fs.watchFile` and `fs.promises.watch`. `watchFile` looks at the file in an interval, as in Node. The machine does not report
 * changes, so `watch` looks too, once a second: what has changed since then is one event for each name.
 */
import { EventEmitter, on } from 'node:events';
import { posix } from 'node:path';
import { hasCode, type Stat } from '../../ports/index.ts';
import { type Caller, nextTick, runAsPromise, runNow, type Script } from '../script.ts';
import type { Timeout } from '../timer-handles.ts';
import type { Timers } from '../timers.ts';
import { uses } from '../uses.ts';
import { invalidType, type Options, tell, toOptions, toPath } from './arguments.ts';
import { ask } from './scripts/ask.ts';
import { entriesOf } from './scripts/directories.ts';
import { BigIntStats, Stats } from './stats.ts';

/** How often `fs.watch` looks. */
export const WATCH_EVERY_MS = 1_000;
/** Node's. */
const USUAL_INTERVAL_MS = 5_007;

type Listener = (...args: unknown[]) => void;
/** What tells whether something has changed, by name. */
type Seen = ReadonlyMap<string, string>;

/** What watchers are made from. */
export interface WatchParts {
  readonly caller: Caller;
  readonly timers: Timers;
}

export class FSWatcher extends EventEmitter {
  readonly #parts: WatchParts;
  readonly #path: string;
  readonly #options: Options;
  readonly #timer: Timeout;
  #seen: Seen;
  #isClosed = false;

  constructor(parts: WatchParts, path: string, options: Options) {
    super();
    this.#parts = parts;
    this.#path = path;
    this.#options = options;
    uses('fs.watch');
    // As in Node, what does not exist cannot be watched.
    this.#seen = runNow(parts.caller, look(path, options.recursive === true, 'watch'));
    this.#timer = parts.timers.setInterval(() => this.#look(), WATCH_EVERY_MS);
    if (options.persistent === false) this.#timer.unref();
  }

  #look(): void {
    runAsPromise(this.#parts.caller, look(this.#path, this.#options.recursive === true, 'watch')).then(
      (seen) => this.#compare(seen),
      // It was removed: Node reports this once, and then nothing.
      () => this.#compare(new Map()),
    );
  }

  #compare(now: Seen): void {
    const before = this.#seen;
    this.#seen = now;
    for (const name of new Set([...before.keys(), ...now.keys()])) {
      if (this.#isClosed) return;
      const [was, is] = [before.get(name), now.get(name)];
      if (was === is) continue;
      const event = was === undefined || is === undefined ? 'rename' : 'change';
      this.emit('change', event, tell(name, this.#options));
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#timer.close();
    nextTick(() => this.emit('close'));
  }

  ref(): this {
    this.#timer.ref();
    return this;
  }

  unref(): this {
    this.#timer.unref();
    return this;
  }
}

export function watch(parts: WatchParts, path: unknown, ...rest: unknown[]): FSWatcher {
  const listener = typeof rest[0] === 'function' ? rest[0] : rest[1];
  const options = toOptions(typeof rest[0] === 'function' ? undefined : rest[0]);
  const watcher = new FSWatcher(parts, toPath(path, 'filename'), options);
  if (typeof listener === 'function') watcher.on('change', listener as Listener);
  (options.signal as AbortSignal | undefined)?.addEventListener('abort', () => watcher.close());
  return watcher;
}

/** Events until the signal is aborted. */
export async function* watchAsync(parts: WatchParts, path: unknown, given?: unknown): AsyncGenerator {
  const options = toOptions(given);
  const { signal } = options as { signal?: AbortSignal };
  const watcher = watch(parts, path, { ...options, signal: undefined });
  try {
    for await (const [eventType, filename] of on(watcher, 'change', { ...(signal && { signal }) }))
      yield { eventType, filename };
  } finally {
    watcher.close();
  }
}

/** The files that a process watches by `watchFile`. */
export class StatWatchers {
  readonly #parts: WatchParts;
  readonly #watchers = new Map<string, StatWatcher>();

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  watchFile(path: unknown, ...rest: unknown[]): StatWatcher {
    const listener = typeof rest[0] === 'function' ? rest[0] : rest[1];
    const options = toOptions(typeof rest[0] === 'function' ? undefined : rest[0]);
    const name = toPath(path, 'filename');
    if (typeof listener !== 'function') throw invalidType('listener', 'of type function', listener);
    let watcher = this.#watchers.get(name);
    if (watcher === undefined) {
      watcher = new StatWatcher(this.#parts, name, options);
      this.#watchers.set(name, watcher);
    }
    watcher.on('change', listener as Listener);
    return watcher;
  }

  unwatchFile(path: unknown, listener?: unknown): void {
    const name = toPath(path, 'filename');
    const watcher = this.#watchers.get(name);
    if (watcher === undefined) return;
    if (typeof listener === 'function') watcher.off('change', listener as Listener);
    else watcher.removeAllListeners('change');
    if (watcher.listenerCount('change') > 0) return;
    watcher.stop();
    this.#watchers.delete(name);
  }
}

export class StatWatcher extends EventEmitter {
  readonly #parts: WatchParts;
  readonly #path: string;
  readonly #bigint: boolean;
  readonly #timer: Timeout;
  #before: Stat | null = null;

  constructor(parts: WatchParts, path: string, { interval, persistent, bigint }: Options) {
    super();
    this.#parts = parts;
    this.#path = path;
    this.#bigint = bigint === true;
    const ms = typeof interval === 'number' ? interval : USUAL_INTERVAL_MS;
    runAsPromise(parts.caller, statOrNothing(path)).then((stat) => {
      this.#before ??= stat;
      // As in Node: it says at once that there is no such file.
      if (stat.nlink === 0) this.#emit(stat, stat);
    });
    this.#timer = parts.timers.setInterval(() => this.#look(), ms);
    if (persistent === false) this.#timer.unref();
  }

  #look(): void {
    runAsPromise(this.#parts.caller, statOrNothing(this.#path)).then((now) => {
      const before = this.#before;
      this.#before = now;
      if (before !== null && markOf(before) !== markOf(now)) this.#emit(now, before);
    });
  }

  #emit(now: Stat, before: Stat): void {
    const shown = (stat: Stat): unknown => (this.#bigint ? new BigIntStats(stat) : new Stats(stat));
    this.emit('change', shown(now), shown(before));
  }

  stop(): void {
    this.#timer.close();
  }

  ref(): this {
    this.#timer.ref();
    return this;
  }

  unref(): this {
    this.#timer.unref();
    return this;
  }
}

function* look(path: string, isDeep: boolean, syscall: string): Script<Seen> {
  const top = yield* ask({ op: 'stat', path }, { syscall });
  if (top.kind !== 'directory') return new Map([[posix.basename(path), markOf(top)]]);
  const seen = new Map<string, string>();
  const pending = [''];
  for (let under = pending.pop(); under !== undefined; under = pending.pop()) {
    for (const { name, kind } of yield* entriesOf(posix.join(path, under))) {
      const below = posix.join(under, name);
      if (kind === 'directory') {
        seen.set(below, kind);
        if (isDeep) pending.push(below);
      } else seen.set(below, markOf(yield* statOrNothing(posix.join(path, below))));
    }
  }
  return seen;
}

const NOTHING: Stat = {
  ...{ kind: 'file', ino: 0, nlink: 0, uid: 0, gid: 0, mode: 0, size: 0, atimeMs: 0, mtimeMs: 0, ctimeMs: 0 },
};

function* statOrNothing(path: string): Script<Stat> {
  try {
    return yield* ask({ op: 'stat', path });
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR') || hasCode(error, 'EACCES')) return NOTHING;
    throw error;
  }
}

function markOf({ kind, ino, mode, size, mtimeMs }: Stat): string {
  return [kind, ino, mode, size, mtimeMs].join();
}
