/** Text of programs and files, made safe for terminals and JSON. */
import { printable, UNSAFE } from '../ports/printable.ts';

export { printable };

/** The same, but keeps lines. */
export function escapeLines(text: string): string[] {
  return text.split(/\r?\n/).map(printable);
}

/** Replaces unsafe characters in the strings of JSON by JSON escapes, which leaves the data unchanged. */
export function escapeJson(json: string): string {
  return json.replace(UNSAFE, (unsafe) => {
    const code = unsafe.charCodeAt(0);
    // Newlines are the only unsafe characters outside strings.
    return code === 0x0a ? unsafe : `\\u${hex(code, 4)}`;
  });
}

/** JSON of any value, including those that JSON does not support. */
export function stringify(value: unknown, indent?: number): string {
  const plain = (_: string, part: unknown): unknown => (typeof part === 'bigint' ? `${part}n` : part);
  try {
    return JSON.stringify(value, plain, indent) ?? 'undefined';
  } catch (error) {
    // The value contains itself.
    return JSON.stringify({ unclear: String(error) });
  }
}

/** In double quotes, truncated to `most` characters. */
export function quote(text: string, most = 60): string {
  const characters = [...text];
  const shown = characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : text;
  return `"${printable(shown.replace(/["\\]/g, '\\$&'))}"`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
