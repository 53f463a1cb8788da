/**
 * What must never reach a terminal as it is: C0 and C1 controls (printable sequences begin with them), DEL, line and
 * paragraph separators, marks and overrides of writing direction, and what is no character at all.
 */
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Text of files, programs and people, on one line, with all that is unsafe as visible escapes. */
export function printable(text: string): string {
  return text.replace(UNSAFE, (unsafe) => {
    const code = unsafe.charCodeAt(0);
    return SHORT[unsafe] ?? (code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`);
  });
}

/** The same, but lines stay lines. */
export function escapeLines(text: string): string[] {
  return text.split(/\r?\n/).map(printable);
}

/** JSON, with all that is unsafe in its strings as JSON's own escapes: the data stays the same. */
export function escapeJson(json: string): string {
  return json.replace(UNSAFE, (unsafe) => {
    const code = unsafe.charCodeAt(0);
    // Outside strings JSON has no unsafe characters but these.
    return code === 0x0a ? unsafe : `\\u${hex(code, 4)}`;
  });
}

/** JSON of anything, also of what JSON has no form for. */
export function stringify(value: unknown, indent?: number): string {
  const plain = (_: string, part: unknown): unknown => (typeof part === 'bigint' ? `${part}n` : part);
  try {
    return JSON.stringify(value, plain, indent) ?? 'undefined';
  } catch (error) {
    // It contains itself.
    return JSON.stringify({ unclear: String(error) });
  }
}

/** In double quotes; at most so many characters of it. */
export function quote(text: string, most = 60): string {
  const characters = [...text];
  const shown = characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : text;
  return `"${printable(shown.replace(/["\\]/g, '\\$&'))}"`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
