/** `node:crypto` of a process. */
import nodeCrypto from 'node:crypto';
import type { Machine } from '../ports/index.ts';
import { completed } from './not-simulated.ts';
import { immediateOf } from './script.ts';

/** Hashes are Node's; random numbers come from the machine. */
export function cryptoFor(machine: Machine, process: unknown) {
  const bytes = (size: number): Buffer => Buffer.from(immediateOf(machine).randomHex(process, size), 'hex');
  const fill = <T extends ArrayBufferView>(view: T): T => {
    bytes(view.byteLength).copy(Buffer.from(view.buffer, view.byteOffset, view.byteLength));
    return view;
  };
  const randomUUID = (): string => {
    const raw = bytes(16);
    raw[6] = (raw[6]! & 0x0f) | 0x40;
    raw[8] = (raw[8]! & 0x3f) | 0x80;
    const hex = raw.toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  };
  const { createHash, createHmac, timingSafeEqual, getHashes, getCiphers, constants } = nodeCrypto;
  const { createCipheriv, createDecipheriv, createSecretKey, createPublicKey, KeyObject } = nodeCrypto;
  const { createPrivateKey, createVerify, verify, X509Certificate, Verify, getCurves } = nodeCrypto;
  const { getCipherInfo, publicDecrypt, Hash, Hmac } = nodeCrypto;
  const subtle = completed('crypto.subtle', {
    // As hash of Node, at once: its own would answer from another thread.
    digest: async (algorithm: string | { name: string }, data: ArrayBuffer | ArrayBufferView) => {
      const name = typeof algorithm === 'string' ? algorithm : algorithm.name;
      const view = ArrayBuffer.isView(data)
        ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
        : Buffer.from(data);
      const hash = createHash(name.replace('-', '').toLowerCase()).update(view).digest();
      return hash.buffer.slice(hash.byteOffset, hash.byteOffset + hash.byteLength);
    },
  });
  const later =
    (now: (...args: never[]) => unknown) =>
    (...args: unknown[]) => {
      const done = args.pop() as (error: unknown, result?: unknown) => void;
      const result = now(...(args as never[]));
      globalThis.process.nextTick(() => done(null, result));
    };
  return {
    constants,
    createCipheriv,
    createDecipheriv,
    createHash,
    createHmac,
    createPublicKey,
    createPrivateKey,
    createVerify,
    verify,
    X509Certificate,
    Verify,
    getCurves,
    getCipherInfo,
    publicDecrypt,
    Hash,
    Hmac,
    getFips: () => 0,
    createSecretKey,
    KeyObject,
    timingSafeEqual,
    getCiphers,
    getHashes,
    hash: (algorithm: string, data: string | Buffer, encoding: 'hex' | 'buffer' = 'hex') => {
      const hash = createHash(algorithm).update(data);
      return encoding === 'buffer' ? hash.digest() : hash.digest(encoding);
    },
    scryptSync: nodeCrypto.scryptSync,
    scrypt: later(nodeCrypto.scryptSync),
    pbkdf2Sync: nodeCrypto.pbkdf2Sync,
    pbkdf2: later(nodeCrypto.pbkdf2Sync),
    hkdfSync: nodeCrypto.hkdfSync,
    hkdf: later(nodeCrypto.hkdfSync),
    randomFill: (view: ArrayBufferView, ...rest: unknown[]) => {
      const done = rest.pop() as (error: null, view: ArrayBufferView) => void;
      const [offset = 0, size = view.byteLength - (offset as number)] = rest as number[];
      fill(new Uint8Array(view.buffer, view.byteOffset + (offset as number), size as number));
      globalThis.process.nextTick(() => done(null, view));
    },
    randomBytes(size: number, callback?: (error: null, bytes: Buffer) => void) {
      const random = bytes(size);
      if (callback === undefined) return random;
      globalThis.process.nextTick(() => callback(null, random));
      return undefined;
    },
    pseudoRandomBytes: bytes,
    randomFillSync: <T extends ArrayBufferView>(view: T, offset = 0, size = view.byteLength - offset): T => {
      fill(new Uint8Array(view.buffer, view.byteOffset + offset, size));
      return view;
    },
    getRandomValues: fill,
    randomUUID,
    randomInt(min: number, ...rest: unknown[]): number | undefined {
      const done =
        typeof rest.at(-1) === 'function' ? (rest.pop() as (error: null, n: number) => void) : null;
      const [from, to] = rest.length === 0 ? [0, min] : [min, rest[0] as number];
      const drawn = from + (bytes(6).readUIntBE(0, 6) % (to - from));
      if (done === null) return drawn;
      globalThis.process.nextTick(() => done(null, drawn));
      return undefined;
    },
    webcrypto: { getRandomValues: fill, randomUUID, subtle },
    subtle,
  };
}
