// Traces are read as they grow: nothing twice, and no line before it is complete.
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { TraceFolder } from '../../src/real/confined/trace-folder.ts';

const line = (atMs: number, op = 'self'): string =>
  `${JSON.stringify({ askedMs: atMs, atMs, pid: 5, op, args: {} })}\n`;

it('a trace grows, and others join it, in the order of their starts', () => {
  const directory = mkdtempSync(join(tmpdir(), 'one-survivor-traces-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const folder = new TraceFolder(directory);
  expect(folder.read()).toEqual([]);

  const path = join(directory, 'chroma-mcp.5.200.jsonl');
  writeFileSync(path, line(1) + line(2).slice(0, 9));
  expect(folder.read()).toMatchObject([
    { program: 'chroma-mcp', pid: 5, startTicks: 200, lines: [{ atMs: 1 }] },
  ]);

  appendFileSync(path, line(2).slice(9) + line(3));
  writeFileSync(join(directory, 'worker.4.100.jsonl'), line(1, 'exit'));
  writeFileSync(join(directory, 'notes.txt'), 'not a trace');
  const [worker, chroma, ...others] = folder.read();
  expect(others).toEqual([]);
  expect(worker).toMatchObject({ program: 'worker', lines: [{ op: 'exit' }] });
  expect(chroma!.lines.map(({ atMs }) => atMs)).toEqual([1, 2, 3]);
});
