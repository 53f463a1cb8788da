import type { Bytes } from './operation.ts';

const NON_ASCII = /[^\x00-\x7f]/;
const CHUNK = 8192;

/** UTF-8. */
export function encodeText(text: string): Bytes {
  return NON_ASCII.test(text) ? bytesFrom(new TextEncoder().encode(text)) : text;
}

/** UTF-8; invalid sequences become U+FFFD, as in Node's `buffer.toString()`. */
export function decodeText(bytes: Bytes): string {
  return NON_ASCII.test(bytes)
    ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytesToArray(bytes))
    : bytes;
}

/** The same bytes as a string with one character per byte. */
export function bytesFrom(array: Uint8Array): Bytes {
  let bytes = '';
  for (let at = 0; at < array.length; at += CHUNK) {
    bytes += String.fromCharCode(...array.subarray(at, at + CHUNK));
  }
  return bytes;
}

/** The same bytes as an array. */
export function bytesToArray(bytes: Bytes): Uint8Array {
  const array = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) array[at] = bytes.charCodeAt(at);
  return array;
}
