import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Trace } from '../../src/node/trace.ts';
import { parseTrace, readTrace, TraceError } from '../../src/real/index.ts';

const LINE = '{"askedMs":1.5,"atMs":2,"pid":7,"op":"mark","args":{"name":"own","data":{}}}';

describe('a trace', () => {
  it('is read as it was written', () => {
    const directory = mkdtempSync(join(tmpdir(), 'one-survivor-traces-'));
    try {
      const path = join(directory, 'trace');
      expect(readTrace(path)).toEqual({ lines: [], torn: false });
      const trace = new Trace(path);
      trace.append(1, { op: 'mark', name: 'own', data: { token: 3 } }, { value: undefined });
      trace.append(Number.NaN, { op: 'exit', code: 2 }, null);
      expect(readTrace(path)).toMatchObject({
        torn: false,
        lines: [
          { askedMs: 1, pid: process.pid, op: 'mark', args: { name: 'own', data: { token: 3 } } },
          { askedMs: null, pid: process.pid, op: 'exit', args: { code: 2 } },
        ],
      });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('may end within a line, wherever', () => {
    expect(parseTrace('', 't')).toEqual({ lines: [], torn: false });
    for (let length = 1; length <= LINE.length; length++) {
      const { lines, torn } = parseTrace(`${LINE}\n${LINE.slice(0, length)}`, 't');
      expect({ lines: lines.length, torn }).toEqual({ lines: 1, torn: true });
    }
  });

  it.each([
    ['a torn line before the last', `${LINE.slice(0, 20)}\n${LINE}\n`, 't:1: not JSON'],
    ['an empty line', `${LINE}\n\n`, 't:2: not JSON'],
    ['another kind of JSON', `${LINE}\n42\n`, 't:2: not a line of a trace'],
    ['a line without a time', `${LINE.replace('"atMs":2,', '')}\n`, 't:1: not a line of a trace'],
  ])('may not have %s', (_, text, message) => {
    expect(() => parseTrace(text, 't')).toThrow(TraceError);
    expect(() => parseTrace(text, 't')).toThrow(message);
  });
});
