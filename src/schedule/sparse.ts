/** The choices of a token of the format `os1`: see `token.ts`. Plain functions, so that a page in a browser can make tokens, too. */
import { fnv1a } from '../scenario/hash.ts';
import { ByteWriter } from './packed.ts';

/**
 * For each kind with choices: its number, how many choices are not 0, and for each of these the gap before it and its value.
 *
 * @param choices those of each kind, in the order of `CHOICE_KINDS`
 */
export function sparseBytes(choices: readonly (readonly number[])[]): Uint8Array {
  const bytes = new ByteWriter();
  for (const [number, own] of choices.entries()) {
    const deviations = own.reduce((count, choice) => (choice === 0 ? count : count + 1), 0);
    if (deviations === 0) continue;
    bytes.varint(number);
    bytes.varint(deviations);
    let last = -1;
    for (const [index, choice] of own.entries()) {
      if (choice === 0) continue;
      bytes.varint(index - last - 1);
      bytes.varint(choice);
      last = index;
    }
  }
  return bytes.written;
}

/** @param choices in base64url */
export function sealed(format: string, { id, hash }: { id: string; hash: string }, choices: string): string {
  const head = `${format}:${id}:${hash}:${choices}`;
  return `${head}:${fnv1a(head)}`;
}
