/** Changes of a source text that keep its lines, so that an error names the line of the file. Columns can be mapped back. */

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export class Edits {
  readonly #source: string;
  readonly #edits: Edit[] = [];

  constructor(source: string) {
    this.#source = source;
  }

  /** Replaces a part, which does not overlap with any other. `text` has as many line breaks as the part. */
  replace(start: number, end: number, text: string): void {
    this.#edits.push({ start, end, text });
  }

  insert(at: number, text: string): void {
    this.replace(at, at, text);
  }

  /** Removes a part: spaces take its place, and line breaks stay. */
  blank(start: number, end: number, first = ''): void {
    this.replace(start, end, first + blanked(this.#source.slice(start + first.length, end)));
  }

  /** The changed text, and how to map its columns. */
  apply(): { code: string; columns: ColumnMap } {
    const edits = this.#edits.sort((a, b) => a.start - b.start || a.end - b.end);
    const columns = new ColumnMap();
    let code = '';
    let at = 0;
    let line = 1;
    let lineStart = 0;
    let newLineStart = 0;
    /** Appends a text, and counts its lines. */
    const append = (text: string, sourceAt: number | null): void => {
      for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) {
        line++;
        newLineStart = code.length + i + 1;
        if (sourceAt !== null) lineStart = sourceAt + i + 1;
      }
      code += text;
    };
    for (const { start, end, text } of edits) {
      append(this.#source.slice(at, start), at);
      const sameLength = text.length === end - start;
      append(text, sameLength ? start : null);
      at = end;
      if (!sameLength) {
        lineStart = this.#source.lastIndexOf('\n', end - 1) + 1;
        columns.add(line, code.length - newLineStart + 1, end - lineStart + 1);
      }
    }
    append(this.#source.slice(at), at);
    return { code, columns };
  }
}

/** Which columns of a changed text are which of its source; both are counted from 1. */
export class ColumnMap {
  readonly #lines = new Map<number, { readonly changed: number; readonly original: number }[]>();

  /** From this column of a line on, until the next. */
  add(line: number, changed: number, original: number): void {
    const known = this.#lines.get(line);
    if (known === undefined) this.#lines.set(line, [{ changed, original }]);
    else known.push({ changed, original });
  }

  originalOf(line: number, column: number): number {
    let at = { changed: 1, original: 1 };
    for (const next of this.#lines.get(line) ?? []) {
      // Within a replaced part: its end in the source.
      if (next.changed > column) return Math.min(at.original + column - at.changed, next.original);
      at = next;
    }
    return at.original + column - at.changed;
  }
}

function blanked(text: string): string {
  return text.replace(/[^\n\r\u2028\u2029]/g, ' ');
}
