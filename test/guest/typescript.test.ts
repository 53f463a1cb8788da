/** TypeScript files as programs, and where places of their stacks are in the files as they were written. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeProgram } from '../../src/guest/index.ts';
import { originalPosition } from '../../src/host/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'guest-ts-'));
afterAll(() => rmSync(folder, { recursive: true }));

function filesIn(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(path.join(folder, 'f-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(root, name), text);
  return root;
}

async function ran(file: string) {
  const { run, events } = await runOnce(
    scenarioOf({ program: nodeProgram(file) }, { crashes: 'allowed', faultsForMs: 1_000 }),
  );
  const [process] = run.world.processes;
  const printed = events.flatMap(({ op, args }) => (op === 'log' ? [String(args.text)] : [])).join('\n');
  return { printed, crash: process!.crash as Error | undefined };
}

describe('TypeScript', () => {
  it('runs without its types, as ES modules and as CommonJS', async () => {
    const root = filesIn({
      'main.mts': `import { type Shape, area } from './lib.ts';
import cjs from './common.cts';
const shape: Shape = { side: 3 } as const;
console.log(area<number>(shape), cjs.value satisfies string, import.meta.filename.endsWith('main.mts'));`,
      'lib.ts': `export interface Shape { readonly side: number }
export function area<T extends number>(shape: Shape): T { return (shape.side ** 2) as T }`,
      'common.cts': `const value: string = 'common'; module.exports = { value };`,
    });
    expect((await ran(path.join(root, 'main.mts'))).printed).toBe('9 common true');
  });

  it('that is more than types is refused, by name', async () => {
    const root = filesIn({ 'enum.ts': `enum Color { Red }\nconsole.log(Color.Red);` });
    const { crash } = await ran(path.join(root, 'enum.ts'));
    expect(crash?.message).toMatch(
      /enum\.ts cannot be run without its types: .*enum.* compile such files to JavaScript first/,
    );
  });
});

describe('originalPosition', () => {
  it('has the columns from before the imports were replaced', async () => {
    const line = `export const far = (() => imported(1) + imported(2))(), last = new Error('last').stack;`;
    const root = filesIn({
      'main.mjs': `import { imported } from './lib.mjs';\n${line}\nthrow new Error(last);`,
      'lib.mjs': `export const imported = (x) => x;`,
    });
    const file = path.join(root, 'main.mjs');
    const { crash } = await ran(file);
    const [, row, column] = /main\.mjs:(\d+):(\d+)/.exec(crash!.message)!;
    expect(originalPosition(file, Number(row), Number(column))).toEqual({
      file,
      line: 2,
      column: line.indexOf('new Error') + 1,
    });
    expect(Number(column)).not.toBe(line.indexOf('new Error') + 1);
    expect(originalPosition(file, 3, 7)).toEqual({ file, line: 3, column: 7 });
  });
});
