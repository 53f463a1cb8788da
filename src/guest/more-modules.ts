/** Modules of which a process has only a part, or that need nothing of it. */

import { EventEmitter } from 'node:events';
import { Transform, type TransformCallback } from 'node:stream';
import v8 from 'node:v8';
import nodeZlib from 'node:zlib';
import { nextTick } from './script.ts';
import { uses } from './uses.ts';

type Sync = (data: unknown, options?: unknown) => Buffer;

const ZLIB_CALLS = [
  'deflate',
  'deflateRaw',
  'gzip',
  'gunzip',
  'inflate',
  'inflateRaw',
  'unzip',
  'brotliCompress',
  'brotliDecompress',
] as const;
/** By the class whose `create…` makes a stream. */
const ZLIB_STREAMS = {
  Deflate: 'deflate',
  DeflateRaw: 'deflateRaw',
  Gzip: 'gzip',
  Gunzip: 'gunzip',
  Inflate: 'inflate',
  InflateRaw: 'inflateRaw',
  Unzip: 'unzip',
  BrotliCompress: 'brotliCompress',
  BrotliDecompress: 'brotliDecompress',
} as const;

/** Threads are not simulated: what Node does on one is done at once, and its result comes in a later tick. */
export function zlibModule(): object {
  const real = nodeZlib as unknown as Record<string, unknown>;
  const own: Record<string, unknown> = { constants: nodeZlib.constants, codes: real.codes };
  if (typeof real.crc32 === 'function') own.crc32 = real.crc32;
  for (const name of ZLIB_CALLS) {
    const now = real[`${name}Sync`] as Sync;
    own[`${name}Sync`] = now;
    own[name] = (data: unknown, ...rest: unknown[]) => {
      const [options, done] = typeof rest[0] === 'function' ? [undefined, rest[0]] : rest;
      settled(() => now(data, options), done as (error: unknown, result?: Buffer) => void);
    };
  }
  for (const [name, call] of Object.entries(ZLIB_STREAMS)) {
    const now = real[`${call}Sync`] as Sync;
    own[`create${name}`] = (options?: unknown) => {
      uses('streams of zlib');
      return new Whole((data) => now(data, options));
    };
  }
  return own;
}

function settled(work: () => Buffer, done: (error: unknown, result?: Buffer) => void): void {
  let result: Buffer | undefined;
  let failure: unknown = null;
  try {
    result = work();
  } catch (error) {
    failure = error;
  }
  nextTick(() => (failure === null ? done(null, result) : done(failure)));
}

/** A stream that does its work when its input has ended. */
class Whole extends Transform {
  readonly #work: (data: Buffer) => Buffer;
  readonly #chunks: Buffer[] = [];

  constructor(work: (data: Buffer) => Buffer) {
    super();
    this.#work = work;
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.#chunks.push(chunk);
    done();
  }

  override _flush(done: TransformCallback): void {
    try {
      done(null, this.#work(Buffer.concat(this.#chunks)));
    } catch (error) {
      done(error as Error);
    }
  }
}

export function workerThreadsModule(): object {
  return {
    isMainThread: true,
    parentPort: null,
    workerData: null,
    threadId: 0,
    resourceLimits: {},
    SHARE_ENV: Symbol.for('nodejs.worker_threads.SHARE_ENV'),
    getEnvironmentData: () => undefined,
    setEnvironmentData: () => {},
    markAsUntransferable: () => {},
  };
}

export function clusterModule(): object {
  const cluster = new EventEmitter();
  const settings = {};
  return Object.assign(cluster, {
    isPrimary: true,
    isMaster: true,
    isWorker: false,
    workers: {},
    settings,
    schedulingPolicy: 2,
    SCHED_NONE: 1,
    SCHED_RR: 2,
  });
}

export function v8Module(): object {
  const { serialize, deserialize } = v8;
  const statistics = {
    ...{
      total_heap_size: 1e7,
      total_heap_size_executable: 0,
      total_physical_size: 1e7,
      total_available_size: 4e9,
    },
    ...{ used_heap_size: 5e6, heap_size_limit: 4e9, malloced_memory: 1e5, peak_malloced_memory: 2e5 },
    ...{ does_zap_garbage: 0, number_of_native_contexts: 1, number_of_detached_contexts: 0 },
  };
  return {
    serialize,
    deserialize,
    setFlagsFromString: () => {},
    cachedDataVersionTag: () => 0,
    getHeapStatistics: () => ({ ...statistics }),
    getHeapSpaceStatistics: () => [],
  };
}

export function ttyModule(): object {
  return { isatty: () => false };
}

export function inspectorModule(): object {
  return { url: () => undefined, close: () => {}, console: undefined };
}
