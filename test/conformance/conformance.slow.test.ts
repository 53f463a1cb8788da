import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXCUSES } from './excuses.ts';
import { conformance } from './run.ts';

const ROOT = path.join(import.meta.dirname, '../..');

describe('the simulated machine and this one', () => {
  it.runIf(process.platform === 'linux')(
    'give the same results to the same sequences of operations',
    { timeout: 600_000 },
    async () => {
      const { code, output } = await conformance(['--runs', '12', '--seed', '3']);
      expect({ code, output }).toMatchObject({ code: 0 });
      expect(output.match(/12 sequences, \d+ operations, .* 0 mismatches unexplained/g)).toHaveLength(5);
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
