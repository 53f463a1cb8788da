import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXCUSES } from './excuses.ts';

const ROOT = path.join(import.meta.dirname, '../..');

describe('the simulated machine and this one', () => {
  it.runIf(process.platform === 'linux')(
    'give the same results to the same sequences of operations',
    { timeout: 600_000 },
    async () => {
      const { code, output } = await run(['--runs', '12', '--seed', '3']);
      expect({ code, output }).toMatchObject({ code: 0 });
      expect(output.match(/12 sequences, \d+ operations, .* 0 mismatches unexplained/g)).toHaveLength(5);
    },
  );
});

describe('the comparison', () => {
  const ids = [
    ...['unchecked paths', 'a directory in batches of 32', 'a body without content', 'an empty title'],
    ...['a reset is an end', 'a pipe without end'],
  ];

  it.runIf(process.platform === 'linux')(
    'finds machines that are wrong on purpose',
    { timeout: 600_000 },
    async () => {
      const asked = ids.flatMap((id) => ['--wrong', id]);
      const { code, output } = await run(['--runs', '200', '--seed', '1', ...asked]);
      expect({ code, output }).toMatchObject({ code: 0 });
      expect(output.match(/: found by sequence \d+/g)).toHaveLength(ids.length);
    },
  );
});

describe('docs/fidelity.md', () => {
  const rows = readFileSync(path.join(ROOT, 'docs/fidelity.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| |\|$/g, '').trim()));

  it('lists every excuse in code, and no other', () => {
    const listed = rows.filter((cells) => cells[3] === 'excused').map(([id]) => id!.replaceAll('`', ''));
    expect(listed.sort()).toEqual(EXCUSES.map(({ id }) => id).sort());
  });

  it('explains for every other row why it is not compared', () => {
    for (const cells of rows) expect(cells).toHaveLength(4);
    expect(rows.filter((cells) => cells[3] === '')).toEqual([]);
    expect(new Set(rows.map(([id]) => id)).size).toBe(rows.length);
  });

  // The first test runs the examples.
  it('has an example for every excuse, or a reason why there is none', () => {
    for (const { example } of EXCUSES) {
      expect(typeof example === 'string' ? example.length : example.steps.length).toBeGreaterThan(0);
    }
  });
});

function run(args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [path.join(ROOT, 'scripts/conformance.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}
