/** What dash says and does otherwise than other shells. */
import type { SystemError } from '../../../ports/index.ts';

/** Of a redirection. */
export function cannotOpen(path: string, kind: 'read' | 'write' | 'append', { code }: SystemError): string {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: kind === 'read' ? 'No such file' : 'Directory nonexistent',
    EACCES: 'Permission denied',
    EISDIR: 'Is a directory',
    ENOTDIR: 'Not a directory',
  };
  return `cannot ${kind === 'read' ? 'open' : 'create'} ${path}: ${reasons[code] ?? code}`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  ...{
    '\\\\': '\\',
    '\\a': '\x07',
    '\\b': '\b',
    '\\f': '\f',
    '\\n': '\n',
    '\\r': '\r',
    '\\t': '\t',
    '\\v': '\v',
  },
};

/** What echo of dash makes of a backslash. */
export function unescaped(words: readonly string[]): string[] {
  return words.map((word) =>
    word.replace(/\\(?:[\\abfnrtv]|0[0-7]{0,3})/g, (found) => {
      return ESCAPES[found] ?? String.fromCharCode(Number.parseInt(found.slice(2) || '0', 8));
    }),
  );
}
